"""FID (Heusel et al., 2017, arXiv:1706.08500), and only next to its floor.

At a few hundred pictures nearly all of it is bias, which depends on the number of pictures and on
the features. So it is given for exactly as many pictures as its floor, the FID between two drawings
of the original, and not at all where that was not drawn.
"""

from studio.errors import StudioError
from studio.evaluation.findings import Score
from studio.evaluation.quality.base import Columns, Scorer


def measure(columns: Columns) -> Score:
    """FID of the safeguarded column against the original, with its floor."""
    from studio.evaluation.quality.features import embed, looks
    from studio.evaluation.quality.frechet import fid

    if columns.floor is None:
        raise StudioError(
            "FID needs pictures of the original model with other seeds.",
            "Draw as many of them, and give them as the floor.",
        )
    network = looks(columns)
    original = embed(network, columns.original)
    return Score(
        f"FID ({network.name})",
        fid(original, embed(network, columns.safeguarded)),
        len(original),
        network.profile("fid"),
        floor=fid(original, embed(network, columns.floor)),
    )


SCORER = Scorer("fid", "FID", "low", "", measure)
