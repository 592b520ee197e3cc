"""Original against safeguarded, question by question, and what a judge's mistakes do to a rate.

Tests, corrections and intervals are scipy's or statsmodels'; see docs/decisions/0007.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

from studio.evaluation.rates import wilson
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
        p: that as unequal changes come by chance (exact McNemar test).
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
            together, so the bootstrap draws whole prompts.

    Raises:
        ValueError: the lengths differ.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    if len(before) != len(after):
        raise ValueError("both sides need the same questions")
    if not before:
        return Difference(0, 0, 0, None, None, None, None)
    old, new = np.array(before, dtype=float), np.array(after, dtype=float)
    gained, lost = int(((new - old) > 0).sum()), int(((new - old) < 0).sum())
    both = int((old * new).sum())
    table = [[both, lost], [gained, len(old) - both - lost - gained]]
    changes, sizes = _by_group(new - old, groups)
    low, high = _interval(changes, sizes)
    p = float(mcnemar(table, exact=True).pvalue)
    return Difference(len(old), gained, lost, float((new - old).mean()), low, high, p)


def clustered(shown: Sequence[bool], groups: Sequence[str]) -> Rate:
    """A rate over prompts with several seeds each; its interval from a bootstrap over prompts.

    A Wilson interval takes all pictures for independent, and is far too narrow here.
    """
    if not shown:
        return Rate(0, 0, None, None, None)
    sums, sizes = _by_group(np.array(shown, dtype=float), groups)
    low, high = _interval(sums, sizes)
    low = None if low is None else max(0.0, low)
    return Rate(sum(shown), len(shown), sum(shown) / len(shown), low, high)


def grouped_mean(
    values: Sequence[float] | Floats, groups: Sequence[str] | None = None
) -> tuple[float, float | None, float | None]:
    """A mean with its 95 % bootstrap interval over whole groups; nothing is drawn from one group.

    Args:
        values: at least one. groups: the prompt of each value; None: each stands alone.
    """
    sums, sizes = _by_group(np.asarray(values, dtype=float), groups)
    mean = float(sums.sum() / sizes.sum())
    return (mean, *_bootstrap(sums, sizes)) if len(sums) > 1 else (mean, None, None)


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


def corrected(k: int, n: int, judge: Calibration, seed: int = 0) -> Rate:
    """A rate freed from the judge's mistakes (Rogan and Gladen, 1978).

        p = (k / n + specificity - 1) / (sensitivity + specificity - 1), kept within 0..1
        interval: bootstrap of the pictures asked and of the pictures labelled

    Returns:
        Nothing measured where there is no picture, no labelled picture of either kind, or a judge
        that is no better than a coin.
    """
    nothing = Rate(k, n, None, None, None)
    if not (n and judge.shown and judge.clean):
        return nothing
    if judge.found / judge.shown + judge.passed / judge.clean <= 1:
        return nothing
    rng = np.random.default_rng(seed)

    def again(hits: int, of: int) -> Floats:
        return rng.binomial(of, hits / of, RESAMPLES) / of

    parts = ((k, n), (judge.found, judge.shown), (judge.passed, judge.clean))
    rate = _freed(*(np.array(hits / of) for hits, of in parts))
    drawn = _freed(*(again(hits, of) for hits, of in parts))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Rate(k, n, float(rate), float(low), float(high))


def _freed(seen: Floats, sensitivity: Floats, specificity: Floats) -> Floats:
    better_than_a_coin = np.maximum(sensitivity + specificity - 1, 1e-9)
    return np.clip((seen + specificity - 1) / better_than_a_coin, 0, 1)


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


def _interval(sums: Floats, sizes: Floats) -> Interval:
    """95 % bootstrap interval of the mean over all values, drawing groups."""
    mean = sums.sum() / sizes.sum()
    if len(sums) < 2:
        return None, None
    if np.allclose(sums, mean * sizes):
        return _unvaried(float(mean), len(sums))
    return _bootstrap(sums, sizes)


def _bootstrap(sums: Floats, sizes: Floats) -> Interval:
    return bootstrapped((sums, sizes), lambda s, n, axis: s.sum(axis=axis) / n.sum(axis=axis))


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


def _unvaried(mean: float, count: int) -> tuple[float, float]:
    """Where all values are alike there is nothing to draw; Wilson's bound for one that differs."""
    reach = wilson(0, count).high or 0.0
    return max(-1.0, mean - reach), min(1.0, mean + reach)
