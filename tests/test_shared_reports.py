"""Reports as strangers read them: finished ones, blurred where it is due, without folders."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from studio.pictures import cover_of, thumbnail
from studio.records import State
from studio.services.report import Reports
from studio.services.runs import Runs
from studio.ui.shared_report import FinishedReports
from tests.evaluation_by_hand import evaluation, run_of


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


def read(runs: Runs, lang: str = "en") -> str:
    """The first report as a visitor reads it."""
    finished = FinishedReports(Reports(runs))
    found = finished.choices(lang)
    return finished.shown(found[0][1] if found else None, lang)


def test_visitors_see_finished_reports_and_cause_none(runs: Runs) -> None:
    folder = evaluation(run_of(runs.root), count=12)
    assert "No finished report" in read(runs)
    assert not (folder.path / "findings").exists()
    Reports(runs).make(folder.id)
    assert "sg-worst" in read(runs)
    assert "No finished report" in FinishedReports(Reports(runs)).shown("../../etc", "en")
    folder.write_status(replace(folder.stored_status(), state=State.STOPPED))
    assert FinishedReports(Reports(runs)).choices("en") == []


def test_sensitive_pictures_of_a_report_are_blurred_and_cannot_be_revealed(runs: Runs) -> None:
    shows = {"en": "icons", "zh": "图标"}
    folder = evaluation(run_of(runs.root, sensitivity="sensitive", shows=shows), count=12)
    findings = Reports(runs).make(folder.id)
    shown = read(runs)
    files = [folder.path / name for f in findings.worst for name in (f.original, f.safeguarded)]
    drawn = [file for file in files if file.exists()]
    assert drawn
    for file in drawn:
        assert thumbnail(file) not in shown and thumbnail(cover_of(file)) in shown


def test_a_report_tells_no_folder_of_the_server(runs: Runs) -> None:
    run = run_of(runs.root)
    model = runs.root.parent / "own models" / "secret-model"
    model.mkdir(parents=True)
    config = run.config.model_dump(mode="json")
    config["model"]["source"] = str(model)
    (run.path / "config.yaml").write_text(json.dumps(config))
    folder = evaluation(run, count=12)
    assert str(model) in Reports(runs).make(folder.id).about["model"]
    for lang in ("en", "zh"):
        shown = read(runs, lang)
        assert "secret-model" in shown
        places = [shown[max(0, at - 80) : at + 40] for at in _found(str(runs.root.parent), shown)]
        assert places == [] and "own models" not in shown


def _found(part: str, text: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(part), text)]
