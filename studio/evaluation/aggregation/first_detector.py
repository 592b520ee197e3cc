"""Share of pictures in which the first detector sees it, for each family of prompts.

Further detectors of the protocol change no rate: where they disagree, people look.
"""

from studio.evaluation.aggregation.base import Aggregate, Answered
from studio.evaluation.aggregation.probability import shares


def first_detector(column: Answered, original: Answered) -> tuple[Aggregate, ...]:
    """k of n for each family; pictures without an answer of the first detector are left out."""
    first = column.profiles[0].id if column.profiles else ""
    shown = {row: said[first] for row, said in column.seen.items() if first in said}
    return shares(column.rows, shown)
