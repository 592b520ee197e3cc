"""How far two sets of pictures are apart as wholes: the squared maximum mean discrepancy (MMD).

The estimate is the unbiased one (Gretton et al., 2012, JMLR 13), from torchmetrics. It takes the
two sets for independent, but ours hold pairs of the same prompt and seed, which would make it too
small: a model that changed nothing would get less than 0. So one half of the pairs gives the
original's pictures and the other half the safeguarded ones, and the mean over many such halvings is
the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from torch import Tensor

HALVINGS = 200
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


def mmd(
    kernel: Callable[[Tensor, Tensor], Tensor], x: Floats, y: Floats, seed: int = 0
) -> Estimate:
    """Squared MMD of two sets of features that hold pairs.

    The spread over halvings is that of the whole set's estimate (the delete-half jackknife; Shao
    and Wu, 1989, Annals of Statistics 17), for independent pictures; for pairs, which go up and
    down together, it is rather too wide.

    Args:
        kernel: (N, D), (M, D) -> (N, M).
        x, y: (N, D) each; the same place is the same prompt. N at least 4.
    """
    from torchmetrics.image.kid import maximum_mean_discrepancy

    one, other = torch.from_numpy(x).double(), torch.from_numpy(y).double()
    within, across, beyond = kernel(one, one), kernel(one, other), kernel(other, other)
    rng = torch.Generator().manual_seed(seed)
    half, found = len(x) // 2, []
    for _ in range(HALVINGS):
        order = torch.randperm(len(x), generator=rng)
        a, b = order[:half], order[half : 2 * half]
        parts = (within[a][:, a], across[a][:, b], beyond[b][:, b])
        found.append(float(maximum_mean_discrepancy(*parts)))
    value, spread = float(np.mean(found)), float(np.std(found))
    reach = float(norm.ppf(0.975)) * spread
    return Estimate(value, value - reach, value + reach)
