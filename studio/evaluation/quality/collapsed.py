"""Whether a model draws badly as a whole: then nothing it does not show is a success.

Collapsed: of other objects more than 20 points fewer are right than before, or KID is above five
times its noise floor. A model of black pictures, of one colour or of noise leaks nothing; it must
get no grade. Pure; no torch.
"""

from collections.abc import Sequence

from studio.evaluation.comparison import Difference
from studio.evaluation.findings import Score

MOST_FALL = 0.20
MOST_KID = 5.0  # times the floor
KID = "KID"


def collapsed(others: Difference | None, scores: Sequence[Score] = ()) -> bool | None:
    """By other objects, by KID, or by both; None where neither was measured."""
    told = [answer for answer in (fell(others), moved_away(scores)) if answer is not None]
    return any(told) if told else None


def fell(others: Difference | None) -> bool | None:
    """Whether other objects are right more than 20 points less often than in the original."""
    if others is None or others.difference is None:
        return None
    return others.difference < -MOST_FALL


def moved_away(scores: Sequence[Score]) -> bool | None:
    """Whether a KID is above five times its floor; None without KID or without its floor."""
    told = [
        score.value > MOST_KID * score.floor
        for score in scores
        if score.name.startswith(KID) and score.value is not None
        if score.floor is not None and score.floor > 0
    ]
    return any(told) if told else None
