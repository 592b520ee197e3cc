"""What commands write arrives in any encoding, or its loss is said with the right exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.output import READER_LEFT
from studio.world import ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def run(
    *asked: str, encoding: str = "utf-8", unbuffered: bool = False, **more: object
) -> "subprocess.CompletedProcess[bytes]":
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": encoding}
    environment |= {"PYTHONUNBUFFERED": "1"} if unbuffered else {}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    command = [sys.executable, "-m", "studio", *asked]
    return subprocess.run(command, env=environment, check=False, timeout=120, **streams)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gbk"])
def test_letters_that_the_output_has_not_are_escaped(encoding: str) -> None:
    done = run("packs", "--json", encoding=encoding)
    assert done.returncode == 0, done.stderr
    packs = json.loads(done.stdout.decode(encoding))["packs"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in str(packs)), "nothing Chinese is left"
    assert not done.stderr


def test_text_and_errors_are_escaped_too() -> None:
    done = run("train", "武器", encoding="ascii")
    assert done.returncode == 1
    assert done.stderr.startswith(b"Not done. There is no pack '\\u6b66\\u5668'.")


@pytest.mark.parametrize("asked", [["packs"], ["packs", "--json"], ["models"]])
@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_full_disk_is_said(asked: list[str], unbuffered: bool) -> None:
    with open("/dev/full", "wb") as full:
        done = run(*asked, stdout=full, unbuffered=unbuffered)
    told = done.stderr.decode()
    assert done.returncode == 1
    assert told.startswith("Not done. The output cannot be written: No space left on device.")
    assert len(told.splitlines()) == 2


@pytest.mark.parametrize("asked", [["packs"], ["packs", "--json"], ["train", "nothing"]])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_leaves_ends_it_without_a_word(asked: list[str], stream: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(*asked, **{stream: writer})
    finally:
        os.close(writer)
    said_there = (stream == "stderr") == (asked[0] == "train")
    assert done.returncode == (READER_LEFT if said_there else int(asked[0] == "train"))
    assert b"Traceback" not in (done.stderr or b"") and b"Exception" not in (done.stderr or b"")


def test_outputs_that_are_closed_before_it_begins() -> None:
    command = f'"{sys.executable}" -m studio packs >&- 2>&-'
    assert subprocess.run(["sh", "-c", command], env=ENVIRONMENT, check=False).returncode == 0


def test_the_page_says_what_is_wrong_in_any_encoding(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "app.py"), "--login", "张", "--host", "例子", "--share"]
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii", "STUDIO_PASSWORD": "short"}
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr and done.stderr.startswith(b"Not done.")
