"""HFI: people's ratings of pictures become a word, which another method then removes.

Source: "Safeguard Text-to-Image Diffusion Models with Human Feedback Inversion", ECCV 2024. There
is no official code. What the paper leaves open, and what we chose: docs/decisions/0009.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from studio.config import MethodConfig, Text
from studio.methods.base import Method
from studio.methods.sentences import with_a_place

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.shapes import Denoiser, RatedBatch


class HfiConfig(MethodConfig):
    """Settings of the inversion alone; steps, rate and batch live in `TrainConfig`."""

    round: str = Field("", description="Folder of the rating round.")
    label: int | None = Field(
        None, ge=0, description="Which label of a binary round counts, by its place; empty: any."
    )
    features: str = Field(
        "",
        description="What looks at pictures: folder or hub id of a CLIP; empty: the model's judge, "
        "or CLIP ViT-L/14.",
    )
    binary_loss: Literal["mse", "bce"] = Field(
        "mse", description="Loss of the reward model on yes and no: as published, or likelihood."
    )
    top: int = Field(100, ge=1, le=10_000, description="Pictures of the highest reward to learn.")
    init: str = Field("picture", min_length=1, description="The word at which the token starts.")
    meanings: int = Field(
        1, ge=1, le=16, description="Words to learn; pictures that look alike share one."
    )
    vectors: int = Field(1, ge=1, le=16, description="Vectors of each word.")
    templates: tuple[str, ...] = Field(
        ("{}", "a picture of {}", "an image of {}", "{} alone"),
        min_length=1,
        description="Sentences around the word while it is learned; {} is its place.",
    )

    @field_validator("templates")
    @classmethod
    def _has_a_place(cls, templates: tuple[str, ...]) -> tuple[str, ...]:
        return with_a_place(templates)


def hfi_loss(student: Denoiser, base: Denoiser, batch: RatedBatch, cfg: HfiConfig) -> Tensor:
    """How badly the word draws the rated pictures, each weighted with its reward.

        L = mean_i w_i mean || e(alpha x_i + sigma eps_i, t_i, v) - eps_i ||^2
        w_i in 0..1, so that L is bounded below; v the word's states, which alone get gradients

    Args:
        student: the untouched denoiser; its weights are frozen. base: unused.
        batch: see `RatedBatch`. A v-prediction model is asked for v instead of eps.
        cfg: unused.

    Returns:
        Scalar, fp32, >= 0.
    """
    z = batch.alpha * batch.picture + batch.sigma * batch.noise
    target = batch.noise
    if batch.predicts_v:
        target = batch.alpha * batch.noise - batch.sigma * batch.picture
    said = student(z, batch.t, batch.said).float()
    return (batch.weight * (said - target).square().flatten(1).mean(1)).mean()


METHOD = Method(
    "hfi",
    "HFI",
    Text(
        en="Human feedback inversion (HFI): learns a word from rated pictures.",
        zh="人类反馈反演 (HFI)：从评过分的图片中学出一个词。",
    ),
    "ECCV 2024",
    HfiConfig,
    hfi_loss,
)
