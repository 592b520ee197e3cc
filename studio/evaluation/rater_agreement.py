"""How far raters agree: Krippendorff's alpha, from the library `krippendorff`."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import krippendorff
import numpy as np
from scipy.stats import bootstrap

from studio.evaluation.rates import wilson_interval

Level = Literal["nominal", "ordinal"]
RESAMPLES = 999


@dataclass(frozen=True)
class Alpha:
    """Agreement of raters on what at least two of them rated.

    Attributes:
        value: 1 full agreement, 0 as by chance, below 0 worse; None: not measured.
        low, high: 95 % interval over what was rated; None where it cannot be had.
        shared: things that at least two rated. raters: people who rated any of them.
        same: everybody gave one and the same answer everywhere, so that chance cannot be told.
    """

    value: float | None
    low: float | None
    high: float | None
    shared: int
    raters: int
    same: bool = False


def alpha(ratings: Mapping[Hashable, Mapping[str, float]], level: Level) -> Alpha:
    """Krippendorff's alpha (Krippendorff, 2011, "Computing Krippendorff's Alpha-Reliability").

    Args:
        ratings: what was rated -> rater -> value. level: "nominal" for yes and no, "ordinal" for
            ranks.
    """
    shared = [given for given in ratings.values() if len(given) > 1]
    names = sorted({name for given in shared for name in given})
    if not shared:
        return Alpha(None, None, None, 0, 0)
    table = np.array([[given.get(name, np.nan) for given in shared] for name in names], float)
    if len(np.unique(table[~np.isnan(table)])) < 2:
        return Alpha(None, None, None, len(shared), len(names), same=True)
    value = _alpha(table, level)
    low, high = _interval(table, level)
    return Alpha(value, low, high, len(shared), len(names))


def _alpha(table: np.ndarray, level: Level) -> float:
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement=level))


def _interval(table: np.ndarray, level: Level) -> tuple[float | None, float | None]:
    """Percentile bootstrap over the columns, which are what was rated.

    Where all agree everywhere every draw is 1, however few they are. So the lower end is at most
    that with as many more columns of two who differ most as none among these leaves possible.
    """
    if table.shape[1] < 2:
        return None, None

    def of(places: np.ndarray) -> float:
        drawn = table[:, places]
        # a sample without any difference is full agreement
        return _alpha(drawn, level) if len(np.unique(drawn[~np.isnan(drawn)])) > 1 else 1.0

    found = bootstrap(
        (np.arange(table.shape[1]),), of, vectorized=False, n_resamples=RESAMPLES,
        method="percentile", rng=np.random.default_rng(0),
    )  # fmt: skip
    interval = found.confidence_interval
    unseen = np.full((len(table), _unseen(table.shape[1])), np.nan)
    unseen[0], unseen[-1] = np.nanmin(table), np.nanmax(table)
    worse = _alpha(np.hstack([table, unseen]), level)
    return min(float(interval.low), worse), float(interval.high)


def _unseen(count: int) -> int:
    """How many more of a kind there may be of which none was among so many (Wilson); at least 1."""
    return max(1, round(count * wilson_interval(0.0, count)[1]))
