"""SEGA: semantic guidance, here always away from the concepts.

Source: Brack et al., 2023, "SEGA: Instructing Text-to-Image Models using Semantic Guidance",
arXiv:2301.12247. Its safety studies give all concepts as one text and draw at guidance scale 7.5;
see docs/decisions/0016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from studio.config import Text
from studio.guidance.base import Guidance, GuidanceConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


class SegaConfig(GuidanceConfig):
    """The numbers of SEGA; the defaults are "medium" of the safety study that used it."""

    scale: float = Field(4.0, ge=0, description="s_e: how hard each concept is pushed away.")
    warmup: float = Field(0.2, ge=0, le=1, description="Share of the steps before it acts.")
    threshold: float = Field(0.9, ge=0, lt=1, description="lambda: only the top 1 - lambda moves.")
    momentum: float = Field(0.3, ge=0, le=1, description="s_m: weight of the momentum.")
    momentum_decay: float = Field(0.4, ge=0, le=1, description="beta: decay of the momentum.")
    found_at: float = Field(
        7.5, ge=1, le=50, description="s_0: guidance scale s_e was found at; s_e goes with it."
    )
    joined: bool = Field(
        True, description="All concepts as one text, as published; false: each by itself (ours)."
    )

    @property
    def one_text(self) -> bool:
        """See `GuidanceConfig`."""
        return self.joined


def sega(
    e_0: Tensor,
    e_p: Tensor,
    e_s: Sequence[Tensor],
    share: float,
    scale: float,
    momentum: Tensor | None,
    cfg: SegaConfig,
) -> tuple[Tensor, Tensor | None]:
    """Guided prediction plus the strongest parts of each concept's direction, reversed.

        g_k = -s_e s / s_0 (e_k - e_0) where |g_k| >= its lambda-quantile over places, else 0
        gamma = sum_k g_k + s_m nu
        nu <- beta nu + (1 - beta) gamma
        e = e_0 + s (e_p - e_0) + gamma,  gamma left out while warming up

    Args:
        e_0, e_p, e_s, share: see `Guidance`; e_s holds the e_k, one where the concepts are joined.
            The quantile is taken for each row and channel on its own.
        scale: s, above 1; at s_0 this is the published formula, whose push does not know s.
        momentum: nu; None is 0.
    """
    import torch

    strength = cfg.scale * scale / cfg.found_at
    gamma = torch.zeros_like(e_0)
    for e_k in e_s:
        push = -strength * (e_k - e_0)
        size = push.abs()
        least = torch.quantile(size.flatten(2), cfg.threshold, dim=2)[:, :, None, None]
        gamma = gamma + torch.where(size >= least, push, 0.0)
    nu = torch.zeros_like(gamma) if momentum is None else momentum
    gamma = gamma + cfg.momentum * nu
    nu = cfg.momentum_decay * nu + (1 - cfg.momentum_decay) * gamma
    guess = e_0 + scale * (e_p - e_0)
    return (guess + gamma if share >= cfg.warmup else guess), nu


GUIDANCE = Guidance(
    "sega",
    "SEGA",
    Text(
        en="Semantic guidance: pushes the strongest traces of the concepts away.",
        zh="语义引导：把概念最强的痕迹推开。",
    ),
    "arXiv:2301.12247",
    SegaConfig,
    sega,
)
