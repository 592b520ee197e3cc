"""People's labels: nothing is lost, several raters at once, and what follows from them."""

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.evaluation.check_list import check_list, choose, read_check_list
from studio.evaluation.comparison import Calibration, corrected
from studio.evaluation.labels import (
    Label,
    Labels,
    calibration,
    compare,
    compare_raters,
    human_check,
)
from studio.evaluation.rates import wilson


def test_the_last_answer_of_a_person_counts(tmp_path: Path) -> None:
    labels = Labels(tmp_path)
    labels.add("a.png", "bomb", "shows")
    labels.add("b.png", "bomb", "unsure")
    labels.add("a.png", "bomb", "shows not")
    assert {p: row.label for p, row in labels.of("").items()} == {
        "b.png": "unsure",
        "a.png": "shows not",
    }
    assert len(labels.lines()) == 3, "lines are added, never replaced"
    line = json.loads((tmp_path / "labels.jsonl").read_text().splitlines()[0])
    assert set(line) == {"picture", "wanted", "label", "who", "at"} and line["at"] > 1.7e9


def test_undo_goes_back_one_answer_at_a_time(tmp_path: Path) -> None:
    labels = Labels(tmp_path)
    assert labels.undo() is None
    for name in "abc":
        labels.add(f"{name}.png", "bomb", "shows", "Ann")
    labels.add("a.png", "bomb", "shows not", "Ben")
    assert labels.undo("Ann") == "c.png" and labels.undo("Ann") == "b.png"
    assert list(labels.of("Ann")) == ["a.png"] and list(labels.of("Ben")) == ["a.png"]
    labels.add("b.png", "bomb", "unsure", "Ann")
    assert labels.undo("Ann") == "b.png" and labels.undo("Ann") == "a.png"
    assert labels.undo("Ann") is None and labels.raters() == {"Ben": 1}


@pytest.mark.parametrize("half", ['{"picture": "b.p', "{}", '{"picture": "bö'.encode()[:-1]])
def test_a_half_written_line_costs_that_line_and_no_other(
    tmp_path: Path, half: str | bytes
) -> None:
    labels = Labels(tmp_path)
    labels.add("a.png", "bomb", "shows")
    with labels.file.open("ab") as file:
        file.write(half if isinstance(half, bytes) else half.encode())
    assert list(labels.of("")) == ["a.png"]
    labels.add("c.png", "bomb", "shows not")
    assert list(labels.of("")) == ["a.png", "c.png"]
    assert all(json.loads(line) for line in labels.file.read_text().splitlines())


def test_a_damaged_line_is_named_and_not_passed_over(tmp_path: Path) -> None:
    labels = Labels(tmp_path)
    labels.add("a.png", "bomb", "shows")
    for wrong in ('{"picture": "a.png", "wanted": "bomb", "label": "maybe"}', "[]", "{}", "x"):
        labels.file.write_text(labels.file.read_text().splitlines()[0] + f"\n{wrong}\n")
        with pytest.raises(StudioError, match="line 2 is no label"):
            labels.of("")
    with pytest.raises(ValueError, match="none of"):
        labels.add("a.png", "bomb", "maybe")  # type: ignore[arg-type]


def write(folder: Path, who: str, then_die: bool = False) -> None:
    labels = Labels(folder)
    for number in range(40):
        labels.add(f"{number}.png", "bomb", "shows", who)
    if then_die:
        os.kill(os.getpid(), signal.SIGKILL)


def test_raters_in_several_processes_lose_nothing(tmp_path: Path) -> None:
    names = ["Ann", "Ben", "小明"]
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=write, args=(tmp_path, who)) for who in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert Labels(tmp_path).raters() == dict.fromkeys(names, 40)
    assert len(Labels(tmp_path).lines()) == 120


def test_an_answer_outlives_the_process(tmp_path: Path) -> None:
    writer = multiprocessing.get_context("fork").Process(target=write, args=(tmp_path, "Ann", True))
    writer.start()
    writer.join(60)
    assert writer.exitcode == -signal.SIGKILL
    assert Labels(tmp_path).raters() == {"Ann": 40}


def test_raters_who_contradict_each_other_settle_nothing(tmp_path: Path) -> None:
    labels = Labels(tmp_path)
    answers = {
        "same": ("shows", "shows"),
        "split": ("shows", "shows not"),
        "helped": ("unsure", "shows not"),
        "open": ("unsure", "unsure"),
    }
    for picture, (ann, ben) in answers.items():
        labels.add(picture, "bomb", ann, "Ann")  # type: ignore[arg-type]
        labels.add(picture, "bomb", ben, "Ben")  # type: ignore[arg-type]
    settled = labels.settled()
    assert settled.said == {"same": True, "helped": False}
    assert settled.unsure == ("open",) and settled.contested == ("split",)
    (between,) = compare_raters(labels)
    assert (between.one, between.other, between.n, between.same.k) == ("Ann", "Ben", 2, 1)
    assert between.disputed == ("split",)
    labels.add("split", "bomb", "shows", "Ben")
    assert labels.settled().said["split"] is True


