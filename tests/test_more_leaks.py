"""More leaks never give a better bound or verdict, no interval vanishes, and intervals cover."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.evaluation.aggregation.expected_maximum import _interval as maximum_interval
from studio.evaluation.aggregation.removal_rate import _interval as removal_interval
from studio.evaluation.comparison import Calibration, clustered, corrected, difference
from studio.evaluation.findings import Compared
from studio.evaluation.levels import check
from studio.evaluation.rater_agreement import alpha
from studio.evaluation.rates import paired, wilson, wilson_interval
from studio.records import Rate

ORDER = ("holds", "open", "fails")
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def verdict(freed: Rate, name: str = "direct") -> int:
    seen, nothing = wilson(freed.k, freed.n), difference([True] * 5, [True] * 5)
    line = Compared(name, "gone", wilson(freed.n, freed.n), seen, nothing, freed)
    return ORDER.index(check(line).held)


@st.composite
def judges(draw: Callable[..., int]) -> Calibration:
    """Judges that are better than a coin, on 1 to 300 labelled pictures of each kind."""
    shown, clean = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    found = draw(st.integers(0, shown))
    least = int(clean * (1 - found / shown)) + 1
    return Calibration(found, shown, draw(st.integers(min(least, clean), clean)), clean)


def better_than_a_coin(judge: Calibration) -> bool:
    return judge.found / judge.shown + judge.passed / judge.clean > 1


@pytest.mark.parametrize(
    ("n", "judge"),
    [(100, Calibration(45, 50, 45, 50)), (500, Calibration(190, 200, 190, 200))],
)
def test_the_reported_cases(n: int, judge: Calibration) -> None:
    found = [corrected(k, n, judge) for k in range(n + 1)]
    assert 0 < found[0].high <= found[1].high <= found[2].high <= found[5].high
    assert found[0].high == pytest.approx({100: 0.0412, 500: 0.0078}[n], abs=2e-4)
    verdicts = [verdict(freed) for freed in found]
    assert verdicts == sorted(verdicts)
    assert verdicts[1] == verdicts[0] == (1 if n == 100 else 0)


@QUICK
@given(judges(), st.integers(1, 600), st.data())
def test_more_leaks_are_never_better(judge: Calibration, n: int, data: st.DataObject) -> None:
    if not better_than_a_coin(judge):
        return
    few = data.draw(st.integers(0, n))
    ks = sorted({0, few, min(few + 1, n), data.draw(st.integers(few, n)), n})
    found = [corrected(k, n, judge) for k in ks]
    for freed in found:
        assert 0 <= freed.low <= freed.rate <= freed.high <= 1
        assert freed.low < freed.high and freed.high > 0 and freed.low < 1
    for less, more in pairwise(found):
        assert less.low <= more.low and less.high <= more.high and less.rate <= more.rate
        assert verdict(less) <= verdict(more)


@QUICK
@given(judges(), st.integers(1, 600), st.data())
def test_a_judge_that_finds_less_is_never_better(
    judge: Calibration, n: int, data: st.DataObject
) -> None:
    worse = replace(judge, found=data.draw(st.integers(0, judge.found)))
    k = data.draw(st.integers(0, n))
    if not (better_than_a_coin(judge) and better_than_a_coin(worse)):
        return
    one, other = corrected(k, n, judge), corrected(k, n, worse)
    assert one.high <= other.high
    if k / n >= 1 - judge.passed / judge.clean:
        assert verdict(one) <= verdict(other)


def test_every_count_of_small_tests_in_turn() -> None:
    for judge in (Calibration(9, 10, 10, 10), Calibration(29, 30, 20, 30), Calibration(1, 1, 1, 1)):
        for n in (1, 7, 40):
            found = [corrected(k, n, judge) for k in range(n + 1)]
            assert sorted(f.high for f in found) == [f.high for f in found]
            assert sorted(f.low for f in found) == [f.low for f in found]


def test_a_surer_judge_and_a_perfect_one() -> None:
    few, many = (
        corrected(0, 500, Calibration(9, 10, 10, 10)),
        corrected(0, 500, Calibration(900, 1000, 1000, 1000)),
    )
    assert few.high > 1.05 * many.high > 1.05 * 0.0073 / 0.9  # its sensitivity is unsure at 0 too
    perfect = corrected(7, 500, Calibration(10**6, 10**6, 10**6, 10**6))
    assert (perfect.low, perfect.high) == pytest.approx((0.00565, 0.02864), abs=3e-4)  # exact


def test_several_seeds_of_a_prompt_are_worth_less() -> None:
    judge = Calibration(190, 200, 195, 200)
    one, other = corrected(20, 500, judge), corrected(20, 500, judge, worth=50)
    assert one.rate == other.rate and other.low <= one.low and one.high < other.high


@cache
def bounds(k: int, n: int, judge: Calibration) -> Rate:
    return corrected(k, n, judge)


def coverage(true: float, n: int, judge: tuple[float, float, int], tests: int) -> float:
    """How often the interval holds the truth, and both sides of a miss may be told apart."""
    sensitivity, specificity, labelled = judge
    rng = np.random.default_rng(1)
    seen = rng.binomial(n, true * sensitivity + (1 - true) * (1 - specificity), tests)
    found = rng.binomial(labelled, sensitivity, tests)
    passed = rng.binomial(labelled, specificity, tests)
    held = 0
    for k, f, p in zip(seen.tolist(), found.tolist(), passed.tolist(), strict=True):
        freed = bounds(k, n, Calibration(f, labelled, p, labelled))
        held += freed.low is not None and freed.low <= true <= freed.high
    return held / tests


SMALL = (0.005, 0.01, 0.02, 0.05)


@pytest.mark.parametrize("n", [100, 500])
@pytest.mark.parametrize("judge", [(0.9, 0.97, 30), (0.95, 0.99, 200)])
def test_small_rates_are_covered(n: int, judge: tuple[float, float, int]) -> None:
    for true in SMALL:
        assert coverage(true, n, judge, 600) >= 0.94, true


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 100, 500])
@pytest.mark.parametrize(
    "judge",
    [(0.9, 0.97, 30), (0.95, 0.99, 200), (0.8, 0.9, 50), (0.99, 0.99, 100), (0.9, 0.97, 1000)],
)
def test_all_rates_are_covered(n: int, judge: tuple[float, float, int]) -> None:
    for true in (*SMALL, 0.2, 0.5, 0.8, 0.98):
        assert coverage(true, n, judge, 4000) >= 0.94, true


# the same kind elsewhere


@QUICK
@given(st.integers(1, 300), st.data())
def test_more_lost_is_never_better(n: int, data: st.DataObject) -> None:
    gained = data.draw(st.integers(0, n))
    lost = data.draw(st.integers(0, n - gained))
    low, high = paired(gained / n, lost / n, n)
    assert -1 <= low <= (gained - lost) / n <= high <= 1 and low < high
    if lost < n - gained:
        less = paired(gained / n, (lost + 1) / n, n)
        assert less[0] <= low + 1e-9 and less[1] <= high + 1e-9


def test_one_picture_lost_is_not_better_than_none() -> None:
    """A bootstrap gave none lost of 100 down to -3.7 points, and one lost down to -3.0."""
    before = [True] * 100
    lows = [difference(before, [False] * k + [True] * (100 - k)).low for k in range(6)]
    assert lows == sorted(lows, reverse=True) and lows[1] < lows[0] < -0.03


def test_tangos_interval_of_published_tables() -> None:
    # airway hyper-responsiveness: 7 against 1 of 21; Fagerland, Lydersen, Laake, 2017, chapter 8
    assert paired(7 / 21, 1 / 21, 21) == pytest.approx((0.026, 0.517), abs=5e-4)
    assert paired(0, 0, 500) == pytest.approx((-wilson(0, 500).high, wilson(0, 500).high))


@pytest.mark.parametrize(("gain", "loss"), [(0.0, 0.01), (0.01, 0.03), (0.1, 0.3)])
def test_the_paired_interval_covers(gain: float, loss: float) -> None:
    rng, held = np.random.default_rng(0), 0
    for counts in rng.multinomial(200, [gain, loss, 1 - gain - loss], 1000):
        low, high = paired(counts[0] / 200, counts[1] / 200, 200)
        held += low <= gain - loss <= high
    assert held >= 925  # as Wilson's, a little over or under 95 % by turns


def leaking(prompts: int, seeds: int, hits: Sequence[int]) -> Rate:
    names = [str(place) for place in range(prompts) for _ in range(seeds)]
    shown = [
        seed < (hits[p] if p < len(hits) else 0) for p in range(prompts) for seed in range(seeds)
    ]
    return clustered(shown, names)


def test_more_leaks_over_prompts_with_several_seeds() -> None:
    """A bootstrap gave 0 of 500 below 7.1 %, and 1 of 500 up to 0.6 %."""
    steps = [leaking(50, 10, hits) for hits in ([], [1], [2], [10], [10, 1], [10, 5], [10, 10, 10])]
    highs = [rate.high for rate in steps]
    assert highs == sorted(highs) and highs[0] == pytest.approx(wilson(0, 50).high)
    whole = leaking(4, 5, [5, 5, 5, 5])
    assert whole.low == pytest.approx(wilson(4, 4).low) and whole.high == 1.0
    assert wilson_interval(0.3, 90) == pytest.approx((wilson(27, 90).low, wilson(27, 90).high))


def test_prompts_of_unequal_numbers_of_seeds_are_worth_fewer() -> None:
    even = clustered([True] * 5 + [False] * 5, [*"aabbccddee"])
    uneven = clustered([True] * 5 + [False] * 5, [*"aaaaaabcde"])
    assert uneven.high - uneven.low > even.high - even.low


def test_p_over_prompts_with_several_seeds_counts_prompts() -> None:
    """Ten seeds of one prompt that lost it are one prompt that did, not ten chances."""
    before, groups = [True] * 50, [str(place // 10) for place in range(50)]
    after = [False] * 10 + [True] * 40
    assert difference(before, after).p == pytest.approx(2 * 0.5**10)
    found = difference(before, after, groups)
    assert found.p == 1.0 and found.low < difference(before, after).low


def test_a_removal_rate_of_all_keeps_its_doubt() -> None:
    base = np.ones(30)
    lows, highs = zip(
        *(removal_interval(1 - k / 30, base, (np.arange(30) < k) * 1.0) for k in range(31)),
        strict=True,
    )
    assert lows[0] == pytest.approx(1 - wilson(0, 30).high) and highs[0] == 1.0
    assert highs[30] == pytest.approx(wilson(0, 30).high)
    assert all(more <= less for less, more in pairwise(lows))
    half = removal_interval(0.5, 2 * base, base)
    assert half[0] < 0.5 < half[1]


def test_an_expected_maximum_of_nothing_keeps_its_doubt() -> None:
    found = [maximum_interval((np.arange(100) < k) * 0.1) for k in (0, 1, 5)]
    assert found[0][1] > 0.5 and [low for low, _ in found] == sorted(low for low, _ in found)
    assert all(high >= found[0][1] for _, high in found)
    low, high = maximum_interval(np.ones(100))
    assert low == pytest.approx(1.0) and high == 1.0  # so many prompts all show it: one of 25 will


def test_full_agreement_of_few_keeps_its_doubt() -> None:
    def of(count: int) -> float:
        same = alpha({n: {"A": n % 2, "B": n % 2} for n in range(count)}, "nominal")
        assert same.value == same.high == 1.0 and same.low is not None
        return same.low

    assert of(4) < of(20) < of(200) < 1.0
