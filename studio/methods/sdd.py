"""SDD: self-distillation towards the model's own picture of nothing.

Source: Kim et al., 2023, "Towards Safe Self-Distillation of Internet-Scale Text-to-Image Diffusion
Models", arXiv:2307.05977. Where paper, README and code disagree: docs/decisions/0002.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from studio.config import Layers, Text
from studio.methods.base import Method
from studio.methods.concept import ConceptConfig, View, distance

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.shapes import ConceptBatch, Denoiser


class SddConfig(ConceptConfig):
    """Settings of SDD alone; steps, rate and rank live in `TrainConfig`."""

    null_from: Literal["student", "base"] = Field(
        "student", description="Whose empty-prompt prediction is the target."
    )
    layers: Literal["cross", "self", "both"] = Field(
        "cross", description="Attention layers that get an adapter."
    )
    ema_decay: float = Field(0.99, ge=0, lt=1, description="Decay of the teacher's average.")
    ema_warm_up: bool = Field(
        True, description="The average forgets faster at first, so that short runs catch up."
    )
    save: Literal["teacher", "student"] = Field(
        "teacher", description="Which of the two becomes the adapter."
    )

    @property
    def adapted(self) -> Layers:
        """See `ConceptConfig`."""
        return self.layers

    @property
    def drawn_by(self) -> View:
        """The teacher draws, as published."""
        return "teacher"

    @property
    def saved(self) -> View:
        """See `ConceptConfig`."""
        return self.save

    @property
    def teacher_decay(self) -> float:
        """See `ConceptConfig`."""
        return self.ema_decay

    @property
    def decay_rises(self) -> bool:
        """See `ConceptConfig`."""
        return self.ema_warm_up


def sdd_loss(student: Denoiser, base: Denoiser, batch: ConceptBatch, cfg: SddConfig) -> Tensor:
    """Distance of the concept's prediction from the prediction for no text at all.

        L = mean || s(z, t, c) - sg[n(z, t, 0)] ||^2, and what is kept: see `distance`
        s the student; n the student (paper) or the base; 0 the empty prompt

    Args:
        student: denoiser through the student adapter; the only part that gets gradients.
        base: the untouched denoiser.
        batch: see `ConceptBatch`.
        cfg: `null_from` and `keep_weight`.

    Returns:
        Scalar, fp32, >= 0; 0 when the concept already means nothing.
    """
    import torch

    null = student if cfg.null_from == "student" else base
    with torch.no_grad():
        target = null(batch.z, batch.t, batch.null).float()
    return distance(student, base, batch, target, cfg.keep_weight)


METHOD = Method(
    "sdd",
    "SDD",
    Text(
        en="Self-distillation (SDD): needs names only, no pictures. Start here.",
        zh="自蒸馏 (SDD)：只需要名字，不需要图片。建议先用它。",
    ),
    "arXiv:2307.05977",
    SddConfig,
    sdd_loss,
)
