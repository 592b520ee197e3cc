"""Every end of a run, with the worker in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from studio.config import Probe, RunConfig
from studio.errors import StudioError
from studio.jobs.checks import Checks, looked_at
from studio.jobs.run_folder import RunFolder
from studio.jobs.worker import Worker
from studio.records import State, StepRecord
from studio.training import distil
from studio.training.distil import Distillation


@pytest.fixture
def folder(config: RunConfig, tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs", config)


def then(monkeypatch: pytest.MonkeyPatch, error: Exception, after: int = 1) -> None:
    """Let training break after some steps."""
    whole = Distillation.steps

    def steps(self: Distillation) -> Iterator[StepRecord]:
        for record in whole(self):
            yield record
            if record.step == after:
                raise error

    monkeypatch.setattr(Distillation, "steps", steps)


def test_a_run_ends_done(folder: RunFolder) -> None:
    Worker(folder).run()
    status = folder.stored_status()
    assert status.state is State.DONE, folder.log_file.read_text()
    assert status.step == 4 and folder.adapter.exists()


def test_a_crash_leaves_its_traceback_in_the_log(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    then(monkeypatch, RuntimeError("a bug"))
    Worker(folder).run()
    status = folder.stored_status()
    assert status.state is State.FAILED
    assert "a bug" in status.what and "log" in status.way_out
    assert "Traceback" in folder.log_file.read_text()
    assert not folder.adapter.exists()


def test_a_loss_that_is_no_number_keeps_the_last_good_weights(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    then(monkeypatch, StudioError("The loss is no longer a number.", "Halve the rate."))
    Worker(folder).run()
    status = folder.stored_status()
    assert status.state is State.FAILED
    assert (status.what, status.way_out) == ("The loss is no longer a number.", "Halve the rate.")
    assert folder.checkpoint(1).exists() and not folder.adapter.exists()
    assert "Traceback" not in folder.log_file.read_text()


def test_the_memory_of_a_gpu_runs_out(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    then(monkeypatch, torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB"))
    Worker(folder).run()
    assert folder.stored_status().what == "The memory of the GPU ran out."


def test_stop_within_the_first_rollout_leaves_no_adapter_that_changes_nothing(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = distil.rollout

    def ask_then_draw(*args: object, **settings: object) -> list[distil.Latent]:
        folder.ask("stop")
        return whole(*args, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(distil, "rollout", ask_then_draw)
    Worker(folder).run()
    status = folder.stored_status()
    assert status.state is State.STOPPED and status.step == 0
    assert not folder.adapter.exists()
    assert folder.read().steps == ()


def test_saving_and_looking_on_demand_are_done_once(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(Checks, "look", lambda self, step: looked.append(step))
    folder.ask("save")
    folder.ask("sample")
    Worker(folder).run()
    assert looked == [0, 1, 2, 4]
    assert folder.checkpoint(1).exists()
    assert folder.asked() == {}


def test_a_pack_with_many_probes_is_looked_at_in_part() -> None:
    kinds = ["target"] * 30 + ["neighbour"] * 10 + ["unrelated"] * 2
    probes = [Probe(prompt="a", kind=kind) for kind in kinds]  # type: ignore[arg-type]
    places = looked_at(probes, 12)
    assert places == [0, 1, 2, 3, 4, 30, 31, 32, 33, 34, 40, 41]
    assert looked_at(probes[:3], 12) == [0, 1, 2]
    assert looked_at([], 12) == []
