"""Runs from start to every end, on the tiny model, with the real worker."""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import safe_open

from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.jobs.run_queue import ahead_of
from studio.lives import boot, uptime
from studio.pictures import read_parameters
from studio.records import CheckRecord, Rate, State, Status, StepRecord
from studio.services.runs import DEMO, Runs

SECONDS = 120.0


@pytest.fixture
def studio(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def long(config: RunConfig) -> RunConfig:
    train = config.train.model_copy(update={"steps": 20_000, "check_every": 20_000})
    return config.model_copy(update={"train": train})


def test_a_run_trains_and_leaves_everything_needed_to_do_it_again(
    studio: Runs, config: RunConfig
) -> None:
    run_id = studio.start(config)
    status = studio.wait(run_id, SECONDS)
    folder = studio.folder(run_id)
    assert status.state is State.DONE, folder.log_file.read_text()
    progress = studio.progress(run_id)
    assert [record.step for record in progress.steps] == [1, 2, 3, 4]
    assert [check.step for check in progress.checks] == [0, 2, 4]
    assert len(progress.samples) == 9
    assert progress.samples[0].shows is None and progress.checks[0].target.rate is None
    assert read_parameters(progress.samples[-1].path)["prompt"] == "an apple"
    assert folder.checkpoint(2).exists()
    assert folder.config == config
    assert "torch" in folder.environment() and folder.environment()["device"].startswith("CPU ×")
    with safe_open(folder.adapter, framework="pt") as opened:
        about = json.loads(opened.metadata()["safeguard_studio"])
    assert about["removed"] == ["bomb", "knife"] and about["step"] == 4
    assert status.memory_gb and status.seconds_per_step and status.seconds_left is None


def test_stop_keeps_what_there_is_and_a_second_run_waits_its_turn(
    studio: Runs, config: RunConfig
) -> None:
    first = studio.start(long(config))
    time.sleep(1.1)
    second = studio.start(config)
    until(lambda: studio.progress(first).status.step > 2)
    assert studio.progress(second).status.state is State.QUEUED
    assert studio.current() == first
    with pytest.raises(StudioError, match="still at work"):
        studio.delete(first)
    began = time.monotonic()
    studio.stop(first)
    assert studio.wait(first, 20).state is State.STOPPED
    assert time.monotonic() - began < 10
    assert studio.progress(first).adapter is not None
    assert studio.wait(second, SECONDS).state is State.DONE
    studio.delete(first)
    assert studio.list()[0].run_id == second


def test_a_killed_worker_leaves_a_run_that_says_so(studio: Runs, config: RunConfig) -> None:
    run_id = studio.start(long(config))
    until(lambda: studio.progress(run_id).status.step > 2)
    pid = studio.progress(run_id).status.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: studio.folder(run_id).stored_status().state is State.INTERRUPTED, 10)
    status = studio.progress(run_id).status
    assert "SIGKILL, exit code -9" in status.what and "Resume it" in status.way_out
    assert status.last_lines
    assert studio.current() is None
    assert studio.progress(run_id).log_tail


def test_a_missing_model_fails_with_a_sentence(studio: Runs, config: RunConfig) -> None:
    card = config.model.model_copy(update={"source": "./not/here"})
    run_id = studio.start(config.model_copy(update={"model": card}))
    status = studio.wait(run_id, SECONDS)
    assert status.state is State.FAILED
    assert "no model at ./not/here" in status.what and status.way_out


def test_stopping_a_waiting_run_ends_it(studio: Runs, config: RunConfig) -> None:
    first = studio.start(long(config))
    time.sleep(1.1)
    second = studio.start(config)
    until(lambda: studio.progress(second).status.pid is not None)
    studio.stop(second)
    assert studio.wait(second, 20).state is State.STOPPED
    studio.stop(first)
    assert studio.wait(first, SECONDS).state is State.STOPPED


def test_nothing_can_be_written(config: RunConfig, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(StudioError, match="Nothing can be written"):
        Runs(file / "runs").start(config)


def test_an_unknown_run_is_refused(studio: Runs) -> None:
    for name in ("missing", "", "../.."):
        with pytest.raises(StudioError, match="There is no run"):
            studio.folder(name)


def test_the_stored_state_is_never_trusted_alone(config: RunConfig, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config)
    assert folder.status().state is State.QUEUED
    running = Status(State.RUNNING, step=3, pid=os.getpid(), heartbeat=time.time())
    folder.write_status(running)
    assert folder.status().state is State.INTERRUPTED, "this process is not its worker"
    folder.write_status(replace(running, state=State.DONE))
    assert folder.status().state is State.DONE
    old = Status(State.QUEUED, boot=boot(), heard=uptime() - 3600)
    folder.write_status(old)
    assert folder.status().state is State.INTERRUPTED, "nobody ever came"


def test_a_folder_reads_back_what_was_written(config: RunConfig, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config)
    rate = Rate(1, 2, 0.5, 0.1, 0.9)
    folder.append_step(StepRecord(1, 0.5, 0.1))
    folder.append_check(CheckRecord(0, rate, rate, rate), [True, None, False])
    with (folder.path / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "step", "half a line')
    progress = folder.read()
    assert progress.steps == (StepRecord(1, 0.5, 0.1),)
    assert progress.checks == (CheckRecord(0, rate, rate, rate),)
    folder.ask("save")
    folder.ask("stop")
    folder.answered("save")
    assert folder.asked() == {"stop": True}


def test_two_runs_in_one_second_get_two_folders(config: RunConfig, tmp_path: Path) -> None:
    first, second = (RunFolder.create(tmp_path, config) for _ in range(2))
    assert first.id != second.id
    assert [folder.id for folder in ahead_of(second)] == [first.id]
    assert ahead_of(first) == []


def test_a_folder_changed_by_hand_says_so(config: RunConfig, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config)
    (folder.path / "config.yaml").write_text("pack: 1")
    with pytest.raises(StudioError, match="no run of this studio"):
        _ = folder.config
    assert [run for run in Runs(tmp_path).list() if run.run_id != DEMO.name] == []


def test_own_packs_stand_beside_those_of_the_studio(studio: Runs, config: RunConfig) -> None:
    own = studio.save_pack(config.pack, " My own, list ")
    assert own.id == "my-my-own-list" and own.title.zh == "My own, list"
    assert studio.pack(own.id) == own == studio.packs()[own.id]
    assert studio.pack("icon-weapons").author == "Safeguard Studio"
    chinese = studio.save_pack(config.pack, "武器")
    assert studio.packs()[chinese.id].title.en == "武器"
    with pytest.raises(StudioError, match="has no name"):
        studio.save_pack(config.pack, "  ")


def test_a_broken_own_pack_does_not_take_the_others_away(studio: Runs, config: RunConfig) -> None:
    studio.save_pack(config.pack, "good")
    (studio.own_packs / "bad.yaml").write_text("remove: [")
    assert "my-good" in studio.packs() and "icon-weapons" in studio.packs()
    with pytest.raises(StudioError, match="is broken"):
        studio.pack("bad")
    with pytest.raises(StudioError, match="no pack"):
        studio.pack("../good")
