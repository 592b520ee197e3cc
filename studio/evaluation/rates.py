"""Rates and differences of rates with their intervals; nothing measured stays nothing, never 0."""

from math import sqrt

from scipy.optimize import brentq
from scipy.stats import binomtest, norm

from studio.records import Rate

Z = float(norm.ppf(0.975))


def wilson(k: int, n: int) -> Rate:
    """k of n with the 95 % Wilson interval (Wilson, 1927), from scipy."""
    if n == 0:
        return Rate(0, 0, None, None, None)
    interval = binomtest(k, n).proportion_ci(0.95, method="wilson")
    return Rate(k, n, k / n, float(interval.low), float(interval.high))


def wilson_interval(share: float, n: float) -> tuple[float, float]:
    """The same interval of a share of answers that are worth n independent ones, n > 0."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return (0.0 if share == 0 else middle - reach), (1.0 if share == 1 else middle + reach)


def paired(gained: float, lost: float, n: float) -> tuple[float, float]:
    """95 % interval of the difference of two rates on the same n questions: Tango's score interval.

    Source: Tango, 1998, "Equivalence test and confidence interval for the difference in proportions
    for the paired-sample design", Statistics in Medicine 17. Where nothing changed it is Wilson's
    bound for none of n, both ways.

    Args:
        gained, lost: shares of the questions, 0..1.
        n: how many independent questions they are worth, above 0.
    """
    return -_paired_high(lost, gained, n), _paired_high(gained, lost, n)


def _paired_high(gained: float, lost: float, n: float) -> float:
    """The difference above what was seen at which its score is -z."""
    seen, edge = gained - lost, 1e-12
    if seen >= 1 - edge:
        return 1.0

    def beyond(true: float) -> float:
        b = (2 - seen) * true - gained - lost
        root = sqrt(max(0.0, b**2 + 8 * lost * true * (1 - true)))
        share_lost = (root - b) / 4  # likeliest where the difference is `true`
        spread = sqrt(max(0.0, 2 * share_lost + true * (1 - true)) / n)
        return seen - true + Z * spread

    return float(brentq(beyond, seen + edge, 1.0, xtol=1e-12))
