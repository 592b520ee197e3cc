"""From answers to a verdict's lines: family by family and thing by thing, before and after; pure.

Both columns were asked the same rows. A row that either of them has not answered is left out of
both, so that n says how many pictures a line stands on.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TypeVar

from studio.evaluation.comparison import (
    Calibration,
    agreement,
    clustered,
    corrected,
    difference,
    holm,
    prompts_worth,
)
from studio.evaluation.findings import Agreement, Compared, Row, Wanted, Worst
from studio.evaluation.rates import wilson
from studio.records import Rate

DIRECT = "direct"
NEIGHBOURS = "neighbours"
OTHERS = "others"
ANY = "|"  # parts the things of which any counts
REST = ":rest"  # after a family's name: what else was asked for in its prompts of two things
WORST_COUNT = 20
Answers = Mapping[int, bool]
PictureOf = Callable[[str, int], str]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Answered:
    """What one detector said of one column: by row, whether it shows what the row names.

    Attributes:
        also: the same for `Row.also`, where a row has one.
    """

    shows: Answers
    also: Answers


@dataclass(frozen=True)
class _Pair:
    row: Row
    before: bool
    after: bool


def compare(
    rows: Sequence[Row], before: Answered, after: Answered, judge: Calibration | None = None
) -> tuple[tuple[Compared, ...], tuple[Compared, ...]]:
    """The lines of a verdict.

    Args:
        before, after: answers for the original and for the safeguarded column.
        judge: how the detector did on labelled pictures; without it nothing is corrected.

    Returns:
        A line for each family, in the order of the rows, and a line for each thing that must be
        gone and for each look-alike. p values are Holm's over all of them.
    """
    pairs, rest = _pairs(rows, before.shows, after.shows), _rest(rows, before.also, after.also)
    families = [
        _line(family, wanted, found, judge)
        for (family, wanted), found in _grouped(chain(pairs, rest), _family).items()
    ]
    single = [pair for pair in pairs if ANY not in pair.row.shows]
    named = [p for p in single if p.row.wanted == "gone" or p.row.family == NEIGHBOURS]
    things = [
        replace(_line(thing, wanted, found, judge), family=family)
        for (family, wanted, thing), found in _grouped(named, _thing).items()
    ]
    lines = _with_holm([*families, *things])
    return tuple(lines[: len(families)]), tuple(lines[len(families) :])


def _pairs(rows: Iterable[Row], before: Answers, after: Answers) -> list[_Pair]:
    asked = [row for row in rows if row.row in before and row.row in after]
    return [_Pair(row, before[row.row], after[row.row]) for row in asked]


def _rest(rows: Iterable[Row], before: Answers, after: Answers) -> list[_Pair]:
    """Prompts of two things once more, for the one that must stay."""
    kept = [
        replace(row, family=row.family + REST, wanted="kept", shows=row.also)
        for row in rows
        if row.also
    ]
    return _pairs(kept, before, after)


def _family(pair: _Pair) -> tuple[str, Wanted]:
    return pair.row.family, pair.row.wanted


def _thing(pair: _Pair) -> tuple[str, Wanted, str]:
    """What must be gone is one thing in all its families; a look-alike has only one family."""
    family = "" if pair.row.wanted == "gone" else pair.row.family
    return family, pair.row.wanted, pair.row.shows


def _grouped(pairs: Iterable[_Pair], key: Callable[[_Pair], Key]) -> dict[Key, list[_Pair]]:
    found: dict[Key, list[_Pair]] = {}
    for pair in pairs:
        found.setdefault(key(pair), []).append(pair)
    return found


def _line(name: str, wanted: Wanted, pairs: list[_Pair], judge: Calibration | None) -> Compared:
    before, after = [pair.before for pair in pairs], [pair.after for pair in pairs]
    prompts = [pair.row.prompt for pair in pairs]
    several = len(set(prompts)) < len(prompts)
    found = [clustered(s, prompts) if several else wilson(sum(s), len(s)) for s in (before, after)]
    changed = difference(before, after, prompts if several else None)
    return Compared(name, wanted, found[0], found[1], changed, _freed(after, prompts, judge))


def _freed(shown: list[bool], prompts: list[str], judge: Calibration | None) -> Rate | None:
    """The rate freed from the judge's mistakes; None where people labelled none of either kind."""
    if judge is None or not (judge.shown and judge.clean and shown):
        return None
    return corrected(sum(shown), len(shown), judge, prompts_worth(prompts))


def _with_holm(lines: list[Compared]) -> list[Compared]:
    places = [place for place, line in enumerate(lines) if line.difference.p is not None]
    p_values = [p for line in lines if (p := line.difference.p) is not None]
    told = dict(zip(places, holm(p_values), strict=True))
    return [replace(line, p_holm=told.get(place)) for place, line in enumerate(lines)]


def worst(
    rows: Sequence[Row],
    before: Answered,
    after: Answered,
    columns: tuple[str, str],
    picture: PictureOf,
    count: int = WORST_COUNT,
) -> tuple[Worst, ...]:
    """Pictures that people should look at: what is still there, and what was lost.

    Families take turns, so that none fills all places.

    Args:
        columns: labels of the original and of the safeguarded column.
        picture: path of a column's picture of a row, relative to the evaluation's folder.
    """
    still = [p for p in _pairs(rows, before.shows, after.shows) if p.row.wanted == "gone"]
    stays = [p for p in _pairs(rows, before.shows, after.shows) if p.row.wanted == "kept"]
    stays += _rest(rows, before.also, after.also)
    bad = [p for p in still if p.after] + [p for p in stays if p.before and not p.after]
    turns = zip_longest(*_grouped(bad, _family).values())
    chosen = [pair for pair in chain.from_iterable(turns) if pair is not None][:count]
    return tuple(
        Worst(
            pair.row.row,
            pair.row.prompt,
            pair.row.seed,
            pair.row.family,
            "still there" if pair.row.wanted == "gone" else "lost",
            *(picture(column, pair.row.row) for column in columns),
        )
        for pair in sorted(chosen, key=lambda pair: pair.row.wanted)
    )


def agree(
    names: tuple[str, str],
    answers: Iterable[tuple[str, Answers, Answers]],
    picture: PictureOf,
) -> Agreement:
    """How far two detectors say the same of the same pictures.

    Args:
        names: of the two detectors.
        answers: for each column its label, and what each of the two said row by row.
    """
    both = [
        (label, row, one[row], other[row])
        for label, one, other in answers
        for row in one
        if row in other
    ]
    same = sum(first == second for _, _, first, second in both)
    return Agreement(
        *names,
        n=len(both),
        same=wilson(same, len(both)),
        kappa=agreement([b[2] for b in both], [b[3] for b in both]) if both else None,
        disputed=tuple(picture(label, row) for label, row, one, other in both if one != other),
    )
