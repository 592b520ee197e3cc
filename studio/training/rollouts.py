"""Noisy latents drawn by the model itself: one rollout gives latents of many levels.

One teacher rollout visits every noise level on its way, so keeping N of them costs 2 S / N denoiser
samples a latent instead of S. See docs/decisions/0002.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.models.loading import Bundle
from studio.models.sampler import draw_latents, fresh_scheduler

Pick = Callable[[int, int], list[int]]


@dataclass(frozen=True)
class Latent:
    """A noisy latent that sits exactly at timestep t, and which text drew it."""

    z: Tensor
    t: int
    text: int


def pick_levels(distribution: str, generator: torch.Generator) -> Callable[[int, int], list[int]]:
    """A chooser of `count` of `steps` levels, stratified; 0 is pure noise.

    Args:
        distribution: "uniform", or "beta" for Beta(3, 3), the middle of the way (HFI).
    """

    def pick(steps: int, count: int) -> list[int]:
        places = (torch.arange(count) + torch.rand(count, generator=generator)) / count
        if distribution == "beta":
            grid = torch.linspace(0, 1, 1001)
            weight = (grid * (1 - grid)) ** 2
            rising = weight.cumsum(0) / weight.sum()
            places = torch.searchsorted(rising, places).float() / 1001
        return [min(steps - 1, int(place * steps)) for place in places]

    return pick


def rollout(
    bundle: Bundle,
    states: Tensor,
    null: Tensor,
    texts: Sequence[int],
    *,
    steps: int,
    guidance: float,
    levels: int,
    pick: Pick,
    generator: torch.Generator,
    on_step: Callable[[], None] = lambda: None,
) -> list[Latent]:
    """Draw from noise through the adapter in view, keeping some levels of each row.

    Args:
        states: (B, 77, D), one row a rollout. null: (B, 77, D). texts: their B numbers.
        steps, guidance: of the sampler. levels: latents kept of each row.
        on_step: called before each sampler step; may raise to end the drawing.

    Returns:
        B * levels latents; each z is what stood before the step at its own t.
    """
    shape = (len(states), *bundle.latent_shape)
    noise = torch.randn(shape, generator=generator).to(bundle.device)
    wanted = [pick(steps, levels) for _ in range(len(states))]
    timesteps = fresh_scheduler(bundle, steps).timesteps.tolist()
    kept: list[Latent] = []

    def keep(number: int, z: Tensor) -> None:
        on_step()
        for row, chosen in enumerate(wanted):
            for _ in range(chosen.count(number)):
                kept.append(Latent(z[row].clone(), timesteps[number], texts[row]))

    draw_latents(bundle, states, null, noise, steps=steps, guidance_scale=guidance, on_step=keep)
    return kept


class Stream:
    """Latents for ever: each text in turn, each round shuffled.

    Args:
        draw: gives the latents of rollouts with these texts.
        texts: how many there are. rows: rollouts drawn at once.

    Attributes:
        turn: rollouts begun so far.
        left: latents drawn and not given yet, in order.
    """

    def __init__(
        self,
        draw: Callable[[list[int]], list[Latent]],
        texts: int,
        rows: int,
        generator: torch.Generator,
    ) -> None:
        self._draw, self._texts, self._rows = draw, texts, rows
        self._generator = generator
        self.turn = 0
        self.left: tuple[Latent, ...] = ()

    def __iter__(self) -> Iterator[Latent]:
        return self

    def __next__(self) -> Latent:
        if not self.left:
            chosen = [(self.turn + row) % self._texts for row in range(self._rows)]
            found = self._draw(chosen)
            order = torch.randperm(len(found), generator=self._generator).tolist()
            self.turn += self._rows
            self.left = tuple(found[place] for place in order)
        first, *rest = self.left
        self.left = tuple(rest)
        return first
