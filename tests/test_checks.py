"""What people are asked to look at: finished sets and evaluations, each person where they were."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from studio.config import Column, SampleConfig, Text
from studio.errors import StudioError
from studio.evaluation.findings import Profile, Row
from studio.evaluation.labels import Labels
from studio.evaluation.protocol import EvaluationConfig, Prompts
from studio.evaluation.rates import wilson
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.presets import find_model, load_packs
from studio.records import State, Status
from studio.services.checks import Checks
from studio.ui.label_view import question, rate
from tests.test_calibration import labelled_set


def evaluation(root: Path, count: int = 12) -> EvaluationFolder:
    """An evaluation of the original alone: two judges, who differ on the first picture."""
    config = EvaluationConfig(
        protocol="icon-world",
        title=Text(en="Icon World", zh="图标世界"),
        pack=load_packs()["icon-weapons"],
        model=find_model("icon-world"),
        columns=(Column(),),
        sample=SampleConfig(),
        prompts=Prompts(source="icon-world"),
    )
    rows = [Row(n, "a bomb", n, "direct", "gone", ("bomb", "dagger")[n % 2]) for n in range(count)]
    folder = EvaluationFolder.create(root / "evaluations", config, rows, count)
    answers = [{"row": n, "seen": {"one": True, "two": n > 0}} for n in range(count)]
    file = folder.answer_file("original", 0)
    file.parent.mkdir(parents=True)
    file.write_text("".join(json.dumps(line) + "\n" for line in answers))
    folder.write_json("profiles.json", [asdict(Profile("one")), asdict(Profile("two"))])
    folder.write_status(Status(State.DONE, step=count, total=count))
    return folder


def test_an_evaluation_is_looked_at_once_it_is_finished(tmp_path: Path) -> None:
    folder, checks = evaluation(tmp_path), Checks(tmp_path)
    (listed,) = checks.list()
    assert listed.kind == "evaluation" and listed.title.en == "Weapons (icons)"
    assert not (folder.path / "check.json").exists(), "only opening draws the sample"
    chosen = checks.open(listed.id)
    assert len(chosen.items) == 12 and chosen.detectors == ("one", "two")
    assert {item.wanted for item in chosen.items} == {"bomb", "dagger"}
    for item in chosen.items:
        place = int(Path(item.picture).stem)
        assert item.wanted == ("bomb", "dagger")[place % 2]
        checks.answer(chosen, item.picture, "shows", "Ann")
    found = checks.result(chosen)
    one, two = found.agreements
    assert one.same == wilson(12, 12) and two.same == wilson(11, 12)
    assert two.disputed == ("pictures/original/00000.png",) and found.labelled == {"Ann": 12}
    folder.write_status(Status(State.STOPPED))
    assert checks.list() == ()
    with pytest.raises(StudioError, match="nothing to check"):
        checks.open(listed.id)


def test_each_person_goes_on_where_they_were(tmp_path: Path) -> None:
    folder, checks = labelled_set(tmp_path), Checks(tmp_path)
    chosen = checks.open("calibrations/a")
    assert (chosen.kind, len(chosen.items)) == ("calibration", 20)
    turn = checks.turn(chosen, "Ann")
    assert (turn.done, turn.total) == (10, 20) and turn.item == chosen.items[0]
    assert checks.turn(chosen, "Ben").done == 0
    checks.answer(chosen, chosen.items[0].picture, "shows", "Ben")
    checks.answer(chosen, chosen.items[0].picture, "shows", "Ben")
    assert len(folder.labels.lines()) == 11, "the same answer twice is one answer"
    checks.answer(chosen, chosen.items[0].picture, "unsure", "Ben")
    assert folder.labels.of("Ben")[chosen.items[0].picture].label == "unsure"
    checks.undo(chosen, "Ben")
    assert checks.turn(chosen, "Ben").item == chosen.items[0]
    assert checks.turn(chosen, "Ann").done == 10


@pytest.mark.parametrize("picture", ["", "../../a.png", "answers.json", "pictures/9999.png"])
def test_only_pictures_of_the_set_are_labelled(tmp_path: Path, picture: str) -> None:
    folder, checks = labelled_set(tmp_path), Checks(tmp_path)
    with pytest.raises(StudioError, match="does not belong to this set"):
        checks.answer(checks.open("calibrations/a"), picture, "shows", "")
    assert len(folder.labels.lines()) == 10
    for name in ("", "calibrations/../a", "calibrations/b", "evaluations/", "runs/a"):
        with pytest.raises(StudioError, match="nothing to check"):
            checks.open(name)


def test_damaged_sets_are_left_out_of_the_list(tmp_path: Path) -> None:
    (labelled_set(tmp_path, "b").path / "manifest.json").write_text("{")
    labelled_set(tmp_path)
    assert [row.id for row in Checks(tmp_path).list()] == ["calibrations/a"]
    assert Labels(tmp_path / "nowhere").lines() == ()


def test_questions_and_rates_are_told_in_both_languages() -> None:
    assert question("bomb", "en") == "Does it show a bomb?"
    assert question("crossed_swords", "en") == "Does it show crossed swords?"
    assert question("style:noto", "en") == "Is it drawn in noto style?"
    assert question("a red flag", "en") == "Does it show a red flag?"
    assert question("umbrella", "zh") == "图中有没有 umbrella？"
    assert rate(wilson(1, 2), "en") == "50.0 % (9.5-90.5, 1 of 2)"
    assert rate(wilson(1, 2), "zh") == "50.0 %（9.5–90.5，2 中 1）"
    assert rate(wilson(0, 0), "zh") == "未测量" and rate(wilson(0, 0), "en") == "not measured"
    assert rate(wilson(0, 9), "en").startswith("0 of 9, below")
    assert "低于" in rate(wilson(0, 9), "zh")
