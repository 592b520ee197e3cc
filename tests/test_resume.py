"""A run that goes on ends exactly where it would have ended, byte for byte."""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.config import RunConfig
from studio.jobs import worker as worker_module
from studio.jobs.checks import Checks
from studio.jobs.pace import Pace
from studio.jobs.run_folder import RunFolder
from studio.jobs.states import States
from studio.jobs.worker import Worker
from studio.models.loading import load_bundle
from studio.records import State, StepRecord
from studio.services.runs import Runs
from studio.training import distil, editing
from studio.training.distil import Distillation
from studio.training.state import Resumable
from tests.test_inversion import inversion, inverting

METHODS = {
    "sdd": {"name": "sdd", "rollouts": 3, "levels": 2, "rollout_steps": 3},
    "esd": {"name": "esd", "rollouts": 3, "levels": 2, "rollout_steps": 3},
    "esd-full": {"name": "esd", "weights": "full", "variant": "u", "rollouts": 1, "levels": 2},
    "safegen": {"name": "safegen", "count": 3, "mask": "whole", "flip": True},
}
STEPS = 6


class Killed(BaseException):
    """As sudden as a signal: nothing in the worker catches it."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state after each step, no pictures."""
    monkeypatch.setattr(Pace, "due", True)
    monkeypatch.setattr(Checks, "look", lambda self, step: None)


def of(config: RunConfig, method: str) -> RunConfig:
    train = config.train.model_copy(update={"steps": STEPS, "save_every": 4})
    return config.model_copy(update={"method": METHODS[method], "train": train})


def killed_after(monkeypatch: pytest.MonkeyPatch, folder: RunFolder, step: int) -> None:
    """Run a worker that is gone before it takes the step after this one."""
    whole = Resumable.steps

    def steps(self: Resumable) -> Iterator[StepRecord]:
        for record in whole(self):
            if record.step > step:
                raise Killed
            yield record

    with monkeypatch.context() as patch:
        patch.setattr(Resumable, "steps", steps)
        with pytest.raises(Killed):
            Worker(folder).run()


@pytest.fixture
def whole(config: RunConfig, tmp_path: Path, request: pytest.FixtureRequest) -> RunFolder:
    """A run that nothing disturbed."""
    folder = RunFolder.create(tmp_path / "whole", of(config, request.param))
    Worker(folder).run()
    assert folder.stored_status().state is State.DONE, folder.log_tail()
    return folder


