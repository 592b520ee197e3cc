"""However a process ends, its folder says how, within moments."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs import supervisor
from studio.jobs.run_folder import RunFolder
from studio.jobs.smaller import smaller, with_less
from studio.jobs.supervisor import ending, supervise
from studio.lives import boot, born, uptime
from studio.records import State, Status
from studio.services.processes import launch, reap
from studio.services.runs import Runs
from studio.services.triplet_sets import TripletSets
from studio.ui import run_view


@pytest.fixture
def folder(config: RunConfig, tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs", config)


@pytest.fixture(autouse=True)
def signals_as_before() -> object:
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", f"import os, signal, sys, time; {code}"]


def dies_by(name: str) -> list[str]:
    return python(f"os.kill(os.getpid(), signal.{name})")


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [
        ("SIGKILL", State.INTERRUPTED, "ended from outside (SIGKILL, exit code -9)"),
        ("SIGTERM", State.INTERRUPTED, "ended from outside (SIGTERM, exit code -15)"),
        ("SIGSEGV", State.FAILED, "crashed inside a library (SIGSEGV, exit code -11)"),
        ("SIGABRT", State.FAILED, "crashed inside a library (SIGABRT, exit code -6)"),
    ],
)
def test_a_signal_is_named_with_its_cause(
    folder: RunFolder, name: str, state: State, words: str
) -> None:
    for number in range(60):
        folder.log(f"line {number}")
    supervise(folder.path, dies_by(name))
    status = folder.status()
    assert status.state is state and words in status.what and status.way_out
    assert status.signal == name and status.exit_code == -getattr(signal, name)
    assert len(status.last_lines) == 40 and "Ended: " in status.last_lines[-1]
    assert "line 59" in status.last_lines[-2] and status.ended


@pytest.mark.parametrize("hears", ["nothing", "SIGTERM"])
def test_a_worker_that_hangs_is_ended_after_stop(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, hears: str
) -> None:
    for name, value in (("LOOK", 0.05), ("GENTLE", 0.2), ("PATIENCE", 0.3)):
        monkeypatch.setattr(supervisor, f"{name}_SECONDS", value)
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " if hears == "nothing" else ""
    folder.write_status(Status(State.STARTING))
    folder.ask("stop")
    began = time.monotonic()
    supervise(folder.path, python(f"{deaf}time.sleep(100)"))
    status = folder.status()
    assert status.state is State.INTERRUPTED and time.monotonic() - began < 30
    assert "did not answer to Stop" in status.what and "Resume" in status.way_out
    assert status.signal == ("SIGKILL" if hears == "nothing" else "SIGTERM")


def test_a_worker_that_still_speaks_after_stop_is_left_alone(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(supervisor, "PATIENCE_SECONDS", 0.1)
    folder.write_status(Status(State.STOPPING))  # it is saving
    folder.ask("stop")
    assert supervise(folder.path, python("time.sleep(1); sys.exit(7)")) == 7
    assert "exit code 7" in folder.status().what


def test_an_exit_code_is_told_with_the_last_lines(folder: RunFolder) -> None:
    folder.log("the last thing it said")
    supervise(folder.path, python("sys.exit(7)"))
    status = folder.status()
    assert status.state is State.FAILED and "exit code 7" in status.what
    assert status.exit_code == 7 and "the last thing it said" in "\n".join(status.last_lines)


def test_memory_that_ran_out_offers_the_next_smaller_setting(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([4, 5])
    monkeypatch.setattr(supervisor, "kills_for_memory", lambda: next(counts))
    supervise(folder.path, dies_by("SIGKILL"))
    status = folder.status()
    assert status.state is State.FAILED and "memory of this machine ran out" in status.what
    assert status.smaller == {"train": {"batch": 1}}
    assert with_less(folder.config, status.smaller).train.batch == 1
    progress = folder.read()
    assert run_view.smaller(progress, "en") == "Start again with batch 1"
    assert run_view.smaller(progress, "zh") == "用 批大小 1 重新开始"
    runs = Runs(folder.path.parent)
    started: list[RunConfig] = []
    monkeypatch.setattr(Runs, "start", lambda self, config: started.append(config) or "new")
    assert runs.start_smaller(folder.id) == "new"
    assert started[0].train.batch == 1 and started[0].pack == folder.config.pack
    folder.write_status(replace(status, smaller={}))
    assert run_view.smaller(folder.read(), "en") == ""
    with pytest.raises(StudioError, match="did not run out of memory"):
        runs.start_smaller(folder.id)


def test_what_needs_most_memory_is_halved_first(config: RunConfig) -> None:
    def of(batch: int, rollouts: int, rank: int) -> dict[str, dict[str, int]]:
        train = config.train.model_copy(update={"batch": batch, "rank": rank})
        method = {**config.method, "rollouts": rollouts}
        return smaller(config.model_copy(update={"train": train, "method": method}))

    assert of(4, 8, 8) == {"train": {"batch": 2}}
    assert of(4, 32, 8) == {"method": {"rollouts": 16}}
    assert of(1, 2, 8) == {"method": {"rollouts": 1}}
    assert of(1, 1, 8) == {"train": {"rank": 4}}
    assert of(1, 1, 1) == {}


def test_the_kernel_counts_what_it_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counters = tmp_path / "vmstat"
    counters.write_text("pgfault 12\noom_kill 3\noom_kill_disable 0\n")
    monkeypatch.setattr(supervisor, "_COUNTERS", (counters, tmp_path / "missing"))
    assert supervisor.kills_for_memory() == 3
    assert ending(-9, memory_ran_out=True).out_of_memory
    assert not ending(-15, memory_ran_out=True).out_of_memory


def test_what_the_worker_said_itself_stays(folder: RunFolder) -> None:
    folder.write_status(Status(State.FAILED, what="Its own words.", way_out="Its own way."))
    supervise(folder.path, python("sys.exit(1)"))
    assert folder.status().what == "Its own words."


def test_a_second_worker_that_ends_takes_nothing_from_the_first(folder: RunFolder) -> None:
    other = subprocess.Popen(python("time.sleep(60)"))
    folder.write_status(Status(State.RUNNING, pid=other.pid, born=born(other.pid)))
    supervise(folder.path, dies_by("SIGKILL"))
    assert folder.status().state is State.RUNNING
    supervise(folder.path, python("sys.exit(0)"))
    assert folder.status().state is State.RUNNING
    other.kill()
    other.wait()
    assert folder.status().state is State.INTERRUPTED


def test_a_folder_that_is_gone_is_not_made_again(folder: RunFolder) -> None:
    code = f"import shutil; shutil.rmtree({str(folder.path)!r}); os.kill(os.getpid(), 9)"
    supervise(folder.path, python(code))
    assert not folder.path.exists()


def test_being_asked_to_end_is_passed_on(folder: RunFolder) -> None:
    folder.log_file.touch()
    pid = launch(python("print('up', flush=True); time.sleep(60)"), folder.log_file)
    end = time.monotonic() + 20
    while "up" not in folder.log_tail():
        assert time.monotonic() < end
        time.sleep(0.05)
    os.kill(pid, signal.SIGTERM)
    while folder.stored_status().state.alive:
        assert time.monotonic() < end
        time.sleep(0.05)
        reap()
    assert folder.status().signal == "SIGTERM"


def test_without_its_supervisor_the_truth_is_still_told(folder: RunFolder) -> None:
    pid = launch(python("print(os.getpid(), flush=True); time.sleep(60)"), folder.log_file)
    end = time.monotonic() + 20
    while not folder.log_tail().strip():
        assert time.monotonic() < end
        time.sleep(0.05)
    worker = int(folder.log_tail())
    folder.write_status(Status(State.RUNNING, pid=worker, born=born(worker)))
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert folder.status().state is State.RUNNING
    os.kill(worker, signal.SIGKILL)
    time.sleep(0.2)
    status = folder.status()
    assert status.state is State.INTERRUPTED and "ended without a message" in status.what
    reap()


def test_clocks_may_jump(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = folder.stored_status()
    for jump in (-1e6, 1e6):
        monkeypatch.setattr(time, "time", lambda jump=jump: fresh.heartbeat + jump)
        assert folder.status().state is State.QUEUED
        working = Status(State.RUNNING, pid=os.getpid(), born=born())
        folder.write_status(working)
        assert folder.status().state is State.RUNNING
        folder.write_status(fresh)
    folder.write_status(replace(fresh, heard=uptime() - 60))
    assert folder.status().state is State.INTERRUPTED, "nobody came"
    folder.write_status(replace(fresh, boot=f"not {boot()}"))
    assert folder.status().state is State.INTERRUPTED, "the machine was started again"


def test_triplets_whose_drawing_is_killed_say_so(tmp_path: Path) -> None:
    sets = TripletSets(tmp_path)
    path = sets.root / "one"
    path.mkdir(parents=True)
    pid = launch(dies_by("SIGKILL"), path / "log.txt")
    (path / "request.json").write_text(f'{{"pid": {pid}, "born": "{born(pid)}", "total": 4}}')
    end = time.monotonic() + 20
    while (state := sets.state("one")).drawing:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "SIGKILL" in state.failed
