"""Pictures -> the latents that the denoiser knows."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from studio.models.finite import broken_model, finite_rows
from studio.models.loading import Bundle


@torch.no_grad()
def latents_of(bundle: Bundle, images: Sequence[Image.Image], *, flip: bool = False) -> Tensor:
    """The mean latent of each picture, cut square and brought to the model's size.

    Args:
        images: RGB, any size. flip: mirror them.

    Returns:
        (N, C, h, w), single precision, scaled as the denoiser wants them.
    """
    found = []
    for image in images:
        square = _square(image, bundle.size_px)
        pixels = torch.from_numpy(np.array(square)).permute(2, 0, 1).float() / 127.5 - 1
        turned = (pixels.flip(2) if flip else pixels)[None].to(bundle.device, bundle.vae.dtype)
        latent = _encoded(bundle, turned)
        found.append(latent * bundle.vae.config.scaling_factor)
    return torch.cat(found)


def _encoded(bundle: Bundle, pixels: Tensor) -> Tensor:
    """Single precision where half overflows.

    Raises:
        StudioError: it is not finite even so.
    """
    own = bundle.vae.dtype
    latent: Tensor = bundle.vae.encode(pixels).latent_dist.mean.float()
    if own != torch.float32 and not all(finite_rows(latent)):
        bundle.vae.to(torch.float32)
        try:
            latent = bundle.vae.encode(pixels.float()).latent_dist.mean
        finally:
            bundle.vae.to(own)
    if not all(finite_rows(latent)):
        raise broken_model(bundle.card.title.en)
    return latent


def _square(image: Image.Image, side: int) -> Image.Image:
    """The middle of a picture, `side` x `side`; the same for both of a pair."""
    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    cut = image.crop((left, top, left + short, top + short))
    return cut.resize((side, side), Image.Resampling.LANCZOS)
