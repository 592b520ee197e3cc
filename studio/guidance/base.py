"""What every guidance is: settings, and a rule that makes one prediction out of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.config import Frozen, Text

if TYPE_CHECKING:
    from torch import Tensor

    # (e_0, e_p, e_s of each concept, share, scale, momentum, config) -> (guess, momentum)
    Steer = Callable[
        [Tensor, Tensor, Sequence[Tensor], float, float, Tensor | None, Any],
        tuple[Tensor, Tensor | None],
    ]


class GuidanceConfig(Frozen):
    """Settings of one guidance; each guidance file extends this."""

    @property
    def one_text(self) -> bool:
        """Whether all concepts are one text, with commas, as every published study has it."""
        return True


@dataclass(frozen=True)
class Guidance:
    """A way to hold concepts down while drawing; the weights stay as they are.

    `steer(e_0, e_p, e_s, share, scale, momentum, config)` is pure; what lasts between steps is
    handed in and back. e_0, e_p and each of e_s are predictions (B, C, h, w) in single precision
    for the empty prompt, the prompt and the concepts; `share` is how much of the drawing lies
    behind, 0 at the first step; `scale` is that of classifier-free guidance.
    """

    name: str
    title: str
    about: Text
    paper: str
    config: type[GuidanceConfig]
    steer: Steer
    replaces_null: bool = False  # the concept's text stands where the empty prompt stood
