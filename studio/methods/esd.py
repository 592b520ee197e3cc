"""ESD: erase a concept by training towards negatively guided noise.

Source: Gandikota et al., 2023, "Erasing Concepts from Diffusion Models", arXiv:2303.07345. The
later release of its code starts the formula from the concept instead of the empty prompt; its eta
of 2 is 1 here. See docs/decisions/0005.
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

_ADAPTED: dict[str, Layers] = {"x": "cross", "u": "not-cross", "strict": "cross-kv"}


class EsdConfig(ConceptConfig):
    """Settings of ESD alone; steps, rate and rank live in `TrainConfig`."""

    variant: Literal["x", "u", "strict"] = Field(
        "x", description="x: cross-attention; u: all but it; strict: its keys and values."
    )
    erase_scale: float = Field(1.0, ge=0, le=20, description="Push away from the concept; eta.")
    erase_from: str = Field(
        "", description="Take the concept out of this alone; empty: wherever it is named."
    )
    sample_from: Literal["student", "base"] = Field(
        "student", description="Which model draws the latents."
    )

    @property
    def erased_from(self) -> str:
        """See `ConceptConfig`."""
        return self.erase_from

    @property
    def adapted(self) -> Layers:
        """See `ConceptConfig`."""
        whole = self.weights == "whole" and self.variant == "u"
        return "all-but-cross" if whole else _ADAPTED[self.variant]

    @property
    def drawn_by(self) -> View:
        """See `ConceptConfig`."""
        return self.sample_from

    @property
    def saved(self) -> View:
        """There is no teacher."""
        return "student"


def esd_loss(student: Denoiser, base: Denoiser, batch: ConceptBatch, cfg: EsdConfig) -> Tensor:
    """Distance of the student from the base model guided away from the concept.

        L = mean || s(z, t, c) - (e_0 - eta (e_c - e_0)) ||^2, and what is kept: see `distance`
        e_x = b(z, t, x), without gradient; c the concept, 0 the empty prompt
        erased from f:  L = mean || s(z, t, f) - (e_f - eta (e_c - e_0)) ||^2

    Args:
        student: denoiser through the student adapter; the only part that gets gradients.
        base: the untouched denoiser.
        batch: see `ConceptBatch`.
        cfg: `erase_scale`, eta above, `erase_from` and `keep_weight`.

    Returns:
        Scalar, fp32, >= 0.
    """
    import torch

    with torch.no_grad():
        texts = [batch.null, batch.concept, *([batch.said] if cfg.erase_from else [])]
        e_0, e_c, *e_f = (
            base(
                torch.cat([batch.z] * len(texts)),
                torch.cat([batch.t] * len(texts)),
                torch.cat(texts),
            )
            .float()
            .chunk(len(texts))
        )
        target = (e_f[0] if e_f else e_0) - cfg.erase_scale * (e_c - e_0)
    return distance(student, base, batch, target, cfg.keep_weight)


METHOD = Method(
    "esd",
    "ESD",
    Text(
        en="Erased Stable Diffusion (ESD): pushes away from the name. Needs names only.",
        zh="擦除式 Stable Diffusion (ESD)：把名字所指的内容推开。只需要名字。",
    ),
    "arXiv:2303.07345",
    EsdConfig,
    esd_loss,
)
