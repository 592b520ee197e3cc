"""SLD: safe latent diffusion.

Source: Schramowski et al., 2023, "Safe Latent Diffusion", arXiv:2211.05105. The paper writes
max(1, |phi|) for the strength; both published codes clamp it to at most 1, and so do we.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from studio.config import Text
from studio.guidance.base import Guidance, GuidanceConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


class SldConfig(GuidanceConfig):
    """The numbers of SLD; the defaults are its "medium"."""

    warmup: float = Field(0.2, ge=0, le=1, description="Share of the steps before it acts.")
    scale: float = Field(1000, ge=0, description="s_S: how hard the concept is pushed away.")
    threshold: float = Field(0.01, description="lambda: where prompt and concept are this near.")
    momentum: float = Field(0.3, ge=0, le=1, description="s_m: weight of the momentum.")
    momentum_decay: float = Field(0.4, ge=0, le=1, description="beta_m: decay of the momentum.")


def sld(
    e_0: Tensor,
    e_p: Tensor,
    e_s: Sequence[Tensor],
    share: float,
    scale: float,
    momentum: Tensor | None,
    cfg: SldConfig,
) -> tuple[Tensor, Tensor | None]:
    """Guided prediction with the concept subtracted where the prompt moves towards it.

        mu = min(1, s_S |e_p - e_c|) where e_p - e_c < lambda, else 0
        gamma = mu (e_c - e_0) + s_m nu
        nu <- beta_m nu + (1 - beta_m) gamma
        e = e_0 + s (e_p - e_0 - gamma),  gamma left out while warming up

    Args:
        e_0, e_p, e_s, share: see `Guidance`; e_s holds e_c alone, the joined concepts.
        scale: s, above 1. momentum: nu; None is 0.
    """
    import torch

    (e_c,) = e_s
    nu = torch.zeros_like(e_0) if momentum is None else momentum
    gap = e_p - e_c
    mu = torch.where(gap < cfg.threshold, (gap.abs() * cfg.scale).clamp(max=1.0), 0.0)
    gamma = mu * (e_c - e_0) + cfg.momentum * nu
    nu = cfg.momentum_decay * nu + (1 - cfg.momentum_decay) * gamma
    push = gamma if share >= cfg.warmup else 0.0
    return e_0 + scale * (e_p - e_0 - push), nu


GUIDANCE = Guidance(
    "sld",
    "SLD",
    Text(
        en="Safe latent diffusion: subtracts the concept where a picture moves towards it.",
        zh="安全潜空间扩散：当画面靠近概念时把它减去。",
    ),
    "arXiv:2211.05105",
    SldConfig,
    sld,
)
