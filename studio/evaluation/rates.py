"""Rates with their intervals; nothing measured stays nothing, never 0."""

from scipy.stats import binomtest

from studio.records import Rate


def wilson(k: int, n: int) -> Rate:
    """k of n with the 95 % Wilson interval (Wilson, 1927), from scipy."""
    if n == 0:
        return Rate(0, 0, None, None, None)
    interval = binomtest(k, n).proportion_ci(0.95, method="wilson")
    return Rate(k, n, k / n, float(interval.low), float(interval.high))
