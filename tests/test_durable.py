"""Files are whole at every moment, whoever is killed and whatever is full."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file, save

from studio import durable, lives
from studio.models.tensor_files import pieces


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    durable.write_text(file, "one")
    durable.write_text(file, "zwei, 三")
    assert file.read_text(encoding="utf-8") == "zwei, 三"
    assert os.listdir(tmp_path) == ["a.json"]


def test_what_fails_midway_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a"
    durable.write_text(file, "old")

    def half(beside: Path) -> None:
        beside.write_text("ne")
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        durable.write_with(file, half)
    assert file.read_text() == "old" and os.listdir(tmp_path) == ["a"]


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    code = (
        "import sys, torch; from pathlib import Path; from safetensors.torch import save\n"
        "from studio import durable\n"
        "tensors, n = {'a': torch.zeros(100_000)}, 0\n"
        "while True:\n"
        "    tensors['a'].fill_(n); n += 1\n"
        "    durable.write_bytes(Path(sys.argv[1]), save(tensors))\n"
        "    print(n, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE)
    assert writer.stdout
    for _ in range(3):
        writer.stdout.readline()
    for pause in (0.0, 0.003, 0.007):  # stopped where it stands, it is as good as dead
        time.sleep(pause)
        writer.send_signal(signal.SIGSTOP)
        assert load_file(file)["a"].unique().numel() == 1
        writer.send_signal(signal.SIGCONT)
    writer.kill()
    writer.wait()
    writer.stdout.close()
    assert load_file(file)["a"].unique().numel() == 1
    durable.sweep(tmp_path)
    assert os.listdir(tmp_path) == ["a.safetensors"]


def test_sweeping_leaves_what_a_living_process_writes(tmp_path: Path) -> None:
    mine = tmp_path / f".a.json.{os.getpid()}.0.writing"
    mine.write_text("")
    (tmp_path / "old.writing").write_text("")
    durable.sweep(tmp_path)
    assert os.listdir(tmp_path) == [mine.name]


def test_lines_that_do_not_fit_leave_none_of_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lines.jsonl"
    durable.append(file, '{"a": 1}\n')
    whole = os.write

    def full(opened: int, data: bytes) -> int:
        if len(data) < 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(opened, data[:5])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        durable.append(file, '{"a": 2}\n')
    monkeypatch.undo()
    assert durable.read_lines(file) == [{"a": 1}]
    assert file.read_text() == '{"a": 1}\n'


def test_half_lines_are_left_out_wherever_they_are(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text('{"a": 1}\n{"a": {"a": 2}\n{"a": 3}\n{"a"')
    assert durable.read_lines(file) == [{"a": 1}, {"a": 3}]
    durable.drop_half_line(file)
    assert file.read_text().endswith('{"a": 3}\n')
    durable.cut(file, 9)
    assert file.read_text() == '{"a": 1}\n'
    durable.cut(file, 100)
    assert file.stat().st_size == 9
    durable.cut(tmp_path / "missing", 1)
    durable.drop_half_line(tmp_path / "missing")
    assert durable.read_lines(tmp_path / "missing") == []


def test_a_full_disk_is_told_as_the_system_tells_it(small_disk: Path) -> None:
    file = small_disk / "a.safetensors"
    durable.write_bytes(file, save({"a": torch.zeros(10)}))
    before = file.read_bytes()
    with pytest.raises(OSError, match="No space left") as caught:
        durable.write_bytes(file, save({"a": torch.zeros(1_000_000)}))
    assert caught.value.errno == errno.ENOSPC
    assert file.read_bytes() == before and os.listdir(small_disk) == ["a.safetensors"]


def test_a_process_is_known_by_its_birth_not_its_number() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    birth = lives.born(child.pid)
    assert lives.lives(child.pid, birth)
    assert not lives.lives(child.pid, lives.born()), "the same number, born at another time"
    assert not lives.lives(None, birth) and not lives.lives(child.pid, "")
    child.kill()
    time.sleep(0.2)
    assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert not lives.lives(child.pid, birth), "a zombie does not work"
    child.communicate()
    assert lives.born(child.pid) == ""


def test_no_clock_changes_when_a_process_was_born(monkeypatch: pytest.MonkeyPatch) -> None:
    before, up = lives.born(), lives.uptime()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(psutil, "boot_time", lambda: 123.0)
    assert lives.born() == before and lives.lives(os.getpid(), before)
    assert lives.uptime() >= up


MIXED = {
    "chance/own": torch.arange(7, dtype=torch.uint8),
    "b": torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0)).to(
        memory_format=torch.channels_last
    ),
    "a 零": torch.ones(3, dtype=torch.bfloat16),
    "half": torch.ones(3, dtype=torch.float16),
    "step": torch.tensor(3.0),
    "double": torch.tensor([0.1, 0.2], dtype=torch.float64),
    "count": torch.tensor(7),
    "turned": torch.arange(6.0).view(2, 3).T,
    "places": torch.arange(3, dtype=torch.int32),
    "yes": torch.tensor([True, False]),
    "none": torch.zeros(0),
}


@pytest.mark.parametrize("notes", [{}, {"format": "pt"}])
def test_tensors_are_written_as_the_library_does_but_one_by_one(
    tmp_path: Path, notes: dict[str, str]
) -> None:
    file = tmp_path / "a.safetensors"
    durable.write_bytes(file, pieces(MIXED, notes))
    held = {key: value.contiguous() for key, value in MIXED.items()}
    assert file.read_bytes() == save(held, notes or None)
    assert all(value.equal(MIXED[key]) for key, value in load_file(file).items())
    parts = list(pieces(MIXED, notes))
    assert len(parts) == 1 + len(MIXED)


def test_notes_stand_in_alphabetical_order() -> None:
    told = [
        next(pieces({}, dict(order)))
        for order in ([("b", "1"), ("a", "2")], [("a", "2"), ("b", "1")])
    ]
    assert told[0] == told[1] and told[0].index(b'"a"') < told[0].index(b'"b"')
