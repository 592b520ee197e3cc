"""What a share may truly be, given a judge whose own two rates were counted on labelled pictures.

The judge sees a share s = p * sensitivity + (1 - p) * (1 - specificity), so that

    p = (s - f) / (sensitivity - f),   f = 1 - specificity, its rate of false alarms

Each bound is melded (Fay, Proschan and Brittain, 2015, Biometrics 71; for a judge with mistakes
Bayer, Fay and Graubard, 2023, Statistics in Medicine 42): the quantile of that ratio where each of
the three rates is drawn from the end of its exact (Clopper-Pearson) interval that makes the bound
wider. The draws are one fixed set of points, so that a bound never falls when a count rises.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv
from scipy.stats import qmc

POINTS = 12  # 2 ** POINTS draws
LEVEL = 0.975  # of each of the two bounds
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Counted:
    """k of n; where answers hang together, n is how many independent ones they are worth."""

    k: float
    n: float

    @property
    def others(self) -> "Counted":
        """What was not counted."""
        return Counted(self.n - self.k, self.n)


def upper(seen: Counted, found: Counted, alarms: Counted) -> float:
    """The highest true share, 97.5 %; above 0, and never lower where more was seen or less found.

    What was seen may be less than the judge's false alarms alone: then the ratio is below 0, which
    says that there were few false alarms here, not that nothing is there. So the bound is at least
    that of nothing seen by a judge without false alarms.

    Args:
        seen: of the pictures asked. found: of labelled pictures that show it. alarms: of labelled
            pictures that do not.
    """
    nothing = _ratio(_high(Counted(0, seen.n), 0), _low(found, 1), np.zeros(1))
    told = _ratio(_high(seen, 0), _low(found, 1), _low(alarms, 2))
    return max(float(np.quantile(bound, LEVEL)) for bound in (nothing, told))


def lower(seen: Counted, found: Counted, alarms: Counted) -> float:
    """The lowest true share, 97.5 %: the same of what does not show it; below 1."""
    return 1.0 - upper(seen.others, alarms.others, found.others)


def _ratio(share: Floats, sensitivity: Floats, alarms: Floats) -> Floats:
    """p of the module's text, within 0..1; 1, which says nothing, for a judge that is no judge."""
    span = sensitivity - alarms
    told = np.clip((share - alarms) / np.where(span > 0, span, 1.0), 0.0, 1.0)
    return np.where(span > 0, told, 1.0)


@lru_cache(maxsize=4096)
def _high(rate: Counted, axis: int) -> Floats:
    """Draws of the upper end of a rate's exact interval; 1 where all were counted."""
    points = _points()[axis]
    left = rate.n - rate.k
    return np.ones_like(points) if left <= 0 else _beta(rate.k + 1, left, points)


@lru_cache(maxsize=4096)
def _low(rate: Counted, axis: int) -> Floats:
    """Draws of its lower end; 0 where none was counted."""
    points = _points()[axis]
    return np.zeros_like(points) if rate.k <= 0 else _beta(rate.k, rate.n - rate.k + 1, points)


def _beta(a: float, b: float, points: Floats) -> Floats:
    return np.asarray(betaincinv(a, b, points), dtype=np.float64)


@lru_cache(maxsize=1)
def _points() -> Floats:
    """(3, N) points of the unit cube, spread evenly; always the same."""
    return np.ascontiguousarray(qmc.Sobol(3, rng=np.random.default_rng(0)).random_base2(POINTS).T)
