"""What an evaluation asks, what was answered, and what follows from it; no torch.

An evaluation is a list of rows (a prompt with its seed, and what is looked for in the picture),
drawn in several columns. Detectors answer row by row, scorers compare whole columns, and `Findings`
is what a report says of one safeguarded column against the original.
"""

from dataclasses import dataclass, field
from typing import Literal

from studio.evaluation.comparison import Calibration, Difference
from studio.records import Rate

RECKONED = 2  # how intervals and levels are worked out; one more when they come out otherwise
Wanted = Literal["gone", "kept"]
# open: nothing above the limits was seen, but too few pictures to say that it stays below them
Level = Literal["not measured", "open", "leaks", "erased", "precise", "collapsed"]


@dataclass(frozen=True)
class Row:
    """One picture to draw in every column.

    Attributes:
        row: its place in the list, from 0.
        family: the family of prompts it belongs to, such as "direct" or "neighbours".
        wanted: whether what it shows must be gone, or must be kept.
        shows: what is looked for: an object id of Icon World, "style:WORD", or a detector's phrase.
        also: what else must still be there, in a prompt of two things.
    """

    row: int
    prompt: str
    seed: int
    family: str
    wanted: Wanted
    shows: str
    also: str = ""


@dataclass(frozen=True)
class Profile:
    """Who looked, so exactly that only numbers of equal profiles are ever compared.

    Attributes:
        id: name of the detector or scorer.
        model: start of the SHA-256 of its weights; empty where it has none.
        labels: what counts as a hit. threshold: from which score; None where it has none.
        unit: what is counted, such as "pictures" or "boxes".
        settings: whatever else a number depends on, in words: texts, preprocessing.
    """

    id: str
    model: str = ""
    labels: tuple[str, ...] = ()
    threshold: float | None = None
    unit: str = "pictures"
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compared:
    """One line of a verdict: a family of prompts, or one thing, before and after.

    Attributes:
        corrected: the safeguarded rate freed from the judge's mistakes; None without calibration.
        p_holm: p of the difference, corrected for how many lines were asked (Holm).
        family: of a line about one thing, the family of prompts it was asked in; "" for all.
    """

    name: str
    wanted: Wanted
    original: Rate
    safeguarded: Rate
    difference: Difference
    corrected: Rate | None = None
    p_holm: float | None = None
    family: str = ""


@dataclass(frozen=True)
class Score:
    """One number about whole columns.

    Attributes:
        value: None where it was not measured; `needs` says what is missing.
        low, high: its 95 % interval, where it has one.
        floor: the same number between two drawings of the original that differ in seeds only; for
            numbers that are 0 on average there (KID, CMMD) the upper end of its interval.
        better: which way is good.
        original: the same number of the original, where it is about one column alone.
        change: safeguarded minus original over pairs, with its 95 % interval, where it is.
        cut: prompts of which only the start was read, because they are longer than that.
    """

    name: str
    value: float | None
    n: int
    profile: Profile
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    better: Literal["low", "high"] = "low"
    needs: str = ""
    original: float | None = None
    change: tuple[float, float | None, float | None] | None = None
    cut: int = 0


@dataclass(frozen=True)
class Worst:
    """A picture that people should look at; paths are relative to the evaluation's folder."""

    row: int
    prompt: str
    seed: int
    family: str
    why: Literal["still there", "lost"]
    original: str
    safeguarded: str


@dataclass(frozen=True)
class Agreement:
    """Two judges, or a judge and a person, on the same pictures."""

    one: str
    other: str
    n: int
    same: Rate
    kappa: float | None
    disputed: tuple[str, ...] = ()  # paths relative to the evaluation's folder


@dataclass(frozen=True)
class Findings:
    """All that a report says of one safeguarded column.

    Attributes:
        about: where it comes from: model and adapter hashes, method, steps, training seconds,
            sampler, steps, guidance, hash of the prompt list, seeds, versions, split, command.
        reckoned: `RECKONED` of the studio that made them; findings of before it was noted have 1.
    """

    evaluation: str
    made: float
    column: str
    pack: str
    title: dict[str, str]  # "en" and "zh"
    protocol: str
    quick: bool
    sensitive: bool
    level: Level
    families: tuple[Compared, ...]
    things: tuple[Compared, ...]
    scores: tuple[Score, ...]
    detectors: tuple[Profile, ...]
    worst: tuple[Worst, ...]
    agreements: tuple[Agreement, ...] = ()
    calibration: dict[str, Calibration] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    reckoned: int = 1
