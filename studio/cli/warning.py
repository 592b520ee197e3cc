"""What is said beside a result, on standard error."""

import sys
from collections.abc import Sequence

from studio.config import ModelCard
from studio.evaluation.worlds import foreign, foreign_note
from studio.jobs.drawing import CUT


def warn_of_foreign(model: ModelCard, detectors: Sequence[str]) -> None:
    """Say which detectors learned from photographs, where a model draws icons."""
    for name in foreign(model, detectors):
        print(f"Note: {foreign_note(name)}", file=sys.stderr)


def look_into(model: ModelCard) -> str:
    """Refuse a model that a run would refuse; say where it could not be looked into.

    Returns:
        What was said; "" where it was looked into.

    Raises:
        StudioError: see `must_be_loadable`.
    """
    from studio.models.loading import must_be_loadable

    note = must_be_loadable(model)
    if note:
        print(f"Note: {note}", file=sys.stderr)
    return note


def tell_cut(prompts: int) -> None:
    """Say of how many prompts the model read only the start, if of any."""
    if prompts:
        print(f"{prompts} {CUT}.", file=sys.stderr)


def tell_broken(pictures: int) -> None:
    """Say how many pictures came out as no numbers, if any did."""
    if pictures:
        print(f"not measured: {pictures} pictures came out as no numbers (NaN)", file=sys.stderr)
