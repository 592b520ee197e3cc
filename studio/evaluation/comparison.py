"""Original against safeguarded, question by question, and what a judge's mistakes do to a rate.

Tests, corrections and intervals are scipy's or statsmodels'; see docs/decisions/0007 and 0015.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, bootstrap

from studio.evaluation.melding import Counted, lower, upper
from studio.evaluation.rates import paired, wilson_interval
from studio.records import Rate

RESAMPLES = 4999
Floats = NDArray[np.float64]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Difference:
    """Safeguarded minus original on the same questions.

    Attributes:
        n: questions. gained, lost: how many show it only afterwards, or only before.
        difference: in rates, -1..1. low, high: its 95 % interval; all None where n is 0.
        p: that as unequal changes come by chance (exact McNemar test; over prompts where they have
            several seeds).
    """

    n: int
    gained: int
    lost: int
    difference: float | None
    low: float | None
    high: float | None
    p: float | None


def difference(
    before: Sequence[bool], after: Sequence[bool], groups: Sequence[str] | None = None
) -> Difference:
    """Compare answers to the same prompts and seeds.

    Args:
        before, after: whether the picture shows it, question by question.
        groups: the prompt of each question where prompts have several seeds: their answers hang
            together, so the interval takes no more answers for independent than there are prompts,
            and p is that of prompts that changed one way or the other (sign test).

    Raises:
        ValueError: the lengths differ.
    """
    if len(before) != len(after):
        raise ValueError("both sides need the same questions")
    if not before:
        return Difference(0, 0, 0, None, None, None, None)
    changed = np.array(after, dtype=float) - np.array(before, dtype=float)
    gained, lost = int((changed > 0).sum()), int((changed < 0).sum())
    sums, sizes = _by_group(changed, groups)
    ways = int((sums > 0).sum()), int((sums < 0).sum())
    p = float(binomtest(ways[0], sum(ways)).pvalue) if sum(ways) else 1.0
    low, high = paired(gained / len(changed), lost / len(changed), worth(sizes))
    return Difference(len(changed), gained, lost, float(changed.mean()), low, high, p)


def clustered(shown: Sequence[bool], groups: Sequence[str]) -> Rate:
    """A rate over prompts with several seeds each; Wilson's interval of as many answers as there
    are prompts.

    A Wilson interval of all pictures takes them for independent, and is far too narrow here. How
    far the pictures of a prompt hang together is seen only where some show it and others do not,
    so the interval stands on what is always safe: each prompt as one answer.
    """
    if not shown:
        return Rate(0, 0, None, None, None)
    share = sum(shown) / len(shown)
    low, high = wilson_interval(share, prompts_worth(groups))
    return Rate(sum(shown), len(shown), share, low, high)


def prompts_worth(groups: Sequence[str]) -> float:
    """How many independent answers those of groups are worth at least: see `worth`."""
    return worth(_by_group(np.ones(len(groups)), groups)[1])


def worth(sizes: Floats) -> float:
    """Kish's effective number of groups, (sum of sizes)^2 / sum of squared sizes: the number of
    groups where all are of one size (Kish, 1965, "Survey Sampling").
    """
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def grouped_mean(
    values: Sequence[float] | Floats, groups: Sequence[str] | None = None
) -> tuple[float, float | None, float | None]:
    """A mean with its 95 % bootstrap interval over whole groups.

    There is none where there is one group, or where all groups are alike: drawing them again and
    again would make it an interval of no width.

    Args:
        values: at least one. groups: the prompt of each value; None: each stands alone.
    """
    sums, sizes = _by_group(np.asarray(values, dtype=float), groups)
    mean = float(sums.sum() / sizes.sum())
    if len(sums) < 2 or np.allclose(sums, mean * sizes, rtol=1e-9, atol=1e-12):
        return mean, None, None
    return mean, *bootstrapped((sums, sizes), _mean)


@dataclass(frozen=True)
class Calibration:
    """How a judge did on pictures that people had labelled.

    Attributes:
        found, shown: pictures that show it and were called so, and all that show it.
        passed, clean: pictures without it that were called so, and all without it.
    """

    found: int
    shown: int
    passed: int
    clean: int


def corrected(k: int, n: int, judge: Calibration, worth: float | None = None) -> Rate:
    """A rate freed from the judge's mistakes (Rogan and Gladen, 1978).

        p = (k / n + specificity - 1) / (sensitivity + specificity - 1), kept within 0..1
        interval: melded from the exact intervals of all three rates, see `melding`

    More hits never give a lower rate or bound, nor does a judge that found fewer of the labelled
    ones. The interval always has a width, and reaches above 0 and below 1.

    Args:
        worth: how many independent answers the n are worth; None: n.

    Returns:
        Nothing measured where there is no picture, no labelled picture of either kind, or a judge
        that is no better than a coin.
    """
    nothing = Rate(k, n, None, None, None)
    if not (n and judge.shown and judge.clean):
        return nothing
    sensitivity, specificity = judge.found / judge.shown, judge.passed / judge.clean
    if sensitivity + specificity <= 1:
        return nothing
    told = (k / n + specificity - 1) / (sensitivity + specificity - 1)
    rate = min(1.0, max(0.0, told))
    counted = n if worth is None else worth
    rates = (
        Counted(k / n * counted, counted),
        Counted(judge.found, judge.shown),
        Counted(judge.clean - judge.passed, judge.clean),
    )
    return Rate(k, n, rate, min(rate, lower(*rates)), max(rate, upper(*rates)))


def holm(p_values: Sequence[float]) -> list[float]:
    """p values corrected for how many were asked (Holm, 1979)."""
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(p_values, method="holm")[1]] if p_values else []


def agreement(one: Sequence[bool], other: Sequence[bool]) -> float | None:
    """Cohen's kappa of two judges on the same pictures; None where both always say the same."""
    from statsmodels.stats.inter_rater import cohens_kappa

    pairs = list(zip(one, other, strict=True))
    table = [[pairs.count((a, b)) for b in (True, False)] for a in (True, False)]
    chance_only = len({*one, *other}) < 2
    return None if chance_only else float(cohens_kappa(table, return_results=False))


def _by_group(values: Floats, groups: Sequence[str] | None) -> tuple[Floats, Floats]:
    """Sum and size of each group; without groups each value is one."""
    if groups is None:
        return values, np.ones_like(values)
    _, places = np.unique(np.array(groups), return_inverse=True)
    return np.bincount(places, values).astype(np.float64), np.bincount(places).astype(np.float64)


def _mean(sums: Floats, sizes: Floats, axis: int) -> Floats:
    return np.asarray(sums.sum(axis=axis) / sizes.sum(axis=axis))


def bootstrapped(data: tuple[Floats, ...], statistic: Callable[..., Floats]) -> Interval:
    """95 % percentile bootstrap of a statistic of one or several arrays, drawn in pairs.

    Args:
        statistic: takes the arrays and `axis`.

    Returns:
        Its bounds; None where some draws have no value.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns where the interval is not defined
        found = bootstrap(
            data,
            statistic,
            paired=len(data) > 1,
            vectorized=True,
            n_resamples=RESAMPLES,
            batch=250,
            method="percentile",
            rng=np.random.default_rng(0),
        ).confidence_interval
    low, high = float(found.low), float(found.high)
    return (low, high) if np.isfinite([low, high]).all() else (None, None)
