"""The numbers of published protocols, by hand and against scipy."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import hypergeom

from studio.errors import StudioError
from studio.evaluation.aggregation import AGGREGATIONS, Aggregate, Answered, get_aggregation
from studio.evaluation.aggregation.any_of import any_of
from studio.evaluation.aggregation.effective import effective
from studio.evaluation.aggregation.expected_maximum import (
    PROMPTS,
    exact_maximum,
    expected_maximum,
    maxima,
    prompt_shares,
)
from studio.evaluation.aggregation.first_detector import first_detector
from studio.evaluation.aggregation.probability import probability
from studio.evaluation.aggregation.removal_rate import removal_rate
from studio.evaluation.aggregation.unlearn_canvas import unlearn_canvas
from studio.evaluation.findings import Profile, Row
from studio.evaluation.rates import wilson

NUDE = Profile("n", labels=("A", "B"))


def column(
    shown: Sequence[bool], prompts: Sequence[str] | None = None, family: str = "direct"
) -> Answered:
    """One detector's answers, a row each."""
    said = prompts or [f"prompt {place}" for place in range(len(shown))]
    rows = [Row(n, said[n], n, family, "gone", "bomb") for n in range(len(shown))]
    return Answered(rows, {n: {"d": answer} for n, answer in enumerate(shown)})


def parts(found: Sequence[Sequence[str]], prompts: Sequence[str] | None = None) -> Answered:
    """One detector's labels, a row each."""
    base = column([bool(labels) for labels in found], prompts)
    seen = {n: {"n": bool(labels)} for n, labels in enumerate(found)}
    return Answered(base.rows, seen, {}, {n: {"n": ls} for n, ls in enumerate(found)}, (NUDE,))


def number(found: tuple[Aggregate, ...], name: str) -> Aggregate:
    return next(one for one in found if one.name == name)


def test_any_detector_is_enough_and_no_answer_is_no_answer() -> None:
    said = {0: {"a": False, "b": True}, 1: {"a": False, "b": False}, 2: {}}
    assert any_of(said) == {0: True, 1: False}


def test_probability_is_k_of_n_with_wilson_where_prompts_have_one_seed() -> None:
    asked = column([True, False, False, False])
    (found,) = probability(asked, asked)
    assert (found.name, found.k, found.n, found.value) == ("shown, direct", 1, 4, 0.25)
    expected = wilson(1, 4)
    assert (found.low, found.high) == (expected.low, expected.high)


def test_the_first_detector_alone_gives_the_rate_and_a_second_one_changes_nothing() -> None:
    asked = column([True, False, False, False])
    both = {0: {"a": True, "b": True}, 1: {"b": True, "a": False}, 2: {"a": True}, 3: {"b": True}}
    judged = replace(asked, seen=both, profiles=(Profile("a"), Profile("b")))
    (found,) = first_detector(judged, judged)
    assert (found.name, found.k, found.n) == ("shown, direct", 2, 3), "row 3 has no answer of a"
    (any_says,) = probability(judged, judged)
    assert (any_says.k, any_says.n) == (4, 4)
    assert first_detector(asked, asked)[0].needs, "nobody is the first where nobody is named"


def test_probability_draws_whole_prompts_where_they_have_several_seeds() -> None:
    prompts = [f"p{place // 10}" for place in range(100)]
    asked = column([place < 50 for place in range(100)], prompts)
    (found,) = probability(asked, asked)
    single = wilson(50, 100)
    assert found.low is not None and single.low is not None and found.low < single.low - 0.05


def test_what_was_not_answered_is_not_measured() -> None:
    asked = Answered(column([True]).rows, {})
    for aggregation in AGGREGATIONS.values():
        for found in aggregation(asked, asked):
            assert found.value is None and found.low is None and found.needs


def test_effective_prompts_are_those_with_which_the_original_shows_it() -> None:
    prompts = ["a", "a", "b", "b", "c", "c"]
    original = column([True, False, False, False, True, True], prompts)
    edited = column([True, False, True, True, False, False], prompts)
    (found,) = effective(edited, original)
    assert (found.k, found.n) == (1, 4), "b never shows it in the original"
    (found,) = effective(edited, column([False] * 6, prompts))
    assert found.value is None and found.n == 0


def test_the_exact_expected_maximum_is_that_of_all_choices() -> None:
    shares = np.array([0.1, 0.5, 0.2, 0.9, 0.2])
    by_hand = np.mean([max(chosen) for chosen in combinations(shares, 3)])
    assert exact_maximum(shares, prompts=3) == pytest.approx(by_hand)


def test_the_expected_maximum_of_rare_hits_is_scipys_chance_of_drawing_one() -> None:
    # 5 of 100 prompts always show it, the others never: the maximum is 1 when one is drawn
    prompts = [f"p{place // 2}" for place in range(200)]
    asked = column([place < 10 for place in range(200)], prompts)
    shares = prompt_shares(asked)
    chance = 1 - hypergeom(100, 5, PROMPTS).pmf(0)
    assert len(shares) == 100 and exact_maximum(shares) == pytest.approx(chance)
    draws = maxima(shares)
    assert len(draws) == 10_000 and draws.mean() == pytest.approx(chance, abs=0.015)
    (found,) = expected_maximum(asked, asked)
    assert found.value == draws.mean() and found.spread == draws.std() and found.n == 100
    assert found.low is not None and found.high is not None
    assert found.low < chance < found.high
    assert found.spread == pytest.approx(np.sqrt(chance * (1 - chance)), abs=0.01)


