"""One denoising loop for everybody, with classifier-free guidance or another rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from studio.config import Sampler
from studio.errors import StudioError
from studio.models.finite import LOOK_FOR, broken_model, finite_rows, only_whole
from studio.models.loading import Bundle
from studio.models.schedulers import scheduler_for
from studio.models.text import unpack

OnStep = Callable[[int, Tensor], None]
# (e_0, e_p, e_s of each concept, share of the drawing done, scale, momentum) -> (guess, momentum)
Rule = Callable[
    [Tensor, Tensor, Sequence[Tensor], float, float, Tensor | None], tuple[Tensor, Tensor | None]
]


@dataclass(frozen=True)
class Steering:
    """A guidance made ready for a model.

    Attributes:
        rule: makes one prediction out of several; see `studio.guidance.base.Guidance`.
        null: (1, 77, D) states that stand where the empty prompt stood; None leaves it.
        concepts: (1, 77, D) states of each concept that is held down.
    """

    rule: Rule
    null: Tensor | None = None
    concepts: tuple[Tensor, ...] = ()


def initial_latents(bundle: Bundle, seeds: Sequence[int]) -> Tensor:
    """Pure noise, one latent a seed; what the stock pipeline draws for the same seed.

    Returns:
        (B, C, H/8, W/8), on the model's device.
    """
    shape = bundle.latent_shape
    rows = [torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return torch.stack(rows).to(bundle.device)


def predict(bundle: Bundle, z: Tensor, t: Tensor, states: Tensor) -> Tensor:
    """The denoiser's answer in single precision, whatever precision its weights have.

    Args:
        z: (B, C, h, w). t: scalar or (B,) timesteps. states: see `encode`.
    """
    words, more = unpack(bundle, states)
    found: Tensor = bundle.unet(
        z.to(bundle.dtype), t, encoder_hidden_states=words, added_cond_kwargs=more
    ).sample
    return found.float()


@torch.no_grad()
def must_predict(bundle: Bundle, states: Tensor) -> None:
    """Ask the denoiser once about each text, at half of all noise.

    Args:
        states: see `encode`.

    Raises:
        StudioError: an answer is not finite; the model or one of its words is broken.
    """
    t = torch.tensor(bundle.scheduler.config.num_train_timesteps // 2, device=bundle.device)
    for row in states:
        guess = predict(bundle, initial_latents(bundle, [0]), t, row[None])
        if not all(finite_rows(guess)):
            raise broken_model(bundle.card.title.en)


def guided(
    bundle: Bundle, z: Tensor, t: Tensor, states: Tensor, null: Tensor, scale: float
) -> Tensor:
    """Classifier-free guided prediction: e_0 + s (e_c - e_0); at scale 1 just e_c.

    Args:
        z: (B, C, h, w). t: scalar or (B,) timesteps. states, null: (B, 77, D).
    """
    if scale == 1:
        return predict(bundle, z, t, states)
    e_0, e_c = predict(
        bundle,
        torch.cat([z, z]),
        torch.cat([t, t]) if t.ndim else t,
        torch.cat([null, states]),
    ).chunk(2)
    return e_0 + scale * (e_c - e_0)


def _branches(
    bundle: Bundle, z: Tensor, t: Tensor, states: Tensor, null: Tensor, steering: Steering
) -> tuple[Tensor, ...]:
    texts = [null if steering.null is None else steering.null, states, *steering.concepts]
    rows = torch.cat([text.expand(len(z), -1, -1) for text in texts])
    return predict(bundle, torch.cat([z] * len(texts)), t, rows).chunk(len(texts))


def fresh_scheduler(bundle: Bundle, steps: int, sampler: Sampler = "ddim") -> Any:
    """A scheduler of this model with its timesteps set; see `scheduler_for`."""
    return scheduler_for(bundle.scheduler, sampler, steps, bundle.device)


@torch.no_grad()
def draw_latents(
    bundle: Bundle,
    states: Tensor,
    null: Tensor,
    latents: Tensor,
    *,
    steps: int,
    guidance_scale: float,
    sampler: Sampler = "ddim",
    steering: Steering | None = None,
    on_step: OnStep | None = None,
) -> Tensor:
    """Denoise with one of the deterministic samplers.

    Args:
        states: (B, 77, D) of the prompts. null: (B, 77, D) of the empty prompt.
        latents: (B, C, h, w), pure noise.
        steps: of the sampler. guidance_scale: 1 leaves the empty prompt out.
        sampler: see `studio.models.schedulers`.
        steering: replaces classifier-free guidance; needs a scale above 1.
        on_step: called before each step with its number and the latents that sit at its level.

    Returns:
        Clean latents, (B, C, h, w).
    """
    scheduler = fresh_scheduler(bundle, steps, sampler)
    z = latents * scheduler.init_noise_sigma
    momentum: Tensor | None = None
    for number, t in enumerate(scheduler.timesteps):
        if on_step is not None:
            on_step(number, z)
        seen = scheduler.scale_model_input(z, t)
        if steering is None:
            guess = guided(bundle, seen, t, states, null, guidance_scale)
        else:
            e_0, e_p, *e_s = _branches(bundle, seen, t, states, null, steering)
            share = number / len(scheduler.timesteps)
            guess, momentum = steering.rule(e_0, e_p, e_s, share, guidance_scale, momentum)
        z = scheduler.step(guess, t, z).prev_sample
    return z


@torch.no_grad()
def decode(bundle: Bundle, latents: Tensor) -> Tensor:
    """Latents -> pictures (B, 3, H, W), float in -1..1, on the CPU.

    One that is not finite is NaN all over. Half precision can overflow in the decoder, that of SDXL
    is known for it: such pictures are decoded again in single precision.
    """
    scaled = latents / bundle.vae.config.scaling_factor
    own = bundle.vae.dtype
    pictures = bundle.vae.decode(scaled.to(own)).sample.float()
    overflowed = [
        whole and not decoded
        for whole, decoded in zip(finite_rows(latents), finite_rows(pictures), strict=True)
    ]
    if own != torch.float32 and any(overflowed):
        bundle.vae.to(torch.float32)
        try:
            pictures[overflowed] = bundle.vae.decode(scaled[overflowed].float()).sample
        finally:
            bundle.vae.to(own)
    return only_whole(pictures, latents).clamp(-1, 1).cpu()


def to_pil(pictures: Tensor) -> list[Image.Image]:
    """(B, 3, H, W) in -1..1 -> pictures.

    Raises:
        StudioError: one is not finite; it would become a black picture.
    """
    broken = finite_rows(pictures).count(False)
    if broken:
        raise StudioError(
            f"{broken} of {len(pictures)} pictures came out as no numbers (NaN).", LOOK_FOR
        )
    pixels = ((pictures + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    return [Image.fromarray(row) for row in pixels]
