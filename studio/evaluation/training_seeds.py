"""A method's numbers over several trainings of it; each was asked the same prompts."""

from collections.abc import Sequence
from dataclasses import replace
from math import hypot, sqrt
from statistics import fmean, stdev

from scipy.stats import t

from studio.evaluation.findings import Score
from studio.evaluation.rates import wilson_interval
from studio.records import Rate

SEEDS = (0, 1, 2)  # of trainings, where nothing else is asked for


def over_seeds(each: Sequence[Rate]) -> Rate:
    """The mean rate over trainings, with an interval for any training and any prompts.

    Two doubts are added in squares (Zou and Donner, 2008, Statistics in Medicine 27): Wilson's of
    as many answers as one training was asked, as all were asked the same prompts; and that of the
    mean of the trainings' rates, Student's t with one degree of freedom less than trainings. Few
    trainings make it wide: the factor is 4.3 with three of them, 12.7 with two.

    Args:
        each: one rate a training. One alone keeps its own interval.

    Returns:
        k and n summed over the trainings; nothing measured where one of them has nothing.
    """
    k, n = sum(rate.k for rate in each), sum(rate.n for rate in each)
    shares = [rate.rate for rate in each if rate.rate is not None]
    if not shares or len(shares) < len(each):
        return Rate(k, n, None, None, None)
    if len(each) == 1:
        return each[0]
    mean, reach = fmean(shares), _reach(shares)
    low, high = wilson_interval(mean, min(rate.n for rate in each))
    return Rate(
        k,
        n,
        mean,
        max(0.0, mean - hypot(mean - low, reach)),
        min(1.0, mean + hypot(high - mean, reach)),
    )


def scores_over_seeds(each: Sequence[Sequence[Score]]) -> tuple[Score, ...]:
    """The mean of each score over trainings, with the same two doubts in its interval.

    Args:
        each: the scores of each training. A score that one of them lacks is not measured;
            where one has no interval there is none.
    """
    found = [{score.name: score for score in scores} for scores in each]
    return tuple(
        _score([scores[name] for scores in found])
        for name in found[0]
        if all(name in scores for scores in found)
    )


def _score(each: Sequence[Score]) -> Score:
    values = [score.value for score in each if score.value is not None]
    if len(each) == 1 or len(values) < len(each):
        return next((score for score in each if score.value is None), each[0])
    mean, reach = fmean(values), _reach(values)
    lows = [score.low for score in each if score.low is not None]
    highs = [score.high for score in each if score.high is not None]
    if len(lows) < len(each) or len(highs) < len(each):
        return replace(each[0], value=mean, low=None, high=None)
    low, high = mean - fmean(lows), fmean(highs) - mean
    return replace(
        each[0], value=mean, low=mean - hypot(low, reach), high=mean + hypot(high, reach)
    )


def _reach(values: Sequence[float]) -> float:
    """How far the mean of the trainings may be off, 95 %."""
    count = len(values)
    return float(t.ppf(0.975, count - 1)) * stdev(values) / sqrt(count)
