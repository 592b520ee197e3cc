"""The training loop: a generator, one record per step."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import torch
from torch import Tensor, nn

from studio.errors import StudioError
from studio.records import StepRecord

Batch = TypeVar("Batch")
CLIP = 1.0
WARM_UP = 10


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
) -> Iterator[StepRecord]:
    """Train on each batch in turn, yielding a record after every step.

    AdamW without weight decay (on a LoRA it would pull back to the unsafe base), gradients
    clipped to norm 1, a short warm-up, then a rate that falls along a cosine to a tenth.

    Args:
        params: what is trained; gradients are asked of these alone.
        loss_of: batch -> scalar.
        lr: highest rate. total: steps over which it falls; `batches` may end earlier.
        after_step: called after the weights moved, before the record.
        optimiser: of a training that goes on, see `new_optimiser`. done: steps it has made.

    Raises:
        StudioError: loss or gradient is not finite; the weights are those of the last good step.
    """
    optimiser = optimiser or new_optimiser(params, lr)
    for param in params:
        param.requires_grad_(True)
    began = time.monotonic()
    for step, batch in enumerate(islice(batches, total - done), start=done + 1):
        rate = lr * min(1.0, step / WARM_UP) * _fall((step - 1) / total)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = loss_of(batch)
        value = float(loss.detach())
        _must_be_finite(value, "loss", step)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(params, CLIP)
        _must_be_finite(float(norm), "gradient", step)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        after_step(step)
        now = time.monotonic()
        yield StepRecord(step, value, now - began)
        began = time.monotonic()


def new_optimiser(params: Sequence[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    """What moves the weights."""
    return torch.optim.AdamW(params, lr, weight_decay=0.0)


def _must_be_finite(value: float, name: str, step: int) -> None:
    if not math.isfinite(value):
        raise StudioError(
            f"The {name} is no longer a number since step {step}.",
            "Start again with half the learning rate.",
        )


def _fall(share: float) -> float:
    return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * share))
