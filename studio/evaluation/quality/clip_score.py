"""CLIP score: does the picture still follow the prompt (Hessel et al., 2021, arXiv:2104.08718)?

The raw cosine, -1..1. Published tables print it times 1, 2.5 or 100, with different CLIP models: a
number is good only against the original's, measured beside it.
"""

from studio.evaluation.findings import Score
from studio.evaluation.quality.base import Columns, Scorer


def measure(columns: Columns) -> Score:
    """Mean cosine of pictures and prompts in the user's CLIP model.

    Raises:
        StudioError: no folder with a CLIP model is given.
    """
    from studio.evaluation.quality.alignment import follow
    from studio.evaluation.quality.clip import clip_at

    return follow(clip_at(columns.weights), columns, "CLIP score", "clip-score")


SCORER = Scorer("clip-score", "CLIP score", "high", "a CLIP folder in --weights", measure)
