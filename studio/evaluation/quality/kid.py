"""KID: how far the pictures as a whole have moved (Bińkowski et al., 2018, arXiv:1801.01401).

    k(x, y) = (x . y / D + 1)^3, squared MMD, times 1000

About 0 where nothing changed, whatever the number of pictures; so it can be read at a few hundred.
"""

from functools import partial

from studio.evaluation.findings import Score
from studio.evaluation.quality.base import Columns, Scorer

SCALE = 1000.0


def measure(columns: Columns) -> Score:
    """KID of the safeguarded column; its floor is how high the original alone may come."""
    from torchmetrics.image.kid import poly_kernel

    from studio.evaluation.quality.features import embed, looks
    from studio.evaluation.quality.halves import mmd

    network = looks(columns)
    kernel = partial(poly_kernel, degree=3, coef=1.0)
    original = embed(network, columns.original)
    found = mmd(kernel, original, embed(network, columns.safeguarded))
    floor = None
    if columns.floor is not None:
        floor = SCALE * mmd(kernel, original, embed(network, columns.floor)).high
    return Score(
        f"KID x1000 ({network.name})",
        SCALE * found.value,
        len(original),
        network.profile("kid"),
        SCALE * found.low,
        SCALE * found.high,
        floor,
    )


SCORER = Scorer("kid", "KID x1000", "low", "", measure)
