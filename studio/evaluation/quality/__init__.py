"""How good the pictures are, beside what they no longer show: one scorer a file.

Importing this costs no torch; a scorer loads what it needs when it is asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from studio.errors import StudioError
from studio.evaluation.findings import Score
from studio.evaluation.quality import (
    clip_score,
    cmmd,
    feature_distance,
    fid,
    icon_match,
    kid,
    lpips_distance,
)
from studio.evaluation.quality.base import Scorer, checked

SCORERS: dict[str, Scorer] = {
    module.SCORER.id: module.SCORER
    for module in (kid, cmmd, feature_distance, lpips_distance, icon_match, clip_score, fid)
}


def get_scorer(name: str) -> Scorer:
    """The scorer of this id.

    Raises:
        StudioError: there is none.
    """
    if name not in SCORERS:
        raise StudioError(
            f"There is no scorer {name!r}.", f"Choose one of: {', '.join(sorted(SCORERS))}."
        )
    return SCORERS[name]


def scored(
    original: Sequence[Path],
    safeguarded: Sequence[Path],
    prompts: Sequence[str],
    floor: Sequence[Path] | None = None,
    *,
    names: Iterable[str] | None = None,
    weights: Path | None = None,
    icons: bool | None = None,
) -> Iterator[Score]:
    """One score after the other; what cannot be measured says what it needs, the rest goes on.

    Args:
        original, safeguarded, prompts, floor, weights, icons: see `base.Columns`.
        names: ids of scorers; None: all.

    Raises:
        StudioError: there is no such scorer, or the columns do not belong together.
    """
    chosen = [get_scorer(name) for name in (SCORERS if names is None else names)]
    columns = checked(original, safeguarded, prompts, floor, weights, icons)
    for scorer in chosen:
        try:
            yield scorer.measure(columns)
        except StudioError as error:
            yield scorer.missing(len(columns.original), error.what)


def score_all(
    original: Sequence[Path],
    safeguarded: Sequence[Path],
    prompts: Sequence[str],
    floor: Sequence[Path] | None = None,
    *,
    names: Iterable[str] | None = None,
    weights: Path | None = None,
    icons: bool | None = None,
) -> tuple[Score, ...]:
    """All scores; see `scored`."""
    found = scored(original, safeguarded, prompts, floor, names=names, weights=weights, icons=icons)
    return tuple(found)
