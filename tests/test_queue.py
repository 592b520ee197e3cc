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

from studio.config import RunConfig, Text
from studio.errors import StudioError
from studio.jobs.desk import Desk
from studio.jobs.line import ANY, BESIDE, CPU, MOST_LAUNCHES, PAUSED, Line, device_asked
from studio.jobs.queue_tables import Process, Work
from studio.jobs.run_folder import RunFolder
from studio.jobs.work_folder import Elsewhere
from studio.records import Behind, State, Status
from studio.services import queue as queues
from studio.services.runs import Runs
from studio.services.waiting import in_turn
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


def test_what_worked_when_the_machine_went_down_leaves_the_line(line: Line) -> None:
    enter(line, "worked")
    assert line.take("worked")
    line.launched("worked", ME.pid)
    enter(line, "picture", Work.DRAW, worker=DEAD)
    enter(line, "next", worker=DEAD)
    with sqlite3.connect(line.file) as raw:  # as after a restart: the numbers mean nothing
        raw.execute("update line set pid = ?, born = ?", (DEAD.pid, DEAD.born))
    raw.close()
    assert [entry.key for entry in line.left_alone()] == ["next"]
    assert [entry.key for entry in line.entries()] == ["next"]


def test_waiting_runs_are_started_again_by_the_next_studio(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, launched = Runs(tmp_path), []
    folder = RunFolder.create(tmp_path, config)
    runs.queue.line.enter(folder.key, Work.TRAIN, folder.called(), worker=DEAD)
    folder.write_status(Status(State.QUEUED, total=4, pid=DEAD.pid, heartbeat=time.time()))
    assert folder.status().state is State.INTERRUPTED
    shown = runs.progress(folder.id)
    assert shown.status.state is State.QUEUED and shown.behind is None
    assert runs.list()[0].status.state is State.QUEUED
    monkeypatch.setattr(queues, "launch", lambda command, log, more: launched.append(command) or 1)
    assert runs.queue.keep_going() is False
    assert [command[-1] for command in launched] == [str(folder.path)]
    assert runs.queue.revive() == 0


def test_a_waiting_run_without_a_worker_can_be_cancelled(config: RunConfig, tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    folder = RunFolder.create(tmp_path, config)
    runs.queue.line.enter(folder.key, Work.TRAIN, folder.called(), worker=DEAD)
    with pytest.raises(StudioError, match="still at work"):
        runs.delete(folder.id)
    runs.stop(folder.id)
    assert folder.status().state is State.STOPPED and runs.queue.list() == ()
    runs.delete(folder.id)
    assert not folder.path.exists()


def test_one_waits_behind_what_works_and_says_how_far_that_is(
    config: RunConfig, tmp_path: Path
) -> None:
    runs = Runs(tmp_path)
    folder = RunFolder.create(tmp_path, config)
    folder.rename("Weapons")
    enter(runs.queue.line, folder.key)
    runs.queue.line.rename(folder.key, folder.called())
    assert runs.queue.line.take(folder.key)
    folder.write_status(Status(State.RUNNING, 40, 180, pid=ME.pid, heartbeat=time.time()))
    with in_turn(runs.queue) as place:
        assert next(place.waiting()) == Behind("train", "Weapons", "Weapons", 40, 180)
        row = runs.queue.list()[1]
        assert row.work is Work.DRAW and row.state is State.QUEUED and not row.up
        runs.queue.cancel(row.key)
        assert list(place.waiting()) == [] and not place.mine
    assert [row.key for row in runs.queue.list()] == [folder.key]


def test_runs_are_renamed_cloned_and_resumed(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "launch", lambda command, log, more: ME.pid)
    runs = Runs(tmp_path)
    folder = RunFolder.create(tmp_path, config)
    runs.rename(folder.id, "  Knives, gently ")
    assert runs.progress(folder.id).title == "Knives, gently"
    with pytest.raises(StudioError, match="needs a name"):
        runs.rename(folder.id, " ")
    folder.write_status(Status(State.STOPPED, 2, 4))
    folder.ask("stop")
    runs.resume(folder.id)
    assert folder.stored_status().state is State.QUEUED and folder.stored_status().step == 2
    assert not folder.asked().get("stop")
    assert runs.queue.list()[0].title == "Knives, gently"
    with pytest.raises(StudioError, match="still at work"):
        runs.resume(folder.id)
    clone = runs.clone(folder.id, "Again", steps=6, seed=None)
    made = runs.folder(clone)
    assert made.config.train == config.train.model_copy(update={"steps": 6})
    assert made.config.pack == config.pack and made.called().en == "Again"
    assert [row.key for row in runs.queue.list()] == [folder.id, clone]
    with pytest.raises(StudioError, match="steps"):
        runs.clone(folder.id, steps=0)
    made.write_status(Status(State.DONE, 6, 6))
    runs.queue.line.leave(clone)
    with pytest.raises(StudioError, match="is done"):
        runs.resume(clone)


def test_the_second_studio_is_a_viewer_until_the_first_has_ended(
    config: RunConfig, tmp_path: Path
) -> None:
    code = (
        "import sys, time; from pathlib import Path; from studio.jobs.desk import Desk;"
        "print(Desk(Path(sys.argv[1])).mine(), flush=True); time.sleep(600)"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout and first.stdout.readline() == "True\n"
    runs = Runs(tmp_path)
    runs.queue.desk = Desk(tmp_path)
    folder = RunFolder.create(tmp_path, config)
    forbidden: list[Callable[[], object]] = [
        lambda: runs.start(config),
        lambda: runs.stop(folder.id),
        lambda: runs.delete(folder.id),
        lambda: runs.rename(folder.id, "x"),
        lambda: runs.clone(folder.id),
        lambda: runs.resume(folder.id),
        lambda: runs.queue.pause(True),
        lambda: runs.queue.move(folder.id, up=True),
        lambda: runs.queue.cancel(folder.id),
    ]
    for change in forbidden:
        with pytest.raises(StudioError, match="Another studio works"):
            change()
    assert runs.queue.keep_going() is True
    assert runs.list()[0].run_id == folder.id, "a viewer sees everything"
    first.kill()
    first.wait()
    first.stdout.close()
    assert runs.queue.keep_going() is False
    runs.rename(folder.id, "mine now")
    assert Desk(tmp_path).mine()


def test_a_list_of_two_hundred_runs_is_quick(config: RunConfig, tmp_path: Path) -> None:
    for _ in range(200):
        folder = RunFolder.create(tmp_path, config)
        folder.write_status(Status(State.DONE, 4, 4))
    runs = Runs(tmp_path)
    assert len(runs.list()) >= 200
    began = time.process_time()
    runs.list()
    assert time.process_time() - began < 0.5