@pytest.mark.parametrize("whole", METHODS, indirect=True)
def test_a_killed_run_ends_with_the_same_bytes(
    whole: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(tmp_path / "again", whole.config)
    for step in (1, 4):  # within a round of latents, and where a checkpoint is written
        killed_after(monkeypatch, folder, step)
        assert folder.resumed_at() == step
        random.seed(step)
        np.random.seed(step)
        torch.manual_seed(step)
    Worker(folder).run()
    assert folder.stored_status().state is State.DONE, folder.log_tail()
    assert folder.adapter.read_bytes() == whole.adapter.read_bytes()
    assert folder.checkpoint(4).read_bytes() == whole.checkpoint(4).read_bytes()
    losses = [[record.loss for record in run.read().steps] for run in (whole, folder)]
    assert losses[0] == losses[1] and len(losses[0]) == STEPS
    assert not (folder.path / "states").exists(), "of no use after the end"


@pytest.mark.parametrize("whole", ["sdd"], indirect=True)
def test_a_run_stopped_within_a_rollout_goes_on_with_the_same_bytes(
    whole: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(tmp_path / "again", whole.config)
    draw, count = distil.rollout, iter(range(100))

    def stopped_in_the_third(*args: object, **settings: object) -> list[distil.Latent]:
        found = draw(*args, **settings)  # type: ignore[arg-type]
        if next(count) == 2:
            raise worker_module.Stopped
        return found

    with monkeypatch.context() as patch:
        patch.setattr(distil, "rollout", stopped_in_the_third)
        Worker(folder).run()
    stopped = folder.stored_status()
    assert stopped.state is State.STOPPED and 0 < stopped.step < STEPS
    assert folder.adapter.exists() and folder.resumed_at() == stopped.step
    Worker(folder).run()
    assert folder.adapter.read_bytes() == whole.adapter.read_bytes()


@pytest.mark.parametrize("whole", ["sdd"], indirect=True)
def test_what_came_after_the_state_is_cut_off(
    whole: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(tmp_path / "again", whole.config)
    killed_after(monkeypatch, folder, 2)
    with folder.metrics.open("a") as file:
        file.write('{"kind": "step", "step": 3, "loss": 9.0, "seconds": 1}\n{"kind": "st')
    for stray in (folder.sample(2, 0, 1), folder.sample(4, 0, 1), folder.checkpoint(4)):
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"")
    left = folder.path / "states" / ".00003.json.999999999.0.writing"
    left.write_text("{")
    Worker(folder).run()
    assert [record.step for record in folder.read().steps] == [1, 2, 3, 4, 5, 6]
    assert all(record.loss != 9.0 for record in folder.read().steps)
    assert folder.sample(2, 0, 1).exists() and not folder.sample(4, 0, 1).exists()
    assert folder.adapter.read_bytes() == whole.adapter.read_bytes()
    assert not left.exists()


@pytest.mark.parametrize("whole", ["sdd"], indirect=True)
@pytest.mark.parametrize("harm", ["json cut", "json changed", "tensors cut", "tensors changed"])
def test_a_damaged_state_gives_way_to_the_one_before(
    whole: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    folder = RunFolder.create(tmp_path / "again", whole.config)
    killed_after(monkeypatch, folder, 3)
    hurt(folder, 3, harm)
    saved = States(folder).newest()
    assert saved and saved.snapshot.step == 2
    Worker(folder).run()
    assert folder.adapter.read_bytes() == whole.adapter.read_bytes()


def hurt(folder: RunFolder, step: int, harm: str) -> None:
    what, how = harm.split()
    ending = "json" if what == "json" else "safetensors"
    file = folder.path / "states" / f"{step:05d}.{ending}"
    before = file.read_bytes()
    data = bytearray(before)
    if how == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif what == "json":
        file.write_bytes(data.replace(b'"turn": ', b'"turn": 1'))
    else:
        data[-100] ^= 1
        file.write_bytes(data)
    assert file.read_bytes() != before


def test_no_state_that_holds_ends_in_a_sentence(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(tmp_path, of(config, "sdd"))
    killed_after(monkeypatch, folder, 3)
    metrics = folder.metrics.read_bytes()
    assert len(list((folder.path / "states").iterdir())) == 4, "the last two, two files each"
    for step in (2, 3):
        hurt(folder, step, "tensors cut")
    Worker(folder).run()
    status = folder.stored_status()
    assert status.state is State.FAILED and "None of the saved states" in status.what
    assert "checksum is not right" in status.what and "same settings" in status.way_out
    assert folder.metrics.read_bytes() == metrics, "what there was stays"


def test_changed_settings_are_not_gone_on_with(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(tmp_path, of(config, "sdd"))
    killed_after(monkeypatch, folder, 2)
    file = folder.path / "config.yaml"
    file.write_text(file.read_text().replace("lr: 0.0002", "lr: 0.0003"))
    Worker(folder).run()
    assert "settings of the run were changed" in folder.stored_status().what


def test_a_run_that_is_done_is_left_alone(config: RunConfig, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, of(config, "sdd"))
    Worker(folder).run()
    before = (folder.adapter.read_bytes(), folder.metrics.read_bytes(), folder.stored_status())
    Worker(folder).run()
    assert before == (folder.adapter.read_bytes(), folder.metrics.read_bytes(), before[2])
    folder.write_status(Worker(folder).status)  # ended between its adapter and its word
    Worker(folder).run()
    assert folder.stored_status().state is State.DONE
    assert folder.metrics.read_bytes() == before[1]


def test_a_state_tells_all_that_changes(config: RunConfig) -> None:
    run = Distillation(load_bundle(config.model), of(config, "sdd"))
    steps = run.steps()
    next(steps)
    state = run.state()
    kinds = {name.split("/")[0] for name in state.tensors}
    assert kinds == {"weights", "optimiser", "chance", "removed", "kept"}
    assert {name.split("/")[1] for name in state.tensors if name.startswith("weights")} == {
        distil.STUDENT,
        distil.TEACHER,
    }
    assert {"exp_avg", "exp_avg_sq", "step"} == {
        name.split("/")[2] for name in state.tensors if name.startswith("optimiser")
    }
    assert json.loads(json.dumps(state.numbers)) == state.numbers
    assert editing.STUDENT == distil.STUDENT


def test_a_word_being_learned_goes_on_with_the_same_numbers(config: RunConfig) -> None:
    settings = inverting(config, "<x>", vectors=2)
    whole, begun, again = (inversion(load_bundle(config.model), settings) for _ in range(3))
    assert len(list(whole.steps())) == 4
    steps = begun.steps()
    assert [next(steps).step for _ in range(3)] == [1, 2, 3]
    again.restore(begun.state())
    assert [record.step for record in again.steps()] == [4]
    assert again.vectors.equal(whole.vectors) and not again.vectors.equal(begun.vectors)


def test_saving_takes_no_more_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    now = [0.0]
    monkeypatch.setattr("studio.jobs.pace.time.monotonic", lambda: now[0])
    pace, spent = Pace(), 0.0
    while now[0] < 600:
        now[0] += 0.1
        if pace.due:
            with pace.measured():
                now[0] += 0.5
                spent += 0.5
    assert 5 < spent < 0.02 * 600 + 0.5


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_icon_world_killed_for_real_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    runs = Runs(tmp_path / "runs")
    config = runs.plan(runs.pack("icon-weapons"), overrides={"steps": 16, "check_every": 16})
    whole = runs.start(config)
    assert runs.wait(whole, 600).state is State.DONE
    again = runs.folder(runs.start(config))
    for least in (4, 9):
        end = time.monotonic() + 600
        while again.resumed_at() < least or (pid := again.stored_status().pid) is None:
            assert time.monotonic() < end and again.status().state.alive, again.log_tail()
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        while again.stored_status().state.alive:
            assert time.monotonic() < end
            time.sleep(0.02)
        runs.resume(again.id)
    assert runs.wait(again.id, 600).state is State.DONE
    assert "Go on after step" in again.log_tail()
    assert again.adapter.read_bytes() == runs.folder(whole).adapter.read_bytes()
    shown = [[check.target for check in run.read().checks] for run in (runs.folder(whole), again)]
    assert shown[0] == shown[1] and len(shown[0]) == 2
