"""Ratings are kept at once, each rater has a queue of their own, and nothing said is lost."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from studio.errors import StudioError
from studio.jobs.feedback_folder import FeedbackFolder
from studio.jobs.feedback_tables import check_rater
from studio.services.feedback import Feedback
from tests.rounds import FEATHERS, SPIKES, drawn_round

YES, NO = {"0": True}, {"0": False}


def queue(folder: FeedbackFolder, who: str, said: list[bool]) -> list[str]:
    """Answer a rater's questions in turn; gives their pictures."""
    seen = []
    for yes in said:
        turn = folder.store.turn(who, folder.drawn())
        assert turn.question is not None
        assert folder.store.answer(who, turn.question.number, {"0": yes})
        seen += turn.question.pictures
    return seen


def test_each_rater_sees_every_picture_once_in_an_order_of_their_own(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path, count=12)
    seen = {who: queue(folder, who, [True] * 12) for who in ("Ann", "Ben")}
    assert sorted(seen["Ann"]) == sorted(seen["Ben"]) == sorted(folder.drawn())
    assert seen["Ann"] != seen["Ben"]
    assert folder.store.turn("Ann", folder.drawn()).question is None
    assert folder.store.raters() == {"Ann": 12, "Ben": 12}


def test_many_at_once_lose_nothing_and_answer_nothing_twice(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path, count=8)

    def rate(place: int) -> None:
        store, who = folder.store, f"rater {place % 2}"
        while (turn := store.turn(who, folder.drawn())).question is not None:
            store.answer(who, turn.question.number, YES)

    with ThreadPoolExecutor(4) as pool:  # each rater in two windows
        list(pool.map(rate, range(4)))
    given = [(a.rater, a.picture) for a in folder.store.answers()]
    assert len(given) == len(set(given)) == 16


def test_the_first_answer_counts_until_it_is_taken_back(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path)
    picture = queue(folder, "Ann", [True])[0]
    number = next(n for n, q in folder.store.questions().items() if picture in q.pictures)
    assert not folder.store.answer("Ann", number, NO)
    assert folder.ratings().shows == {picture: (True,)}
    queue(folder, "Ben", [False])
    assert folder.store.undo("Ann") == number
    assert picture not in folder.ratings().shows or folder.ratings().shows[picture] == (False,)
    assert folder.store.undo("Ann") is None and folder.store.raters() == {"Ann": 0, "Ben": 1}


def test_only_pictures_that_are_there_are_asked_about(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path, "ranking", 10)
    (folder.path / "pictures" / "00003.png").unlink()
    turn = folder.store.turn("Ann", folder.drawn())
    assert turn.total == 1 and turn.question is not None
    assert "pictures/00003.png" not in turn.question.pictures


def test_ranks_become_orders_and_what_does_not_apply_is_left_out(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path, "ranking", 10, times=3)
    asked = folder.store.questions()
    assert len(asked) == 6 and {len(question.pictures) for question in asked.values()} == {5}
    assert len({frozenset(question.pictures) for question in asked.values()}) > 2
    a, b, c, d, e = asked[1].pictures
    folder.store.answer("Ann", 1, {a: 2, b: 1, c: None, d: 3, e: None})
    assert folder.ratings().ranks == ((b, a, d),)


@pytest.mark.parametrize(
    ("ranks", "told"),
    [
        ((1, 1, 2, 3, 4), "have the rank 1"),
        ((1, 2, 3, 4, 6), "rank 6 lies outside 1 to 5"),
        ((0, 1, 2, 3, 4), "rank 0 lies outside"),
        ((1, 2, 3, 4), "about other pictures"),
    ],
)
def test_ranks_that_do_not_fit_are_refused(
    tmp_path: Path, ranks: tuple[int, ...], told: str
) -> None:
    folder = drawn_round(tmp_path, "ranking", 5)
    given = dict(zip(folder.store.questions()[1].pictures, ranks, strict=False))
    with pytest.raises(StudioError, match=told):
        folder.store.answer("Ann", 1, given)
    assert folder.store.answers() == ()


def test_of_several_labels_any_or_one_counts(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path, labels=(SPIKES, FEATHERS))
    folder.store.answer("Ann", 1, {"0": False, "1": True})
    picture = folder.store.questions()[1].pictures[0]
    assert folder.ratings().shows == {picture: (True,)}
    assert folder.ratings(0).shows == {picture: (False,)}
    with pytest.raises(StudioError, match="Not every label"):
        folder.store.answer("Ann", 2, {"0": True})


def test_nobody_rates_before_they_accepted_the_text(tmp_path: Path) -> None:
    folder, rounds = drawn_round(tmp_path), Feedback(tmp_path)
    with pytest.raises(StudioError, match="was not accepted"):
        rounds.answer(folder.id, "Ann", 1, YES)
    rounds.accept(folder.id, "Ann")
    assert rounds.answer(folder.id, "Ann", 1, YES)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Databases that SQLite may not make larger than 12 pages of 4 kB."""

    def limit(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA max_page_count = 12")

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


def test_a_full_disk_is_said_and_loses_no_rating(tmp_path: Path, small_disk: None) -> None:
    folder, kept = drawn_round(tmp_path, count=400), []
    with pytest.raises(StudioError) as caught:
        for _ in range(400):
            kept += queue(folder, "Ann", [True])
    assert "database or disk is full" in caught.value.what
    assert "What was kept before is still there." in caught.value.way_out
    assert len(kept) > 10
    assert folder.ratings().shows == dict.fromkeys(kept, (True,))


@pytest.mark.parametrize("name", ["", " Ann", "=1+1", "-a", "@x", "<b>", "a" * 41, "a\nb"])
def test_names_that_act_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(StudioError, match="no name for a rater"):
        check_rater(name)
    check_rater("Zoë O'Neil-3")
    check_rater("小王")
