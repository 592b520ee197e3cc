"""A detector of photographs that is asked about icons: said on the page, in reports, in both."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio.cli.warning import warn_of_foreign
from studio.evaluation.findings import Profile
from studio.evaluation.worlds import note_icons
from studio.jobs.calibration_folder import CalibrationFolder, CalibrationSet, Shot
from studio.pictures import save_png
from studio.presets import find_model
from studio.services.checks import Checks
from studio.services.report import Reports
from studio.services.reporting import facts
from studio.services.runs import Runs
from studio.ui import label_view
from tests.evaluation_by_hand import evaluation, run_of
from tests.rounds import shape

NOTES = {
    "en": "q16 learned from photographs; what it says of icons is not measured.",
    "zh": "q16 是用照片训练的；它对图标的判断没有测量过。",
}


def calibrated(root: Path, model: str, *detectors: str) -> str:
    """The page of a calibration set that these detectors answered, in both languages."""
    folder = CalibrationFolder(root / "calibrations" / "one")
    folder.path.mkdir(parents=True)
    shot = Shot(picture="pictures/0000.png", wanted="bomb", source="generated")
    made = CalibrationSet(
        pack="icon-weapons",
        title={"en": "Weapons", "zh": "武器"},
        model=model,
        split="dev",
        made=0.0,
        profiles=tuple(Profile(name) for name in detectors),
        shots=(shot,),
    )
    folder.write(made, {shot.picture: dict.fromkeys(detectors, True)})
    sets = Checks(root)
    chosen = sets.open("calibrations/one")
    found = sets.result(chosen)
    return "".join(label_view.result(chosen, found, lang, covered=False) for lang in NOTES)


def test_the_page_says_so_of_icons_alone(tmp_path: Path) -> None:
    page = calibrated(tmp_path / "a", "icon-world", "icon-world", "q16", "nudenet-i2p")
    assert all(note in page for note in NOTES.values())
    assert "nudenet-i2p learned from photographs" in page
    assert "icon-world learned" not in page
    assert "photographs" not in calibrated(tmp_path / "b", "sd-1-4", "q16")


def test_a_report_says_so_in_page_card_and_json(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    folder = evaluation(run_of(runs.root), count=12)
    reports, config = Reports(runs), folder.config
    label = config.columns[1].label
    asked = config.model_copy(update={"detectors": ("icon-world", "q16")})
    about = facts.about(runs, folder, asked, label, folder.rows(), 12)
    assert about["foreign"] == "q16"
    whole = reports.make(folder.id)
    assert "foreign" not in whole.about
    out = reports.export(replace(whole, about=about), tmp_path / "out")
    page, card = out.html.read_text("utf-8"), out.card.read_text("utf-8")
    assert all(note in page for note in NOTES.values()) and NOTES["en"] in card
    assert json.loads(out.json.read_text("utf-8"))["notes"] == {k: [v] for k, v in NOTES.items()}
    silent = reports.export(whole, tmp_path / "silent")
    assert "photographs" not in silent.card.read_text("utf-8")


def test_a_folder_of_icons_says_so_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_png(shape(0), tmp_path / "a.png", {"model": "icon-world"})
    save_png(shape(1), tmp_path / "b.png", {})
    files = sorted(tmp_path.iterdir())
    assert note_icons("q16", files) == NOTES["en"]
    assert note_icons("q16", files[1:]) == "" == note_icons("clip-zero-shot", files)
    warn_of_foreign(find_model("icon-world"), ["q16", "icon-world"])
    assert capsys.readouterr().err == f"Note: {NOTES['en']}\n"
