"""Latents as the denoiser leaves them: training pictures, noised part of the way and drawn again.

The decoder learns from them to draw clean edges from latents that are slightly wrong in the way
the denoiser is wrong, which plain noise does not imitate.
"""

from collections.abc import Iterator

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from studio.config import SampleConfig
from studio.iconworld.narrator import Narrate
from studio.iconworld.unet import new_scheduler

LEAST, MOST = 4, 11  # DDIM steps that are drawn again; with more, things no longer stay in place


@torch.no_grad()
def redraw(
    unet: UNet2DConditionModel,
    cached: Tensor,
    narrate: Narrate,
    null: Tensor,
    sample: SampleConfig,
    count: int,
    batch: int = 32,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Places in `cached` and their latents drawn again; (batch,) int64, (batch, 4, 16, 16).

    SDEdit (Meng et al., 2021, arXiv:2108.01073) with deterministic DDIM and guidance: noise to the
    level of one of the last `LEAST` to `MOST` steps, then draw with a caption.

    Args:
        cached: latents of training pictures (N, 4, 16, 16).
        narrate: text states of captions of these.
        null: (77, width) states of the empty prompt.
        sample: steps and guidance with which the model draws.
    """
    rng = torch.Generator().manual_seed(5)
    scheduler = new_scheduler()
    scheduler.set_timesteps(sample.steps)
    teller = np.random.default_rng(5)
    empty = null.float().expand(batch, -1, -1)
    for _ in range(count // batch):
        rows = torch.randint(len(cached), (batch,), generator=rng)
        words = torch.cat([empty, narrate(rows, teller)])
        steps = scheduler.timesteps[-int(torch.randint(LEAST, MOST + 1, (), generator=rng)) :]
        noise = torch.randn(batch, *cached.shape[1:], generator=rng)
        latents = scheduler.add_noise(cached[rows].float(), noise, steps[:1])
        for t in steps:
            with torch.autocast("cpu", torch.bfloat16):
                guess = unet(torch.cat([latents, latents]), t, encoder_hidden_states=words).sample
            plain, guided = guess.float().chunk(2)
            guess = plain + sample.guidance * (guided - plain)
            latents = scheduler.step(guess, t, latents).prev_sample
        yield rows, latents
