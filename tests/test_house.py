"""The house keeps its promises: everything imports, files stay short, words stay clean."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import studio
from studio.world import ROOT


def tracked() -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    return [ROOT / name for name in found if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.walk_packages(studio.__path__, "studio.")]
)
def test_every_module_imports(name: str) -> None:
    if name == "studio.__main__":
        return
    importlib.import_module(name)


def test_the_page_starts_without_torch() -> None:
    code = (
        "import app, sys; heavy = {'torch', 'diffusers', 'transformers', 'peft'} & set(sys.modules)"
        "; raise SystemExit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_files_stay_short() -> None:
    long = {
        file.name: count
        for file in tracked()
        if file.suffix == ".py" and (count := len(file.read_text().splitlines())) > 300
    }
    assert long == {}


def test_tracked_files_stay_small_together() -> None:
    assert sum(file.stat().st_size for file in tracked()) < 50e6


def test_no_machine_is_named() -> None:
    wrong = re.compile(r"/(?:home|root|work|Users)/[a-z]", re.IGNORECASE)
    for file in tracked():
        if file.suffix in (".py", ".md", ".yaml", ".toml", ".txt", ".json"):
            assert not wrong.search(file.read_text(encoding="utf-8")), file.name


def test_readme_has_the_two_commands_and_ci_runs_the_second() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "pip install -r requirements.txt && .venv/bin/python app.py" in readme
    assert "-r requirements-dev.txt && .venv/bin/python -m pytest" in readme
    ci = (ROOT / ".ci" / "run").read_text()
    assert "-r requirements.txt -r requirements-dev.txt" in ci and "python -m pytest" in ci


def test_the_version_is_written_once_per_place() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{studio.__version__}"' in text


def test_gradio_is_the_same_for_the_space_and_for_pip() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    version = re.search(r"^sdk_version: (.+)$", readme, re.MULTILINE)
    assert version
    assert f"gradio=={version[1]}\n" in (ROOT / "requirements.txt").read_text()
