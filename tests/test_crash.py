"""What can happen to a run at work: each ends in a sentence, with earlier results intact."""

import errno
import io
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
import torch

from studio import durable
from studio.config import AdapterUse, Column, RunConfig
from studio.errors import StudioError
from studio.failures import told
from studio.jobs import drawer
from studio.jobs.checks import Checks
from studio.jobs.drawer import Drawer
from studio.jobs.pace import Pace
from studio.jobs.run_folder import RunFolder
from studio.jobs.states import States
from studio.jobs.worker import Worker, explain
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.records import State, StepRecord
from studio.services.compare import Compare, Request
from studio.training.distil import STUDENT
from studio.training.state import Resumable


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state after each step, no pictures."""
    monkeypatch.setattr(Pace, "due", True)
    monkeypatch.setattr(Checks, "look", lambda self, step: None)


@pytest.fixture
def whole(config: RunConfig, tmp_path: Path) -> bytes:
    """The adapter of a run that nothing disturbed."""
    folder = RunFolder.create(tmp_path / "whole", config)
    Worker(folder).run()
    assert folder.stored_status().state is State.DONE, folder.log_tail()
    return folder.adapter.read_bytes()


def then(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object], after: int = 2) -> None:
    """Let something happen once a run has made some steps."""
    steps = Resumable.steps

    def watched(self: Resumable) -> Iterator[StepRecord]:
        for record in steps(self):
            yield record
            if record.step == after:
                happens()

    monkeypatch.setattr(Resumable, "steps", watched)


def test_a_full_disk_ends_a_run_with_a_sentence_and_it_goes_on_later(
    small_disk: Path, config: RunConfig, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, ballast = RunFolder.create(small_disk, config), small_disk / "ballast"

    def fill() -> None:
        with ballast.open("wb") as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(4096))
                file.flush()

    with monkeypatch.context() as patch:
        then(patch, fill)
        Worker(folder).run()
    status = folder.status()
    assert status.state is State.FAILED and "No space left on device" in status.what
    assert "Make room on the disk" in status.way_out
    assert folder.resumed_at() == 2 and [row.step for row in folder.read().steps][:2] == [1, 2]
    assert States(folder).newest() is not None
    ballast.unlink()
    Worker(folder).run()
    assert folder.adapter.read_bytes() == whole


@pytest.mark.parametrize("write", [2, 5, 8, 10, 12])
def test_any_write_may_find_the_disk_full(
    config: RunConfig, tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    folder, count, put = (
        RunFolder.create(tmp_path / "runs", config),
        iter(range(1000)),
        durable._put,
    )

    def full(file: Path, pieces: Iterable[bytes | memoryview]) -> None:
        data = b"".join(pieces)
        if next(count) == write:
            put(file, [data[: len(data) // 2]])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        put(file, [data])

    with monkeypatch.context() as patch:
        patch.setattr(durable, "_put", full)
        Worker(folder).run()
    status = folder.stored_status()
    assert status.state is State.FAILED and "No space left on device" in status.what
    assert folder.resumed_at() == 0 or States(folder).newest() is not None
    Worker(folder).run()
    assert folder.adapter.read_bytes() == whole


def test_a_folder_that_becomes_read_only_is_told_by_its_page(
    tmp_path: Path,
    config: RunConfig,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    read_only: Callable[[Path], AbstractContextManager[None]],
) -> None:
    folder = RunFolder.create(tmp_path / "runs", config)
    worker = Worker(folder)
    with ExitStack() as frozen:
        with monkeypatch.context() as patch:
            then(patch, lambda: frozen.enter_context(read_only(folder.path)))
            worker.run()
        assert worker.untold and "Read-only file system" in capfd.readouterr().err
        assert folder.stored_status().state is State.RUNNING, "nobody could write another one"
        monkeypatch.setattr("studio.jobs.work_folder.lives", lambda pid, born: False)
        status = folder.status()
    assert status.state is State.INTERRUPTED and "Nothing can be written in" in status.what
    assert "Read-only file system" in status.what and "Choose another folder" in status.way_out
    Worker(folder).run()
    assert folder.adapter.read_bytes() == whole


def test_a_folder_removed_at_work_stays_removed_and_the_others_stay(
    config: RunConfig,
    tmp_path: Path,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = RunFolder.create(tmp_path / "whole", config)
    then(monkeypatch, lambda: shutil.rmtree(folder.path))
    worker = Worker(folder)
    worker.run()
    assert worker.untold
    assert f"The folder of {folder.id} was removed while it was at work." in capfd.readouterr().err
    assert not folder.path.exists()
    (other,) = (RunFolder(path.parent) for path in (tmp_path / "whole").glob("*/config.yaml"))
    assert other.status().state is State.DONE and other.adapter.read_bytes() == whole


def test_a_metrics_line_cut_in_half_is_left_out(config: RunConfig, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config)
    for step in (1, 2):
        folder.append_step(StepRecord(step, 0.5, 0.1))
    folder.metrics.write_bytes(folder.metrics.read_bytes()[:-9])
    assert [record.step for record in folder.read().steps] == [1]
    folder.append_step(StepRecord(3, 0.5, 0.1))  # as a disk that was full for a moment leaves it
    folder.append_step(StepRecord(4, 0.5, 0.1))
    assert [record.step for record in folder.read().steps] == [1, 4]


def test_compare_names_the_adapter_that_is_damaged(config: RunConfig, tmp_path: Path) -> None:
    file = tmp_path / "run" / "adapter" / "adapter.safetensors"
    file.parent.mkdir(parents=True)
    bundle = load_bundle(config.model)
    adapters.attach(bundle.unet, STUDENT, "cross", 2)
    adapters.save_adapter(bundle.unet, STUDENT, file, {"step": 4})
    column = Column(adapters=(AdapterUse(name="run", file=str(file)),))
    compare = Compare(tmp_path / "pictures")

    def draw(prompt: str) -> Path:
        request = Request(config.model, config.sample, (prompt,), (1,), columns=(column,))
        return list(compare.draw(request))[-1].pictures[0].path

    try:
        before = draw("a")
        file.write_bytes(file.read_bytes()[:-64])
        with pytest.raises(StudioError) as caught:
            draw("b")
    finally:
        compare.close()
    assert "run/adapter/adapter.safetensors is damaged" in caught.value.what
    assert "resume or repeat its run" in caught.value.way_out
    assert before.exists()


def test_an_adapter_with_one_changed_bit_is_refused(config: RunConfig, tmp_path: Path) -> None:
    bundle, file = load_bundle(config.model), tmp_path / "a.safetensors"
    adapters.attach(bundle.unet, STUDENT, "cross", 2)
    adapters.save_adapter(bundle.unet, STUDENT, file, {"step": 4})
    bundle = load_bundle(config.model)
    assert adapters.load_adapter(bundle.unet, file, "whole") == {"step": 4}
    data = bytearray(file.read_bytes())
    data[-5] ^= 4
    file.write_bytes(data)
    with pytest.raises(StudioError, match="is damaged"):
        adapters.load_adapter(bundle.unet, file, "changed")


def test_memory_that_runs_out_offers_the_next_smaller_setting(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short() -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")

    folder = RunFolder.create(tmp_path, config)
    then(monkeypatch, short)
    Worker(folder).run()
    status = folder.status()
    assert status.state is State.FAILED and status.smaller == {"train": {"batch": 1}}
    assert "OutOfMemoryError" in "\n".join(status.last_lines)


def test_an_error_of_the_gpu_is_told_in_its_first_line() -> None:
    what, way_out = explain(RuntimeError("CUDA error: an illegal access\nCompile with ..."))
    assert what.endswith("CUDA error: an illegal access") and "Resume" in way_out


def test_a_full_disk_ends_a_drawing_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Drawer, job: object) -> Iterator[dict[str, object]]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Drawer, "draw", full)
    monkeypatch.setattr(drawer, "DrawJob", lambda **job: job)
    monkeypatch.setattr("sys.stdin", io.StringIO("{}\n"))
    assert drawer.main() == 0
    said = json.loads(capsys.readouterr().out)
    assert said["what"] == "A file could not be written or read: No space left on device."
    assert (
        told(said["way_out"], "zh") != said["way_out"] == "Make room on the disk, then draw again."
    )