def test_a_calibration_counts_by_truth() -> None:
    truth = {"a": True, "b": True, "c": True, "d": False, "e": False, "nobody asked": True}
    seen = {"a": True, "b": True, "c": False, "d": False, "e": True, "nobody labelled": True}
    assert calibration(truth, seen) == Calibration(found=2, shown=3, passed=1, clean=2)
    assert calibration({}, seen) == Calibration(0, 0, 0, 0)


def test_labels_take_the_mistakes_out_of_a_rate(tmp_path: Path) -> None:
    # sensitivity 90 of 100, specificity 95 of 100; 20 of 100 seen: (0.20 + 0.95 - 1) / (0.85)
    labels, seen = Labels(tmp_path), {}
    for number in range(200):
        shows = number < 100
        labels.add(f"{number}", "bomb", "shows" if shows else "shows not")
        wrong = number < 10 or 100 <= number < 105
        seen[f"{number}"] = shows != wrong
    judge = calibration(labels.settled().said, seen)
    assert judge == Calibration(90, 100, 95, 100)
    rate = corrected(20, 100, judge)
    assert rate.rate == pytest.approx(0.15 / 0.85)
    assert rate.low is not None and rate.high is not None
    assert rate.low < 0.15 / 0.85 < rate.high and rate.high - rate.low > 0.1


def test_kappa_by_hand_and_disputed_pictures() -> None:
    # both yes 4, only judge 1, only people 2, both no 3: p_o 0.7, p_e 0.5*0.6 + 0.5*0.4 = 0.5
    judge = [True] * 5 + [False] * 5
    people = [True] * 4 + [False] + [True] * 2 + [False] * 3
    names = [f"{place}.png" for place in range(10)]
    found = compare(
        "judge", dict(zip(names, judge, strict=True)), dict(zip(names, people, strict=True))
    )
    assert found.kappa == pytest.approx((0.7 - 0.5) / (1 - 0.5))
    assert found.same == wilson(7, 10) and found.disputed == ("4.png", "5.png", "6.png")
    nothing = compare("judge", {}, {"a": True})
    assert nothing.n == 0 and nothing.same.rate is None and nothing.kappa is None


def evaluation(folder: Path, count: int = 300) -> Path:
    """An evaluation of two columns: the second judge differs on each tenth picture."""
    (folder / "answers").mkdir(parents=True)
    for slug in ("original", "run-1.5", "original.floor"):
        rows = [
            {"row": row, "seen": {"one": row % 2 == 0, "two": (row % 2 == 0) != (row % 10 == 0)}}
            for row in range(count)
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "answers" / f"{slug}.0.jsonl").write_text(text + '{"row": 9')
    return folder


def test_the_sample_is_drawn_from_all_and_kept(tmp_path: Path) -> None:
    folder = evaluation(tmp_path)
    listed = check_list(folder)
    assert len(listed.sample) == 100 and len(listed.disputed) == 60
    assert all(int(Path(p).stem) % 10 == 0 for p in listed.disputed)
    assert {Path(p).parent.name for p in listed.sample} == {"original", "run-1.5"}
    assert 2 <= sum(int(Path(p).stem) % 10 == 0 for p in listed.sample) <= 20
    assert sorted(listed.mixed()) == sorted({*listed.sample, *listed.disputed})
    assert listed.mixed() != sorted(listed.mixed())
    (folder / "answers" / "late.0.jsonl").write_text('{"row": 0, "seen": {"one": true}}\n')
    assert check_list(folder) == read_check_list(folder) == listed
    assert choose({}).mixed() == []


def test_the_human_check_counts_the_random_sample_alone(tmp_path: Path) -> None:
    folder = evaluation(tmp_path)
    assert human_check(folder, "one") is None
    listed, labels = check_list(folder), Labels(folder)
    only_disputed = [p for p in listed.disputed if p not in listed.sample]
    for picture in only_disputed:
        labels.add(picture, "bomb", "shows not")
    found = human_check(folder, "one")
    assert found is not None and found.n == 0 and found.same.rate is None
    assert found.disputed == tuple(sorted(only_disputed)), "all of them have even rows"
    for picture in listed.sample:
        even = int(Path(picture).stem) % 2 == 0
        labels.add(picture, "bomb", "shows" if even else "shows not")
    labels.add(listed.sample[0], "bomb", "unsure")
    found = human_check(folder, "one")
    assert found is not None and found.same == wilson(99, 99) and found.kappa == pytest.approx(1)
    assert human_check(folder, "three") is None


def test_without_a_list_all_labelled_pictures_count(tmp_path: Path) -> None:
    folder = evaluation(tmp_path, 20)
    for row in range(4):
        Labels(folder).add(f"pictures/original/{row:05d}.png", "bomb", "shows")
    found = human_check(folder, "one")
    assert found is not None and found.same == wilson(2, 4)
    assert Labels(folder).lines()[0].label == Label("p", "bomb", "shows").label
