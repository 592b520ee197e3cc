"""A picture that is not finite ends no rating round and no calibration set."""

from pathlib import Path

import pytest

from studio.config import Column, ModelCard, RunConfig
from studio.errors import StudioError
from studio.evaluation.prompts import Question
from studio.jobs.calibration_folder import CalibrationFolder
from studio.jobs.calibration_maker import make_calibration
from studio.jobs.feedback_folder import FeedbackFolder, RoundConfig, RoundPicture
from studio.jobs.feedback_maker import FeedbackMaker
from studio.records import State
from studio.services.checks import Checks
from studio.services.feedback_results import round_result
from studio.ui import label_view, rate_view
from tests.rounds import plan_round


def calibrated(card: ModelCard, config: RunConfig, prompts: list[str], root: Path) -> None:
    asked = [Question(prompt, 1, "target", "bomb") for prompt in prompts]
    folder = CalibrationFolder(root / "calibrations" / "one")
    columns = [Column(), Column()]  # a run of prompts each
    make_calibration(
        card, config.pack, columns, [], asked, folder, [], split="dev", seed=1, made=0.0
    )


def test_a_calibration_set_leaves_it_out_and_says_so(
    broken: ModelCard, config: RunConfig, tmp_path: Path
) -> None:
    calibrated(broken, config, ["a knife", "a bomb", "a dagger", "a kite", "a spoon"], tmp_path)
    found = CalibrationFolder(tmp_path / "calibrations" / "one").read()
    assert sorted(shot.prompt for shot in found.shots) == ["a bomb", "a dagger", "a spoon"]
    assert found.not_measured == 2
    files = {f"pictures/{file.name}" for file in (tmp_path / "calibrations").rglob("*.png")}
    assert files == {shot.picture for shot in found.shots}
    sets = Checks(tmp_path)
    chosen = sets.open("calibrations/one")
    for lang, line in (("en", "Not measured: 2 pictures"), ("zh", "未测量：2 张图片")):
        assert line in label_view.result(chosen, sets.result(chosen), lang, covered=False)


def test_a_calibration_set_without_any_picture_is_none(
    broken: ModelCard, config: RunConfig, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match=r"2 of 2 pictures came out as no numbers.*a knife"):
        calibrated(broken, config, ["a knife", "a kite"], tmp_path)
    assert not CalibrationFolder(tmp_path / "calibrations" / "one").finished


def round_of(card: ModelCard, prompts: list[str], root: Path, kind: str) -> FeedbackFolder:
    planned: RoundConfig = plan_round(root, kind, len(prompts), model=card)
    pictures = [
        RoundPicture(picture=shot.picture, prompt=prompt, seed=shot.seed)
        for shot, prompt in zip(planned.pictures, prompts, strict=True)
    ]
    return FeedbackFolder.create(root, planned.model_copy(update={"pictures": tuple(pictures)}))


@pytest.mark.parametrize("kind", ["binary", "ranking"])
def test_a_rating_round_leaves_it_out_and_says_so(
    broken: ModelCard, tmp_path: Path, kind: str
) -> None:
    folder = round_of(broken, ["a knife", *["a bomb", "a spoon", "an apple"] * 3], tmp_path, kind)
    FeedbackMaker(folder).run()
    status = folder.status()
    assert (status.state, status.step) == (State.DONE, 10), folder.log_tail()
    assert folder.noted("broken") == {"pictures/00000.png"} and len(folder.drawn()) == 9
    assert "1 pictures are no numbers" in folder.log_tail()
    asked = folder.store.turn("Ann", folder.drawn()).total
    assert asked == round_result(folder).questions == (9 if kind == "binary" else 1)
    for lang, line in (("en", "Not measured: 1 pictures"), ("zh", "未测量：1 张图片")):
        assert line in rate_view.notes(folder, lang)
    before = folder.log_tail()
    FeedbackMaker(folder).run()
    assert folder.log_tail().count("Load ") == before.count("Load "), "nothing is drawn twice"


def test_a_rating_round_without_any_picture_stops_with_the_reason(
    broken: ModelCard, card: ModelCard, tmp_path: Path
) -> None:
    folder = round_of(broken, ["a knife", "a kite", "a key"], tmp_path, "binary")
    FeedbackMaker(folder).run()
    status = folder.status()
    assert status.state is State.FAILED
    assert status.what.startswith("3 of 3 pictures came out as no numbers")
    assert not folder.noted("broken"), "once the model is mended, all are drawn"
