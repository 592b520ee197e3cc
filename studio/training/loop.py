"""The training loop: a generator, one record per step."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import torch
from torch import Tensor, nn

from studio.config import TrainConfig
from studio.errors import StudioError
from studio.records import StepRecord

Batch = TypeVar("Batch")
DEFAULTS = TrainConfig()


def train_steps(
    params: Sequence[nn.Parameter],
    loss_of: Callable[[Batch], Tensor],
    batches: Iterable[Batch],
    *,
    lr: float,
    total: int,
    after_step: Callable[[int], None] = lambda step: None,
    optimiser: torch.optim.Optimizer | None = None,
    done: int = 0,
    how: TrainConfig = DEFAULTS,
) -> Iterator[StepRecord]:
    """Train on each batch in turn, yielding a record after every step.

    By default AdamW without weight decay (on a LoRA it would pull back to the unsafe base),
    gradients clipped to norm 1, a short warm-up, then a rate that falls along a cosine to a tenth.

    Args:
        params: what is trained; gradients are asked of these alone.
        loss_of: batch -> scalar.
        lr: highest rate. total: steps over which it falls; `batches` may end earlier.
        after_step: called after the weights moved, before the record.
        optimiser: of a training that goes on, see `new_optimiser`. done: steps it has made.
        how: schedule, clipping and batches a step.

    Raises:
        StudioError: loss or gradient is not finite; the weights are those of the last good step.
    """
    optimiser = optimiser or new_optimiser(params, lr, how)
    for param in params:
        param.requires_grad_(True)
    began = time.monotonic()
    coming = iter(batches)
    for step in range(done + 1, total + 1):
        rate = rate_at(step, lr, total, how)
        for group in optimiser.param_groups:
            group["lr"] = rate
        value, seen = 0.0, 0
        for batch in islice(coming, how.accumulate):
            loss = loss_of(batch) / how.accumulate
            value, seen = value + float(loss.detach()), seen + 1
            _must_be_finite(value, "loss", step)
            loss.backward()
        if seen < how.accumulate:
            return
        norm = nn.utils.clip_grad_norm_(params, how.clip or math.inf)
        _must_be_finite(float(norm), "gradient", step)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        after_step(step)
        now = time.monotonic()
        yield StepRecord(step, value, now - began)
        began = time.monotonic()


def new_optimiser(
    params: Sequence[nn.Parameter], lr: float, how: TrainConfig = DEFAULTS
) -> torch.optim.Optimizer:
    """What moves the weights, and decays them."""
    kind = torch.optim.Adam if how.optimiser == "adam" else torch.optim.AdamW
    return kind(params, lr, (how.beta1, how.beta2), weight_decay=how.weight_decay)


def rate_at(step: int, lr: float, total: int, how: TrainConfig = DEFAULTS) -> float:
    """The learning rate of a step, 1..total."""
    rise = min(1.0, step / how.warm_up) if how.warm_up else 1.0
    return lr * rise * (_fall((step - 1) / total) if how.schedule == "cosine" else 1.0)


def _must_be_finite(value: float, name: str, step: int) -> None:
    if not math.isfinite(value):
        raise StudioError(
            f"The {name} is no longer a number since step {step}.",
            "Start again with half the learning rate.",
        )


def _fall(share: float) -> float:
    return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * share))
