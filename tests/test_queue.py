"""One line for all work: one at a time, in an order that people set, whoever dies."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.config import Text
from studio.jobs.line import ANY, BESIDE, CPU, MOST_LAUNCHES, PAUSED, Line, device_asked
from studio.jobs.queue_tables import Process, Work
from studio.jobs.work_folder import Elsewhere
from studio.world import ROOT

ME = Process.of()
DEAD = Process(2**22 + 1, "gone")
Started = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Starts waiters, and ends what is left of them."""
    children: list[subprocess.Popen[bytes]] = []

    def start(key: str, work: Work = Work.TRAIN, seconds: float = 0.0) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.waiter", str(tmp_path), key, work, str(seconds)]
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()


def enter(line: Line, key: str, work: Work = Work.TRAIN, worker: Process | None = ME) -> None:
    line.enter(key, work, Text(en=key, zh=key), device=ANY, worker=worker)


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def turns(root: Path) -> list[str]:
    file = root / "turns"
    return file.read_text().splitlines() if file.exists() else []


def test_real_processes_that_race_have_their_turns_one_after_the_other(
    tmp_path: Path, started: Started
) -> None:
    children = [started(f"run{number}", seconds=0.2) for number in range(5)]
    assert [child.wait(60) for child in children] == [0] * 5
    said = turns(tmp_path)
    assert sorted(said[::2]) == [f"run{number} begins" for number in range(5)]
    assert [line.split()[0] for line in said[::2]] == [line.split()[0] for line in said[1::2]]
    assert Line(tmp_path).entries() == ()


def test_a_killed_worker_frees_the_line_at_once(
    tmp_path: Path, started: Started, line: Line
) -> None:
    first = started("first", seconds=600)
    until(lambda: turns(tmp_path) == ["first begins"])
    second = started("second")
    until(lambda: len(line.entries()) == 2)
    began = time.monotonic()
    first.send_signal(signal.SIGKILL)
    assert second.wait(20) == 0
    assert time.monotonic() - began < 10
    assert turns(tmp_path)[-1] == "second ends"


def test_two_workers_of_one_run_do_not_both_work(line: Line, started: Started) -> None:
    other = started("run", seconds=600)
    until(lambda: any(entry.working for entry in line.entries()))
    with pytest.raises(Elsewhere):
        enter(line, "run")
    other.kill()
    other.wait()
    enter(line, "run")
    assert line.take("run")


def test_a_number_that_was_given_again_blocks_nothing(line: Line) -> None:
    reborn = Process(ME.pid, "another birth")
    enter(line, "old", worker=reborn)
    enter(line, "new")
    assert line.take("new")


def test_the_oldest_goes_first_and_order_can_be_changed(line: Line) -> None:
    for key in "abc":
        enter(line, key)
    assert not line.take("b") and not line.take("c")
    assert [entry.key for entry in line.ahead("c")] == ["a", "b"]
    assert line.move("c", up=True) and line.move("c", up=True)
    assert not line.move("c", up=True), "it is first already"
    assert not line.move("b", up=False), "it is last already"
    assert [entry.key for entry in line.entries()] == ["c", "a", "b"]
    assert not line.take("a") and line.take("c")
    assert not line.move("c", up=False), "what works has no place"
    line.leave("c")
    assert line.take("a")


def test_drawings_pass_what_waits_but_never_what_works(line: Line) -> None:
    for key in ("works", "waits"):
        enter(line, key)
    assert line.take("works")
    enter(line, "picture", Work.DRAW)
    assert not line.take("picture")
    assert [entry.key for entry in line.ahead("picture")] == ["works"]
    line.leave("works")
    assert not line.take("waits"), "the picture goes first"
    assert line.take("picture")
    assert not line.take("waits")


def test_drawings_go_beside_work_where_a_person_says_so(line: Line) -> None:
    enter(line, "works")
    assert line.take("works")
    line.set(BESIDE, True)
    for key in ("one", "two"):
        enter(line, key, Work.DRAW)
    assert line.take("one") and not line.take("two")


def test_a_paused_line_holds_everything_but_drawings(line: Line) -> None:
    enter(line, "run")
    enter(line, "picture", Work.DRAW)
    line.set(PAUSED, True)
    assert line.take("picture")
    line.leave("picture")
    assert not line.take("run")
    line.set(PAUSED, False)
    assert line.take("run")


def test_each_device_has_its_own_turn(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, device in (("a", "0"), ("b", "1"), ("c", "0,1"), ("d", "cpu"), ("e", ANY)):
        line.enter(key, Work.TRAIN, Text(en=key, zh=key), device=device, worker=ME)
    assert line.take("a") and line.take("b") and line.take("d")
    assert not line.take("c") and not line.take("e")
    for visible, asked in ((None, ANY), ("", CPU), ("-1", CPU), ("1", "1")):
        if visible is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        else:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert device_asked() == asked


def test_waiting_work_without_a_worker_is_given_to_one_launcher(line: Line, tmp_path: Path) -> None:
    enter(line, "run", worker=DEAD)
    enter(line, "test", Work.EVALUATE, worker=DEAD)
    assert [entry.key for entry in line.left_alone()] == ["run", "test"]
    assert Line(tmp_path).left_alone() == [], "it was launched a moment ago"
    for _ in range(MOST_LAUNCHES - 1):
        line.launched("run", DEAD.pid)
        line.launched("test", DEAD.pid)
        line.left_alone()
    line.launched("run", DEAD.pid)
    line.launched("test", DEAD.pid)
    assert line.left_alone() == [] and line.entries() == (), "it never gets to its turn"


def test_work_that_begins_again_after_its_process_died_has_a_new_turn(line: Line) -> None:
    enter(line, "again", worker=ME)
    assert line.take("again")
    with sqlite3.connect(line.file) as raw:
        raw.execute("update line set pid = ?, born = ?", (DEAD.pid, DEAD.born))
    raw.close()
    enter(line, "next")
    enter(line, "again")
    assert [entry.key for entry in line.entries()] == ["next", "again"]
    assert not line.take("again") and line.take("next")


def test_what_was_taken_out_never_has_its_turn(line: Line) -> None:
    enter(line, "out")
    line.leave("out")
    assert line.take("out") is None


def test_what_worked_when_the_machine_went_down_leaves_the_line(line: Line) -> None:
    enter(line, "worked")
    assert line.take("worked")
    enter(line, "picture", Work.DRAW, worker=DEAD)
    enter(line, "next", worker=DEAD)
    with sqlite3.connect(line.file) as raw:  # as after a restart: the numbers mean nothing
        raw.execute("update line set pid = ?, born = ?", (DEAD.pid, DEAD.born))
    raw.close()
    assert [entry.key for entry in line.left_alone()] == ["next"]
    assert [entry.key for entry in line.entries()] == ["next"]
