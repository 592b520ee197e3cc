"""Two small heads that put pictures and prompts of Icon World into one space."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.evaluation.network import FEATURES

SPACE = 128
HIDDEN = 256


def _head(inside: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inside, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, SPACE))


class ContrastHeads(nn.Module):
    """Features of pictures and pooled text states -> vectors of length 1 in the same space.

    Args:
        text_width: size of a pooled text state; a picture has the judge's features.
    """

    def __init__(self, text_width: int) -> None:
        super().__init__()
        self.picture = _head(2 * FEATURES)
        self.text = _head(text_width)
        self.scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def pictures(self, features: Tensor) -> Tensor:
        """(B, 2 * FEATURES) -> (B, SPACE), each of length 1."""
        return F.normalize(self.picture(features), dim=1)

    def texts(self, pooled: Tensor) -> Tensor:
        """(B, text_width) -> (B, SPACE), each of length 1."""
        return F.normalize(self.text(pooled), dim=1)
