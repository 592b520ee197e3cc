"""What methods share that remove concepts by name, on latents the model draws itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from studio.config import Layers, Weights
from studio.methods.sentences import SentencesConfig

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.shapes import ConceptBatch, Denoiser

View = Literal["base", "student", "teacher"]


class ConceptConfig(SentencesConfig, ABC):
    """Settings of every such method; each extends this with its own."""

    keep_weight: float = Field(
        1.0, ge=0, description="Weight of the kept prompts; 0 is the method as published."
    )
    use_synonyms: bool = Field(True, description="Remove the other names of a concept too.")
    sample_guidance: float = Field(
        3.0, ge=1, le=50, description="Guidance with which latents are drawn."
    )
    rollout_steps: int = Field(20, ge=2, le=1000, description="Sampler steps of one rollout.")
    rollouts: int = Field(8, ge=1, le=256, description="Rollouts drawn at once.")
    levels: int = Field(8, ge=1, le=1000, description="Noise levels kept of each rollout.")
    level_distribution: Literal["uniform", "beta"] = Field(
        "uniform", description="Which levels are kept: all alike, or Beta(3, 3), the middle."
    )

    weights: Weights = Field(
        "lora",
        description="A small adapter, all matrices of those layers, or all their weights, "
        "those of norms and biases too, as published.",
    )

    @property
    @abstractmethod
    def adapted(self) -> Layers:
        """The layers that get an adapter."""

    @property
    @abstractmethod
    def drawn_by(self) -> View:
        """The view that draws the latents."""

    @property
    @abstractmethod
    def saved(self) -> View:
        """The view that becomes the adapter, and through which checks look."""

    @property
    def erased_from(self) -> str:
        """What loses the concept; empty: the concept itself."""
        return ""

    @property
    def teacher_decay(self) -> float | None:
        """Decay of the teacher's average; None: there is no teacher."""
        return None

    @property
    def decay_rises(self) -> bool:
        """Whether that decay starts small, so that short runs catch up."""
        return True


def distance(
    student: Denoiser, base: Denoiser, batch: ConceptBatch, target: Tensor, keep_weight: float
) -> Tensor:
    """Distance from a target for what is removed, and from the base for what is kept.

        L = mean || s(z, t, x) - target ||^2  +  w mean || s(z', t', k) - b(z', t', k) ||^2
        s the student, b the base, x what is said (`ConceptBatch.said`), k kept prompts,
        w `keep_weight`; the second term is ours

    Args:
        target: (B, C, h, w), without gradient.

    Returns:
        Scalar, fp32, >= 0.
    """
    import torch
    from torch.nn import functional as F

    count = len(batch.z)
    if keep_weight == 0 or len(batch.keep_z) == 0:
        return F.mse_loss(student(batch.z, batch.t, batch.said).float(), target)
    with torch.no_grad():
        kept = base(batch.keep_z, batch.keep_t, batch.keep).float()
    both = student(
        torch.cat([batch.z, batch.keep_z]),
        torch.cat([batch.t, batch.keep_t]),
        torch.cat([batch.said, batch.keep]),
    ).float()
    return F.mse_loss(both[:count], target) + keep_weight * F.mse_loss(both[count:], kept)
