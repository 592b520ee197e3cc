"""Agreement is that of the library, and is not made up where nothing can be known."""

import pytest

from studio.evaluation.rater_agreement import alpha
from studio.jobs.feedback_folder import FeedbackFolder
from studio.services.feedback_results import round_result
from tests.rounds import drawn_round

ONE = (1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
OTHER = (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)


def pairs(one: tuple[int, ...], other: tuple[int, ...]) -> dict[int, dict[str, float]]:
    return {n: {"A": a, "B": b} for n, (a, b) in enumerate(zip(one, other, strict=True))}


def test_nominal_alpha_by_hand() -> None:
    # coincidences: 2 yes-yes pairs count 4, 2 mixed pairs 2 + 2, 6 no-no pairs 12; n = 20
    # yes 6, no 14: alpha = 1 - (n - 1) * o_yn / (n_y * n_n) = 1 - 19 * 2 / (6 * 14)
    found = alpha(pairs(ONE, OTHER), "nominal")
    assert found.value == pytest.approx(1 - 19 * 2 / 84)
    assert found.low is not None and found.high is not None
    assert found.low < found.value < found.high
    assert (found.shared, found.raters) == (10, 2)


def test_full_agreement_in_ranks_is_one_and_reversed_ranks_are_worse_than_chance() -> None:
    ranks = (1, 2, 3, 4, 5)
    assert alpha(pairs(ranks, ranks), "ordinal").value == pytest.approx(1.0)
    reversed_ = alpha(pairs(ranks, ranks[::-1]), "ordinal").value
    assert reversed_ is not None and reversed_ < 0


def test_nothing_shared_is_not_measured() -> None:
    assert alpha({}, "nominal").value is None
    assert alpha({1: {"A": 1}, 2: {"B": 0}}, "nominal").value is None
    same = alpha(pairs((1, 1), (1, 1)), "nominal")
    assert same.value is None and same.same and same.shared == 2


def rate(folder: FeedbackFolder, who: str, said: list[bool]) -> None:
    for number, yes in enumerate(said, start=1):
        folder.store.answer(who, number, {"0": yes})


def test_the_result_of_a_round_counts_pictures_and_agreement(tmp_path) -> None:
    folder = drawn_round(tmp_path)
    rate(folder, "Ann", [True, True, False, False])
    rate(folder, "Ben", [True, False, False])
    found = round_result(folder)
    (label,) = found.labels
    assert (label.yes, label.no, label.split) == (1, 2, 1)
    assert (found.answered, found.questions, found.raters) == (4, 6, {"Ann": 4, "Ben": 3})
    assert label.agreement.shared == 3
    assert label.agreement.value == pytest.approx(1 - 5 * 1 / 9)


def test_the_result_of_a_ranking_orders_the_pictures(tmp_path) -> None:
    folder = drawn_round(tmp_path, "ranking", 5)
    a, b, c, d, e = folder.store.questions()[1].pictures
    folder.store.answer("Ann", 1, {a: 1, b: 2, c: 3, d: 4, e: None})
    folder.store.answer("Ben", 1, {a: 2, b: 1, c: 3, d: None, e: None})
    found = round_result(folder)
    assert [row.picture for row in found.ranked][2:] == [c, d, e]
    assert found.ranked[-1].mean is None and found.ranked[-1].not_applicable == 2
    assert found.agreement is not None and found.agreement.shared == 3
