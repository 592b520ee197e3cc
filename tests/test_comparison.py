"""Paired comparisons, clustered rates and corrected rates, against scipy and statsmodels."""

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from studio.evaluation.comparison import (
    Calibration,
    agreement,
    clustered,
    corrected,
    difference,
    holm,
)
from studio.evaluation.rates import wilson


@pytest.mark.parametrize("seed", range(20))
def test_wilson_equals_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 600))
    k = int(rng.integers(0, n + 1))
    low, high = proportion_confint(k, n, method="wilson")
    found = wilson(k, n)
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_a_difference_is_that_of_the_same_questions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, after = rng.random(120) < 0.8, rng.random(120) < 0.3
    found = difference(before.tolist(), after.tolist())
    lost, gained = int((before & ~after).sum()), int((~before & after).sum())
    assert (found.n, found.gained, found.lost) == (120, gained, lost)
    assert found.difference == pytest.approx(after.mean() - before.mean())
    assert found.low is not None and found.high is not None
    assert found.low < found.difference < found.high < 0
    table = [[int((before & after).sum()), lost], [gained, int((~before & ~after).sum())]]
    assert found.p == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found.p == pytest.approx(min(1, binomtest(lost, lost + gained).pvalue))


def test_a_pair_says_more_than_two_rates() -> None:
    # of 200, 10 pictures lose it and none gains it: in two separate groups that would say nothing
    before = [True] * 150 + [False] * 50
    after = [True] * 140 + [False] * 60
    found = difference(before, after)
    assert found.p is not None and found.p < 0.01
    assert found.high is not None and found.high < 0
    assert wilson(150, 200).low < wilson(140, 200).high


def test_nothing_asked_is_nothing_measured() -> None:
    assert difference([], []).difference is None and difference([], []).p is None
    assert clustered([], []).rate is None
    assert corrected(0, 0, Calibration(9, 10, 9, 10)).rate is None
    with pytest.raises(ValueError, match="same questions"):
        difference([True], [])


def test_nothing_that_changes_is_no_difference() -> None:
    found = difference([True] * 9, [True] * 9)
    reach = wilson(0, 9).high
    assert (found.difference, found.p) == (0.0, 1.0)
    assert (found.low, found.high) == pytest.approx((-reach, reach))
    all_lost = difference([True] * 9, [False] * 9)
    assert (all_lost.difference, all_lost.low) == (-1.0, -1.0)
    assert all_lost.high is not None and -1 + reach < all_lost.high < -0.4
    never = clustered([False] * 4, ["a", "a", "b", "b"])
    assert (never.rate, never.low) == (0.0, 0.0) and never.high == pytest.approx(wilson(0, 2).high)


def test_answers_of_one_prompt_hang_together() -> None:
    prompts = [f"prompt {place // 10}" for place in range(200)]
    shown = [place // 10 % 2 == 0 for place in range(200)]  # all or nothing, prompt by prompt
    found, alone = clustered(shown, prompts), wilson(100, 200)
    assert found.rate == 0.5 and found.low is not None and found.high is not None
    assert found.high - found.low > 2 * (alone.high - alone.low)
    each = clustered(shown, [str(place) for place in range(200)])
    assert each.high - each.low == pytest.approx(alone.high - alone.low, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("prompts", "seeds"), [(50, 10), (100, 10)])
def test_the_interval_over_prompts_covers_and_wilson_does_not(prompts: int, seeds: int) -> None:
    rng = np.random.default_rng(0)
    names = [str(place) for place in range(prompts) for _ in range(seeds)]
    covered = {"clustered": 0, "wilson": 0}
    for _ in range(300):
        rates = rng.beta(0.15, 0.6, prompts)  # prompts differ a lot; the mean is 0.2
        shown = (rng.random((prompts, seeds)) < rates[:, None]).reshape(-1).tolist()
        for name, rate in (
            ("clustered", clustered(shown, names)),
            ("wilson", wilson(sum(shown), len(shown))),
        ):
            covered[name] += rate.low <= 0.2 <= rate.high
    assert covered["clustered"] / 300 > 0.89
    assert covered["wilson"] / 300 < 0.75


def test_a_judges_mistakes_are_taken_out() -> None:
    # half show it; the judge finds 9 of 10 and calls 1 of 20 wrongly: it says 0.475
    judge = Calibration(found=900, shown=1000, passed=950, clean=1000)
    found = corrected(475, 1000, judge)
    assert found.rate == pytest.approx(0.5) and found.low < 0.5 < found.high
    assert found.high - found.low > wilson(475, 1000).high - wilson(475, 1000).low
    only_mistakes = corrected(50, 1000, judge)
    assert only_mistakes.rate == pytest.approx(0.0) and only_mistakes.high > 0.01
    assert corrected(475, 1000, Calibration(500, 1000, 500, 1000)).rate is None


def test_many_questions_make_each_less_sure() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_agreement_beyond_chance() -> None:
    assert agreement([True, False] * 10, [True, False] * 10) == pytest.approx(1.0)
    assert agreement([True, True, False, False] * 5, [True, False] * 10) == pytest.approx(0.0)
    assert agreement([True] * 5, [True] * 5) is None
