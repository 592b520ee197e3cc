"""`pip install .` gives a command that knows its packs, models and judge."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studio.world import ROOT

TAKEN = ("studio", "presets", "assets")
FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "requirements.txt")
MORE = ("requirements-dev.txt", "requirements-icon-world.txt", "requirements-nudenet.txt")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_installed_command_works_away_from_the_checkout(tmp_path: Path) -> None:
    source, site, away = tmp_path / "source", tmp_path / "site", tmp_path / "away"
    away.mkdir()
    for name in TAKEN:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*FILES, *MORE):
        shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site)]
    subprocess.run([*pip, str(source)], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_WAIT_POLICY": "PASSIVE"}

    def told(*words: str) -> str:
        command = [sys.executable, str(site / "bin" / "safeguard-studio"), *words]
        done = subprocess.run(
            command, cwd=away, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    assert "icon-weapons" in told("packs")
    assert "Would train" in told("train", "icon-weapons", "--dry-run")
    assert str(ROOT) not in told("models", "--json")
    assert "fail" not in told("doctor").lower()
    told("train", "icon-weapons", "--steps", "2", "--json")
    assert list((away / "runs").glob("*/adapter/adapter.safetensors"))
