"""Runs in the line: renamed, cloned, resumed, cancelled, started again, and only shown."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs.desk import Desk
from studio.jobs.line import ANY
from studio.jobs.queue_tables import Process, Work
from studio.jobs.run_folder import RunFolder
from studio.jobs.supervisor import REFUSED
from studio.jobs.worker import Worker
from studio.records import Behind, State, Status
from studio.services import queue as queues
from studio.services.runs import Runs
from studio.services.waiting import in_turn
from studio.world import ROOT

ME = Process.of()
DEAD = Process(2**22 + 1, "gone")


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
    runs.queue.line.enter(folder.key, Work.TRAIN, folder.called(), device=ANY, worker=ME)
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


def test_a_second_worker_of_one_run_leaves_it_alone(config: RunConfig, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config)
    first = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    other = Process.of(first.pid)
    Runs(tmp_path).queue.line.enter(folder.key, Work.TRAIN, folder.called(), worker=other)
    before = folder.stored_status()
    with pytest.raises(SystemExit) as left:
        Worker(folder).run()
    assert left.value.code == REFUSED
    assert folder.stored_status() == before
    first.kill()
    first.wait()
    Worker(folder).run()
    assert folder.stored_status().state is State.DONE


def test_runs_are_shown_although_the_line_is_damaged(config: RunConfig, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config)
    (tmp_path / "queue.sqlite").write_text("no database " * 100)
    runs = Runs(tmp_path)
    assert runs.list()[0].run_id == folder.id and runs.queue.list() == ()
    assert runs.progress(folder.id).status.state is State.QUEUED and runs.current() is None
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(StudioError, match="is no database"):
        runs.start(config)
    assert {path.name for path in tmp_path.iterdir()} == before, "no run that never starts is left"


def test_a_list_of_two_hundred_runs_is_quick(config: RunConfig, tmp_path: Path) -> None:
    for _ in range(200):
        folder = RunFolder.create(tmp_path, config)
        folder.write_status(Status(State.DONE, 4, 4))
    runs = Runs(tmp_path)
    assert len(runs.list()) >= 200
    began = time.process_time()
    runs.list()
    assert time.process_time() - began < 0.5
