"""Bad input where a process of its own is needed: little memory, the real command line, HTTP."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from studio.services.runs import DEMO
from studio.world import ROOT
from tests.bad_input.corpus import CORPUS
from tests.bad_input.row import Bad
from tests.bad_input.small_memory import HEAVY
from tests.ui.driver import served

BY_ID = {row.id: row for row in CORPUS}
QUIET = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def in_little_memory() -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bad_input.small_memory"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, env=QUIET, check=True,
    )  # fmt: skip
    return {row["id"]: row["said"] for row in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("row", HEAVY, ids=[row.id for row in HEAVY])
def test_what_would_fill_the_memory_is_refused_in_little(
    row: Bad, in_little_memory: dict[str, str]
) -> None:
    assert re.search(row.names, in_little_memory[row.id])


# a path that is not there, a lying file, a pipe, a bomb, a name that leads out
COMMANDS = {
    "pack, pipe": ["train", "{}", "--dry-run"],
    "run id, parent": ["judge", "{}"],
    "weights, huge header length": [
        "compare", DEMO.name, "--prompt", "a", "--column", "{}", "--out", "out",
    ],
    "command line, a million processes": [],
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_the_real_command_line(name: str, tmp_path: Path) -> None:
    row = BY_ID[name]
    given = row.make(tmp_path)
    told = [str(given) if part == "{}" else part for part in COMMANDS[name]] or given
    done = subprocess.run(
        [sys.executable, "-m", "studio", *told],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, env=QUIET,
    )  # fmt: skip
    assert done.returncode == (1 if COMMANDS[name] else 2)
    assert re.search(row.names, done.stderr) and "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    root = tmp_path_factory.mktemp("served")
    with served(root / "runs") as address:
        client = Client(address, verbose=False, download_files=False)
        yield client, root
        client.close()


def _said(client: Client, name: str, *given: object) -> str:
    with pytest.raises(AppError) as caught:
        client.predict(*given, api_name=name)
    return str(caught.value)


def _nothing_broke(root: Path) -> None:
    """No traceback goes through the studio's own files; Gradio's own refusals leave one."""
    (log,) = root.glob("app*.log")
    assert f'File "{ROOT / "studio"}' not in log.read_text(encoding="utf-8")


UPLOADED = [
    "pack, alias bomb", "pack, python object", "pack, half of utf-16", "pack, turned direction",
    "pack, 10 MB text", "pack, zip out of the folder", "pack, endless digits", "pack, empty",
]  # fmt: skip


@pytest.mark.parametrize("name", UPLOADED)
def test_a_pack_over_http(name: str, studio: tuple[Client, Path], tmp_path: Path) -> None:
    client, root = studio
    row = BY_ID[name]
    file = row.make(tmp_path)
    assert re.search(row.names, _said(client, "/_import", handle_file(str(file))))
    _nothing_broke(root)


@pytest.mark.parametrize(
    ("run", "names"), [("..", "no run"), ("../../etc", "no run"), ("\x1b[31m", "no run")]
)
def test_a_run_that_leads_out_over_http(run: str, names: str, studio: tuple[Client, Path]) -> None:
    client, root = studio
    said = _said(client, "/_draw", "a cat", run, 0, 1.0, 5, 3.0, "ddim", [], "slider")
    assert re.search(names, said) or "choices" in said  # Gradio itself knows the list of runs
    _nothing_broke(root)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("picture, 10 billion pixels", "pixels"),
        ("picture, moving png", "it moves"),
        ("picture, eps, which runs programs", "no picture"),
        ("picture, half a png", "no picture"),
    ],
)
def test_a_picture_over_http(
    name: str, names: str, studio: tuple[Client, Path], tmp_path: Path
) -> None:
    client, root = studio
    file = handle_file(str(BY_ID[name].make(tmp_path)))
    said = _said(client, "/_pair", [file], [file], [], 1, "whole", 0.1, 0.0)
    assert re.search(names, said)
    _nothing_broke(root)
    assert not list((root / "runs" / "triplets").glob("*/unsafe"))
