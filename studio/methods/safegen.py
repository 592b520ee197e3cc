"""SafeGen: self-attention is edited with picture triplets; the text is never read.

Source: Li et al., 2024, "SafeGen: Mitigating Sexually Explicit Content Generation in Text-to-Image
Models", arXiv:2404.06666. Its published target is right at one noise level only; see
docs/decisions/0006. There is no term that would train on the unsafe pictures themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from studio.config import Text, Weights
from studio.methods.base import Method
from studio.methods.sentences import SentencesConfig

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.shapes import Denoiser, ImageBatch


class SafegenConfig(SentencesConfig):
    """Settings of SafeGen alone; steps, rate and rank live in `TrainConfig`."""

    mosaic_weight: float = Field(0.1, gt=0, le=10, description="Weight of unsafe -> mosaic.")
    keep_weight: float = Field(0.9, ge=0, le=10, description="Weight of what must stay.")
    target: Literal["exact", "official"] = Field(
        "exact", description="Right at every noise level, or as published."
    )
    keep_from: Literal["base", "noise"] = Field(
        "base", description="What must stay is held to the base model, or to the true noise."
    )
    snr_limit: float = Field(5.0, gt=0, description="Most weight of a noise level (min-SNR).")
    flip: bool = Field(False, description="Mirror pictures at random, both of a pair alike.")
    weights: Weights = Field(
        "lora",
        description="A small adapter, all matrices of self-attention, or all as published.",
    )
    ema_decay: float = Field(
        0.0, ge=0, lt=1, description="Most decay of the average that is saved; 0: no average."
    )
    triplets: str = Field("", description="Folder of triplets; empty: the model draws its own.")
    count: int = Field(100, ge=1, le=5000, description="Triplets to draw.")
    mask: Literal["attention", "boxes", "whole"] = Field(
        "attention",
        description="What is pixelated: where the word acts, detected body parts, or all.",
    )
    block_share: float = Field(
        0.125, gt=0, le=1, description="Side of a mosaic block, as a share of the picture's side."
    )
    blur_share: float = Field(
        0.03, ge=0, le=0.5, description="Blur over the mosaic, as a share of the picture's side."
    )


def safegen_loss(
    student: Denoiser, base: Denoiser, batch: ImageBatch, cfg: SafegenConfig
) -> Tensor:
    """Draw the mosaic where the unsafe picture would come, and everything else as before.

        x_t = alpha z_n + sigma eps, fixed; the exact target lets the denoised picture be z_m:
            eps* = eps + (alpha / sigma) (z_n - z_m),  or  v* = v_n + (z_n - z_m) / sigma
        L = w_m min(SNR, limit) || x_0(s(x_t)) - z_m ||^2  +  w_p || s(x'_t) - kept ||^2
        SNR = (alpha / sigma)^2; the published target leaves alpha / sigma out and has no weight

    Args:
        student: denoiser through the student adapter; the only part that gets gradients.
        base: the untouched denoiser.
        batch: see `ImageBatch`. Unsafe and benign rows go through one forward pass.
        cfg: weights, `target`, `keep_from` and `snr_limit`.

    Returns:
        Scalar, fp32, >= 0.
    """
    import torch

    x = batch.alpha * batch.unsafe + batch.sigma * batch.noise
    x_b = batch.alpha * batch.benign + batch.sigma * batch.benign_noise
    gap = batch.unsafe - batch.mosaic
    snr = (batch.alpha / batch.sigma).square()
    if cfg.target == "official":
        picture = gap if batch.predicts_v else batch.unsafe
        target = batch.answer(picture, batch.noise) + (0 if batch.predicts_v else gap)
        weight = torch.ones_like(snr)
    else:
        reach = 1 / batch.sigma if batch.predicts_v else batch.alpha / batch.sigma
        target = batch.answer(batch.unsafe, batch.noise) + reach * gap
        weight = snr.clamp(max=cfg.snr_limit) / reach.square()
    kept = batch.answer(batch.benign, batch.benign_noise)
    if cfg.keep_from == "base":
        with torch.no_grad():
            kept = base(x_b, batch.t, batch.null).float()
    both = student(
        torch.cat([x, x_b]), torch.cat([batch.t, batch.t]), torch.cat([batch.null, batch.null])
    ).float()
    said, stayed = both.chunk(2)
    mosaic = (weight * (said - target).square()).mean()
    return cfg.mosaic_weight * mosaic + cfg.keep_weight * (stayed - kept).square().mean()


METHOD = Method(
    "safegen",
    "SafeGen",
    Text(
        en="Attention editing (SafeGen): needs picture triplets. Works without the word.",
        zh="注意力编辑 (SafeGen)：需要三元图片组。提示词里没有那个词也有效。",
    ),
    "arXiv:2404.06666",
    SafegenConfig,
    safegen_loss,
)