def test_the_expected_maximum_needs_as_many_prompts_as_one_draw() -> None:
    (found,) = expected_maximum(column([True] * 24), column([True] * 24))
    assert found.value is None and "25" in found.needs
    (found,) = expected_maximum(column([False] * 25), column([True] * 25))
    assert found.value == 0 and found.spread == 0 and found.low == 0
    # none of 25 prompts: up to 13.3 % of all may always show it, so one of 25 with 97 %
    assert found.high == pytest.approx(1 - (1 - wilson(0, 25).high) ** 25)
    (one,) = expected_maximum(column([True] + [False] * 24), column([True] * 25))
    assert one.value == 1 and one.low < 1 and one.high == 1


def test_removal_rate_counts_labels_that_count() -> None:
    original = parts([["A", "B", "face"], ["A"], [], ["B"]])  # 2 + 1 + 0 + 1
    edited = parts([["A"], ["face"], [], []])  # 1
    (found,) = removal_rate(edited, original)
    assert found.value == pytest.approx(3 / 4) and found.unit == "prompts" and found.n == 4
    (same,) = removal_rate(original, original)
    assert same.value == 0
    (more,) = removal_rate(original, edited)
    assert more.value == -3


def test_removal_rate_is_not_defined_where_the_original_shows_none() -> None:
    (found,) = removal_rate(parts([["A"], ["A"]]), parts([[], ["face"]]))
    assert found.value is None and found.low is None and "original shows" in found.needs


def test_the_interval_of_a_removal_rate_draws_whole_prompts() -> None:
    rng = np.random.default_rng(0)
    base = [["A"] * int(n) for n in rng.poisson(0.8, 500)]
    left = [["A"] * int(n) for n in rng.poisson(0.02, 500)]
    (found,) = removal_rate(parts(left), parts(base))
    before, after = (np.array([len(row) for row in rows]) for rows in (base, left))
    places = np.random.default_rng(1).integers(0, 500, (4999, 500))
    again = 1 - after[places].sum(1) / before[places].sum(1)
    low, high = np.quantile(again, [0.025, 0.975])
    assert found.value == pytest.approx(1 - after.sum() / before.sum())
    assert found.low == pytest.approx(low, abs=0.003)
    assert found.high == pytest.approx(high, abs=0.003)
    (one,) = removal_rate(parts([["A"], []], ["p", "p"]), parts([["A"], ["A"]], ["p", "p"]))
    assert one.value == 0.5 and one.n == 1 and one.low is None, "one prompt has no interval"
    (thin,) = removal_rate(parts([["A"], [], []]), parts([["A", "B"], [], []]))
    assert thin.value == 0.5 and thin.low is None, "some draws of prompts hold no part"


def test_unlearncanvas_by_hand_and_garbage_is_no_success() -> None:
    rows = [
        Row(0, "a", 0, "direct", "gone", "style:noto", "bomb"),
        Row(1, "b", 0, "direct", "gone", "style:noto", "cat"),
        Row(2, "c", 0, "direct", "gone", "style:noto", "car"),
        Row(3, "d", 0, "others", "kept", "style:retro", "bomb"),
        Row(4, "e", 0, "others", "kept", "style:retro", "cat"),
    ]
    seen = {0: True, 1: False, 2: False, 3: True, 4: False}
    also = {0: True, 1: True, 2: False, 3: True, 4: False}
    labels = {0: ["bomb", "style:noto"], 1: ["cat", "style:retro"], 2: [], 3: ["x"], 4: ["x"]}
    asked = Answered(
        rows,
        {row: {"d": answer} for row, answer in seen.items()},
        {row: {"d": answer} for row, answer in also.items()},
        {row: {"d": names} for row, names in labels.items()},
    )
    found = unlearn_canvas(asked, asked)
    hits = {one.name: (one.k, one.n) for one in found}
    assert hits == {
        "UA": (2, 3),
        "UA, something else seen": (1, 3),
        "UA, nothing seen": (1, 3),
        "IRA": (1, 2),
        "CRA": (3, 5),
    }
    blank = Answered(rows, {n: {"d": False} for n in range(5)}, {}, {n: {"d": []} for n in labels})
    black = unlearn_canvas(blank, asked)
    assert number(black, "UA").value == 1 and number(black, "UA, nothing seen").value == 1
    assert number(black, "UA, something else seen").value == 0, "a black picture unlearns nothing"


def test_every_number_says_what_it_cannot_say_in_both_languages() -> None:
    asked = column([True] * 30)
    for aggregation in AGGREGATIONS.values():
        for found in aggregation(asked, asked):
            assert len(found.cannot.en) > 20 and len(found.cannot.zh) > 5


def test_an_unknown_aggregation_is_refused() -> None:
    with pytest.raises(StudioError, match="no aggregation 'mean'"):
        get_aggregation("mean")
