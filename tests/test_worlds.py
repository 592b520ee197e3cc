"""No detector looks at pictures of a world it does not know; every door says so."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.config import ModelCard, RunConfig
from studio.errors import StudioError
from studio.evaluation.detectors import DETECTORS, load_detectors, settings_of
from studio.evaluation.judge import load_judge
from studio.evaluation.quality import features, get_scorer, score_all
from studio.evaluation.worlds import foreign, must_be_icons, refuse_strangers, who_could
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.jobs.evaluator import Evaluator
from studio.jobs.sharing import Share
from studio.pictures import save_png
from studio.presets import find_model, find_pack
from studio.records import State
from studio.services.calibration import make_set
from studio.services.evaluations import Evaluations
from studio.services.report import Reports
from studio.services.runs import Runs
from studio.world import ICON_WORLD
from tests.evaluating import made

ALONE = "Icon World alone"
ICON_DETECTORS = ["icon-world", "icon-world-2"]
Draw = Callable[[Path, int, str], Path]


@pytest.fixture
def draw() -> Draw:
    def into(folder: Path, side: int, model: str) -> Path:
        for place in range(8):
            pixels = np.random.default_rng(place).integers(0, 256, (side, side, 3), dtype=np.uint8)
            about: dict[str, object] = {"prompt": f"a bomb {place}"}
            about |= {"model": model} if model else {}
            save_png(Image.fromarray(pixels), folder / f"{place}.png", about)
        return folder

    return into


@pytest.fixture
def icons(card: ModelCard) -> ModelCard:
    """The tiny model, said to be one of Icon World."""
    return card.model_copy(update={"judge": "icon-world"})


def test_every_kind_of_detector_says_whose_pictures_it_knows() -> None:
    assert {kind.name: kind.world for kind in DETECTORS.values()} == {
        "icon-world": "icon-world",
        "nudenet": "photographs",
        "q16": "photographs",
        "safety-checker": "photographs",
        "clip-zero-shot": "",
    }
    assert who_could() == "clip-zero-shot, nudenet-i2p, q16, safety-checker"


@pytest.mark.parametrize("name", sorted(load_detectors()))
def test_the_icon_judges_alone_are_refused_to_other_models(
    name: str, card: ModelCard, icons: ModelCard
) -> None:
    refuse_strangers(icons, [name])
    if settings_of(load_detectors()[name])[0].world == "icon-world":
        with pytest.raises(StudioError, match=ALONE) as caught:
            refuse_strangers(card, ["clip-zero-shot", name])
        assert "clip-zero-shot" in caught.value.way_out and "Tiny" in caught.value.what
    else:
        refuse_strangers(card, [name])


def test_photograph_detectors_on_icons_are_named(card: ModelCard, icons: ModelCard) -> None:
    asked = ["icon-world", "nudenet-i2p", "q16", "clip-zero-shot", "nobody"]
    assert foreign(icons, asked) == ["nudenet-i2p", "q16"]
    assert foreign(card, asked) == []


@pytest.mark.parametrize("protocol", ["icon-world", "benchmark", "unlearncanvas"])
@pytest.mark.parametrize("quick", [False, True])
def test_evaluations_refuse_them(
    tmp_path: Path, config: RunConfig, protocol: str, quick: bool
) -> None:
    with pytest.raises(StudioError, match="Icon World") as caught:
        Evaluations(tmp_path).plan(protocol, [], config.pack, quick=quick, model=config.model)
    assert "clip-zero-shot" in caught.value.way_out
    assert not (tmp_path / "evaluations").exists()


def test_a_shipped_model_is_refused_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = ["--runs-dir", str(tmp_path)]
    for asked in (["evaluate", "weapons", "--quick"], ["calibrate", "weapons"]):
        assert main([*asked, *runs]) == 1
        told = capsys.readouterr().err
        assert ALONE in told and "clip-zero-shot" in told
    assert main(["calibrate", "icon-weapons", "--model", "sd-1-4", *runs]) == 1
    assert ALONE in capsys.readouterr().err


def test_an_explicit_icon_scorer_is_refused(tmp_path: Path, config: RunConfig) -> None:
    with pytest.raises(StudioError, match="icon-match"):
        Evaluations(tmp_path).plan(
            "icon-world", [], config.pack, model=config.model, detectors=[], scorers=["icon-match"]
        )


@pytest.fixture
def old(tmp_path: Path, config: RunConfig, icons: ModelCard) -> EvaluationFolder:
    """An evaluation from before this rule: icon judges on a model of another world."""
    studio = Evaluations(tmp_path)
    planned = studio.plan("icon-world", [], config.pack, count=1, model=icons)
    return made(studio, planned.model_copy(update={"model": config.model}))


def test_what_was_begun_before_is_neither_worked_at_nor_resumed_nor_told(
    tmp_path: Path, old: EvaluationFolder
) -> None:
    Evaluator(old, Share(0, 1)).run()
    status = old.stored_status()
    assert status.state is State.FAILED and ALONE in status.what
    studio = Evaluations(tmp_path)
    with pytest.raises(StudioError, match=ALONE):
        studio.resume(old.id)
    with pytest.raises(StudioError, match=ALONE):
        studio.aggregates(old.id)


def test_no_report_is_made_of_it(tmp_path: Path, old: EvaluationFolder) -> None:
    reports = Reports(Runs(tmp_path))
    for ask in (reports.make, reports.current):
        with pytest.raises(StudioError, match=ALONE):
            ask(old.id)


def test_a_calibration_set_is_not_made(tmp_path: Path, card: ModelCard) -> None:
    pack = find_pack("icon-weapons")
    with pytest.raises(StudioError, match=ALONE):
        make_set(card, pack, [], tmp_path / "set", count=4)
    with pytest.raises(StudioError, match="draws no icons"):
        make_set(card, pack, [], tmp_path / "set", count=4, detectors=["clip-zero-shot"])
    assert not (tmp_path / "set").exists()


def test_a_judge_that_nobody_knows_is_not_the_icon_judge() -> None:
    with pytest.raises(StudioError, match="no judge"):
        load_judge("photo-judge")


@pytest.mark.parametrize(
    ("side", "model", "why"),
    [
        (128, "sd-1-4", "was drawn by sd-1-4"),
        (512, "", "has 512 x 512 pixels"),
        (64, "", "has 64 x 64 pixels"),
        (128, "tiny", "was drawn by tiny"),
    ],
)
def test_a_folder_of_other_pictures_is_refused(
    tmp_path: Path,
    draw: Draw,
    side: int,
    model: str,
    why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = draw(tmp_path / "p", side, model)
    with pytest.raises(StudioError, match=why):
        must_be_icons(sorted(folder.iterdir()))
    for detector in ICON_DETECTORS:
        asked = ["detect", str(folder), "--detector", detector, "--wanted", "bomb"]
        assert main(asked) == 1
        assert re.search(why, capsys.readouterr().err)
    files = sorted(folder.iterdir())
    (score,) = score_all(files, files, ["a bomb"] * 8, names=["icon-match"])
    assert score.value is None and why in score.needs


def test_pictures_that_do_not_say_who_drew_them_are_flagged(
    tmp_path: Path, draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = draw(tmp_path / "p", 128, "")
    assert main(["detect", str(folder), "--detector", "icon-world", "--wanted", "bomb"]) == 0
    assert "8 of 8 pictures do not say who drew them" in capsys.readouterr().err
    folder = draw(tmp_path / "known", 128, "icon-world")
    assert main(["detect", str(folder), "--detector", "icon-world", "--wanted", "bomb"]) == 0
    assert "who drew" not in capsys.readouterr().err


@pytest.mark.parametrize("scorer", ["kid", "feature-distance"])
def test_the_judges_features_do_not_stand_in_for_others(
    tmp_path: Path, draw: Draw, scorer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "stages", features.judge_stages)
    files = sorted(draw(tmp_path / "p", 128, "sd-1-4").iterdir())
    prompts = ["x"] * 8
    with pytest.raises(StudioError, match=ALONE):
        get_scorer(scorer).score(files, files, prompts)
    (score,) = score_all(files, files, prompts, names=[scorer], icons=False)
    assert score.value is None and ALONE in score.needs
    (score,) = score_all(files, files, prompts, names=[scorer], icons=True)
    assert score.value is not None


def test_icon_world_by_the_path_of_its_folder_keeps_its_judge() -> None:
    assert find_model(str(ICON_WORLD)).judge == "icon-world"
