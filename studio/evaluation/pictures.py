"""Draw many prompts in batches, each with its own seed."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from studio.config import SampleConfig
from studio.models.loading import Bundle
from studio.models.sampler import Steering, decode, draw_latents, initial_latents
from studio.models.text import encode

SMALL_PX = 256  # longest side of a small picture
AT_ONCE_SMALL, AT_ONCE_LARGE = 16, 4
AT_ONCE_SMALL_GPU = 64  # so few that they do not fill it, and calling it costs more than its work


def at_once(bundle: Bundle) -> int:
    """How many pictures of a model are drawn at once; more are no faster, or need much memory."""
    if bundle.size_px > SMALL_PX:
        return AT_ONCE_LARGE
    return AT_ONCE_SMALL_GPU if bundle.device.type == "cuda" else AT_ONCE_SMALL


@torch.no_grad()
def draw_all(
    bundle: Bundle,
    prompts: Sequence[str],
    seeds: Sequence[int],
    sample: SampleConfig,
    *,
    steering: Steering | None = None,
    batch: int = AT_ONCE_SMALL,
    on_step: Callable[[], None] = lambda: None,
    cut: bool = False,
) -> Iterator[Tensor]:
    """Pictures of all prompts in order, in parts.

    Args:
        bundle: the model, with whatever adapter is on.
        prompts, seeds: of equal length; one picture each.
        steering: a guidance made ready, if one is to act.
        batch: pictures drawn at once.
        on_step: called before each sampler step; may raise to end the drawing.
        cut: draw the start of a prompt that is too long, as the stock pipeline does.

    Yields:
        (B, 3, H, W), -1..1, B at most `batch`; NaN all over where one is not finite: no picture.
    """
    null = encode(bundle, [""])
    for start in range(0, len(prompts), batch):
        stop = start + batch
        states = encode(bundle, list(prompts[start:stop]), cut=cut)
        latents = draw_latents(
            bundle,
            states,
            null.expand(len(states), -1, -1),
            initial_latents(bundle, list(seeds[start:stop])),
            steps=sample.steps,
            guidance_scale=sample.guidance,
            sampler=sample.sampler,
            steering=steering,
            on_step=lambda number, z: on_step(),
        )
        yield decode(bundle, latents)
