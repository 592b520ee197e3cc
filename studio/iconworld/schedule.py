"""The learning rate over a training."""

import math

import torch


def cosine(share: float) -> float:
    """1 at the start (share 0), 0 at the end (share 1)."""
    return 0.5 * (1 + math.cos(math.pi * share))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Give every group of the optimiser this learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate
