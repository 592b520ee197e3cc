"""CMMD: KID's question with CLIP's eyes (Jayasumana et al., 2024, arXiv:2401.09603).

    k(x, y) = exp(-|x - y|^2 / (2 * 10^2)) of CLIP embeddings of length 1, squared MMD, times 1000

The paper calls its estimate unbiased; its published code computes the biased one, which is above 0
for equal models. Here it is the unbiased one, over halves of the pairs (see `halves`).
"""

from typing import TYPE_CHECKING

from studio.evaluation.findings import Score
from studio.evaluation.quality.base import Columns, Scorer

if TYPE_CHECKING:
    from torch import Tensor

BANDWIDTH = 10.0
SCALE = 1000.0


def kernel(x: "Tensor", y: "Tensor") -> "Tensor":
    """The Gaussian kernel; (N, D), (M, D) -> (N, M)."""
    import torch

    distances = torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
    return torch.exp(-distances.square() / (2 * BANDWIDTH**2))


def measure(columns: Columns) -> Score:
    """CMMD of the safeguarded column; its floor is how high the original alone may come.

    Raises:
        StudioError: no folder with a CLIP model is given.
    """
    from studio.evaluation.quality.clip import clip_at
    from studio.evaluation.quality.halves import mmd

    network = clip_at(columns.weights)
    original = network.pictures(columns.original)
    found = mmd(kernel, original, network.pictures(columns.safeguarded))
    floor = None
    if columns.floor is not None:
        floor = SCALE * mmd(kernel, original, network.pictures(columns.floor)).high
    return Score(
        "CMMD",
        SCALE * found.value,
        len(original),
        network.profile("cmmd"),
        SCALE * found.low,
        SCALE * found.high,
        floor,
    )


SCORER = Scorer("cmmd", "CMMD", "low", "a CLIP folder in --weights", measure)
