"""SDD: self-distillation towards the model's own picture of nothing.

Source: Kim et al., 2023, "Towards Safe Self-Distillation of Internet-Scale Text-to-Image Diffusion
Models", arXiv:2307.05977. Where paper, README and code disagree: docs/decisions/0002.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from studio.config import MethodConfig, Text
from studio.methods.base import Method

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.shapes import ConceptBatch, Denoiser


class SddConfig(MethodConfig):
    """Settings of SDD alone; steps, rate and rank live in `TrainConfig`."""

    null_from: Literal["student", "base"] = Field(
        "student", description="Whose empty-prompt prediction is the target."
    )
    keep_weight: float = Field(
        1.0, ge=0, description="Weight of the kept prompts; 0 is SDD as published."
    )
    layers: Literal["cross", "self", "both"] = Field(
        "cross", description="Attention layers that get an adapter."
    )
    use_synonyms: bool = Field(True, description="Remove the other names of a concept too.")
    templates: tuple[str, ...] = Field(
        ("{}",), min_length=1, description="Sentences around each concept; {} is its place."
    )
    keep_templates: tuple[str, ...] = Field(
        ("{}",), min_length=1, description="Sentences around each kept phrase; {} is its place."
    )
    sample_guidance: float = Field(
        3.0, ge=1, le=50, description="Guidance with which the teacher draws latents."
    )
    rollout_steps: int = Field(20, ge=2, le=1000, description="Sampler steps of one rollout.")
    rollouts: int = Field(8, ge=1, le=256, description="Rollouts drawn at once.")
    levels: int = Field(8, ge=1, le=1000, description="Noise levels kept of each rollout.")
    level_distribution: Literal["uniform", "beta"] = Field(
        "uniform", description="Which levels are kept: all alike, or Beta(3, 3), the middle."
    )
    ema_decay: float = Field(0.99, ge=0, lt=1, description="Decay of the teacher's average.")
    save: Literal["teacher", "student"] = Field(
        "teacher", description="Which of the two becomes the adapter."
    )

    @field_validator("templates", "keep_templates")
    @classmethod
    def _has_a_place(cls, templates: tuple[str, ...]) -> tuple[str, ...]:
        for template in templates:
            if template.count("{}") != 1:
                raise ValueError(f"{template!r} needs one {{}} where the concept goes")
        return templates


def sdd_loss(student: Denoiser, base: Denoiser, batch: ConceptBatch, cfg: SddConfig) -> Tensor:
    """Distance of the concept's prediction from the prediction for no text at all.

        L = mean || s(z, t, c) - sg[n(z, t, 0)] ||^2  +  w mean || s(z', t', k) - b(z', t', k) ||^2
        s the student; n the student (paper) or the base; b the base; 0 the empty prompt;
        k kept prompts, w `keep_weight`; the second term is ours

    Args:
        student: denoiser through the student adapter; the only part that gets gradients.
        base: the untouched denoiser.
        batch: see `ConceptBatch`.
        cfg: `null_from` and `keep_weight`.

    Returns:
        Scalar, fp32, >= 0; 0 when the concept already means nothing.
    """
    import torch
    from torch.nn import functional as F

    null = student if cfg.null_from == "student" else base
    with torch.no_grad():
        target = null(batch.z, batch.t, batch.null).float()
    count = len(batch.z)
    if cfg.keep_weight == 0 or len(batch.keep_z) == 0:
        return F.mse_loss(student(batch.z, batch.t, batch.concept).float(), target)
    with torch.no_grad():
        kept = base(batch.keep_z, batch.keep_t, batch.keep).float()
    both = student(
        torch.cat([batch.z, batch.keep_z]),
        torch.cat([batch.t, batch.keep_t]),
        torch.cat([batch.concept, batch.keep]),
    ).float()
    return F.mse_loss(both[:count], target) + cfg.keep_weight * F.mse_loss(both[count:], kept)


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
