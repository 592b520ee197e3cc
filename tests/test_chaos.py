"""Damage done on purpose leaves nothing corrupted and nothing lost: see `tests.chaos`."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from studio.config import RunConfig
from studio.jobs.run_folder import RunFolder
from studio.jobs.worker import Worker
from studio.world import ROOT
from tests.chaos.runs import Count, inspect

KEYS = ("started", "survived", "resumed", "corrupted", "lost")


def damaged(kills: int) -> dict[str, object]:
    command = [sys.executable, "-m", "tests.chaos", "--kills", str(kills), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.timeout(900)
def test_killed_runs_go_on_and_end_as_if_nothing_had_happened() -> None:
    found = damaged(3)
    assert found["done"]["worker killed"] == 3  # type: ignore[index]
    assert found["started"] == found["survived"] and found["resumed"]
    assert [found[key] for key in KEYS[3:]] == [0, 0]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_studios_and_full_disks_lose_nothing() -> None:
    found = damaged(10)
    done, skipped = found["done"], found["skipped"]
    assert done["studio killed"] == 2  # type: ignore[index]
    assert ("disk filled" in done) != ("disk full" in skipped)  # type: ignore[operator]
    assert [found[key] for key in KEYS[3:]] == [0, 0] and found["late"] == 0


@pytest.mark.parametrize("name", ["adapter/adapter.safetensors", "status.json", "metrics.jsonl"])
def test_what_is_broken_is_counted(config: RunConfig, tmp_path: Path, name: str) -> None:
    folder, count = RunFolder.create(tmp_path, config), Count()
    Worker(folder).run()
    inspect(folder, count)
    assert count.corrupted == 0
    file = folder.path / name
    data = file.read_bytes()
    place = random.Random(0).randrange(8, len(data) // 2)
    file.write_bytes(data[:place] + b"\x00" + data[place + 9 :])
    inspect(folder, count)
    assert count.corrupted == 1 and folder.id in count.troubles[0]
