"""The moving average of an adapter, exact because A stands still.

(1 - m) B A + m B' A = ((1 - m) B + m B') A: with A frozen and shared, averaging B averages the
product. Averaging A and B apart does not. Full weights have no A; theirs is the plain average. See
docs/decisions/0003.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def decay_at(step: int, decay: float) -> float:
    """The decay after `step` updates: rises from 0.18 to `decay`, so that short runs catch up."""
    return min(decay, (1 + step) / (10 + step))


@torch.no_grad()
def follow(teacher: Sequence[Tensor], student: Sequence[Tensor], decay: float) -> None:
    """teacher <- decay * teacher + (1 - decay) * student, in place, single precision."""
    for slow, fast in zip(teacher, student, strict=True):
        slow.lerp_(fast, 1 - decay)
