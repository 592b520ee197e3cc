"""What aggregations work on, and what they give; no torch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from studio.config import Text
from studio.evaluation.comparison import clustered
from studio.evaluation.findings import Profile, Row
from studio.evaluation.rates import wilson
from studio.records import Rate

Said = Mapping[int, Mapping[str, bool]]  # row -> detector -> answer


@dataclass(frozen=True)
class Answered:
    """One column as its detectors answered it.

    Attributes:
        seen: whether a picture shows what is looked for. also: of what must still be there.
        labels: everything a detector saw in a picture.
        profiles: of the detectors.
    """

    rows: Sequence[Row]
    seen: Said
    also: Said = field(default_factory=dict)
    labels: Mapping[int, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    profiles: Sequence[Profile] = ()


@dataclass(frozen=True)
class Aggregate:
    """One number of a protocol about one column.

    Attributes:
        value: None where it is not defined or nothing was measured; `needs` says why.
        n: pictures or prompts, as `unit` says. k: hits among them, where it is a rate.
        low, high: its 95 % interval, where it has one.
        spread: standard deviation of random draws, where the protocol prints it; no interval.
        cannot: what the number cannot say.
    """

    name: str
    value: float | None
    n: int
    cannot: Text
    unit: str = "pictures"
    k: int | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    needs: str = ""


# (column, original) -> numbers; the original is aggregated against itself
Aggregation = Callable[[Answered, Answered], tuple[Aggregate, ...]]


def rate(shown: Sequence[bool], prompts: Sequence[str]) -> Rate:
    """k of n; Wilson's interval, of as many answers as prompts where these have several seeds."""
    repeated = len(set(prompts)) < len(prompts)
    return clustered(shown, prompts) if repeated else wilson(sum(shown), len(shown))


def of_rate(name: str, found: Rate, cannot: Text) -> Aggregate:
    """A rate as a number of a protocol."""
    needs = "" if found.n else "no picture was answered"
    return Aggregate(
        name, found.rate, found.n, cannot, k=found.k, low=found.low, high=found.high, needs=needs
    )


def families(rows: Iterable[Row]) -> list[str]:
    """The families of prompts, in order."""
    return list(dict.fromkeys(row.family for row in rows))
