"""What a denoiser answers with, noise or v, measured by one look at a picture that is known.

A denoiser that is read the wrong way draws nothing but noise, and nothing else says so. The two
answers point in very different directions:

    z = a x + s n; noise: n; v: a n - s x     (Salimans and Ho, 2022, arXiv:2202.00512)
"""

import numpy as np
import torch
from diffusers import DDIMScheduler
from PIL import Image, ImageDraw
from torch import Tensor

from studio.config import Prediction
from studio.errors import StudioError
from studio.models.loading import Bundle
from studio.models.sampler import predict
from studio.models.text import encode

SHARES = (0.5, 0.2)  # a^2 of the levels that are looked at
SIDE_PX = 256  # at most; noise looks alike at every size
SURE, APART = 0.7, 0.25  # cosines of noise-like answers of trained models are .9 and more


def must_predict(bundle: Bundle, *, guessed: bool = False) -> None:
    """Refuse a model whose denoiser plainly answers with something else than what it says.

    Args:
        guessed: nobody said what it answers with; what is measured is taken.

    Raises:
        StudioError: says what to set.
    """
    said, seen = bundle.scheduler.config.prediction_type, measured(bundle)
    if seen is None or seen == said:
        return
    if guessed:
        levels = {**bundle.scheduler.config, "prediction_type": seen}
        bundle.scheduler = DDIMScheduler.from_config(levels)
        return
    raise StudioError(
        f"The denoiser of {bundle.card.source} answers with {seen}, but its settings say {said}; "
        "every picture would be noise.",
        f"Write prediction_type: {seen} into its model card or into scheduler_config.json, or give "
        f"--prediction-type {seen} with --model.",
    )


def measured(bundle: Bundle) -> Prediction | None:
    """What the denoiser answers with; None where neither is plain, as before any training."""
    noise, v = likeness(bundle)
    if max(noise, v) < SURE or abs(noise - v) < APART:
        return None
    return "epsilon" if noise > v else "v_prediction"


@torch.no_grad()
def likeness(bundle: Bundle) -> tuple[float, float]:
    """Cosines of the denoiser's answer with the noise and with v, means over the levels."""
    x = _latent(bundle)
    levels = bundle.scheduler.alphas_cumprod
    times = torch.tensor([int((levels - share).abs().argmin()) for share in SHARES])
    z_shape = (len(SHARES), *x.shape[1:])
    n = torch.randn(z_shape, generator=torch.Generator().manual_seed(0)).to(x)
    a, s = (share.sqrt()[:, None, None, None].to(x) for share in (levels[times], 1 - levels[times]))
    states = encode(bundle, [""]).expand(len(SHARES), -1, -1)
    answer = predict(bundle, a * x + s * n, times.to(bundle.device), states)
    return _cosine(answer, n), _cosine(answer, a * n - s * x)


def _latent(bundle: Bundle) -> Tensor:
    """The latent of a plain picture: a ball before a shaded ground; (1, C, h, w)."""
    side = max(bundle.vae_scale, min(bundle.size_px, SIDE_PX) // 8 * 8)
    shade = np.linspace(40, 220, side, dtype=np.uint8)
    ground = np.stack(np.broadcast_arrays(shade[:, None], shade[None], np.uint8(130)), -1)
    image = Image.fromarray(np.ascontiguousarray(ground))
    ImageDraw.Draw(image).ellipse([side // 4, side // 4, side * 3 // 4, side * 3 // 4], "firebrick")
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1
    latent = bundle.vae.encode(pixels.to(bundle.device, bundle.vae.dtype)).latent_dist.mean
    return latent.float() * float(bundle.vae.config.scaling_factor)


def _cosine(one: Tensor, other: Tensor) -> float:
    rows = torch.nn.functional.cosine_similarity(one.flatten(1), other.flatten(1))
    return float(rows.mean().nan_to_num())
