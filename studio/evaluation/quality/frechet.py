"""The Fréchet distance of two sets of features, from torchmetrics."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


class Given(nn.Module):
    """Stands for a network whose features are known already."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.num_features = count

    def forward(self, features: Tensor) -> Tensor:
        """(N, D) -> the same."""
        return features


def fid(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Fréchet distance of two sets of features (N, D), (M, D), from torchmetrics."""
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(feature=Given(x.shape[1]))
    metric.set_dtype(torch.float64)
    metric.update(torch.from_numpy(x), real=True)
    metric.update(torch.from_numpy(y), real=False)
    return float(metric.compute())
