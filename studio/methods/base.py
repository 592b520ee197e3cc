"""What every method is: a name, a config and a loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.config import MethodConfig, Text

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.shapes import Denoiser

    # (student, base, ConceptBatch or ImageBatch, config) -> scalar
    Loss = Callable[[Denoiser, Denoiser, Any, Any], Tensor]


@dataclass(frozen=True)
class Method:
    """A way to change weights.

    `loss(student, base, batch, config)` gives a scalar; `student` alone gets gradients.
    """

    name: str
    title: str
    about: Text
    paper: str
    config: type[MethodConfig]
    loss: Loss
