"""NEG: the negative prompt. The concept stands where the empty prompt stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.config import Text
from studio.guidance.base import Guidance, GuidanceConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


class NegConfig(GuidanceConfig):
    """A negative prompt has no settings of its own."""


def neg(
    e_0: Tensor,
    e_p: Tensor,
    e_s: Sequence[Tensor],
    share: float,
    scale: float,
    momentum: Tensor | None,
    cfg: NegConfig,
) -> tuple[Tensor, Tensor | None]:
    """Away from the concept, towards the prompt.

        e = e_0 + s (e_p - e_0)

    Args:
        e_0: the prediction for the concept, see `replaces_null`. e_p: for the prompt.
        e_s, share, momentum, cfg: unused. scale: s, above 1.
    """
    return e_0 + scale * (e_p - e_0), None


GUIDANCE = Guidance(
    "neg",
    "Negative prompt",
    Text(
        en="The concept becomes the negative prompt. Costs nothing, steers gently.",
        zh="把概念作为负面提示词。没有额外开销，作用温和。",
    ),
    "",
    NegConfig,
    neg,
    replaces_null=True,
)
