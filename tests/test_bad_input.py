"""Whatever comes in that is wrong ends in a message that names it; nothing breaks, hangs, leaks."""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from studio import limits
from studio.errors import StudioError
from studio.failures import told
from studio.limits import MESSAGE_LETTERS
from studio.world import ROOT
from tests.bad_input.corpus import CORPUS, LIMITS, limits_table, table
from tests.bad_input.doors import DOORS, Refused
from tests.bad_input.row import Bad, Box

SECONDS = 10
CHINESE = re.compile(r"[一-鿿]")
TRIED = [(row, door) for row in CORPUS for door in row.doors]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return Box(tmp_path_factory.mktemp("sandbox"))


@pytest.fixture
def inside(box: Box, monkeypatch: pytest.MonkeyPatch) -> Box:
    """Work in the sandbox, so that what is written in the wrong place is seen."""
    monkeypatch.chdir(box.cwd)
    monkeypatch.setattr(tempfile, "tempdir", str(box.root / "tmp"))
    return box


def said(caught: Any, err: str) -> tuple[str, str]:
    """What a person reads, and what to do, whichever door said it."""
    if isinstance(caught, gr.Error):
        caught = caught.__cause__
    if isinstance(caught, StudioError):
        return caught.what, caught.way_out
    assert isinstance(caught, Refused) and caught.code == 1
    what, _, way_out = err.partition("Not done. ")[2].strip().rpartition("\n")
    return what, way_out


@pytest.mark.timeout(SECONDS, func_only=True)
@pytest.mark.parametrize(("row", "door"), TRIED, ids=[f"{row.id} by {door}" for row, door in TRIED])
def test_it_ends_in_a_message(
    row: Bad, door: str, inside: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = inside.given / re.sub(r"\W+", "-", f"{row.id}-{door}")
    folder.mkdir()
    given = row.make(folder)
    before = inside.outside()
    try:
        _try(row, door, inside, given, capsys)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert inside.outside() == before


def _try(row: Bad, door: str, inside: Box, given: Any, capsys: pytest.CaptureFixture[str]) -> None:
    if door == "cli usage":
        with pytest.raises(SystemExit) as ended:
            DOORS[door](inside, given)
        assert ended.value.code == 2
        assert re.search(row.names, capsys.readouterr().err)
        return
    with pytest.raises((StudioError, Refused, gr.Error)) as caught:
        DOORS[door](inside, given)
    what, way_out = said(caught.value, capsys.readouterr().err)
    assert re.search(row.names, f"{what} {way_out}") and way_out
    assert max(len(what), len(way_out)) <= MESSAGE_LETTERS + 20
    assert "Traceback" not in what and "\x1b" not in what
    for sentence in (what, way_out):
        assert CHINESE.search(told(sentence, "zh")), sentence


def test_there_are_enough_of_every_kind() -> None:
    ids = [row.id for row in CORPUS]
    assert len(ids) == len(set(ids)) >= 200
    assert {door for row in CORPUS for door in row.doors} == DOORS.keys()


def test_the_page_in_the_docs_is_current() -> None:
    told_there = (ROOT / "docs" / "bad-input.md").read_text(encoding="utf-8")
    assert table() in told_there and limits_table() in told_there
    assert {name for name in vars(limits) if name.isupper()} == LIMITS.keys()


def test_nothing_was_run(box: Box) -> None:
    assert not Path("/tmp/studio-was-run").exists()
