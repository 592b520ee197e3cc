"""What the denoiser of a model without a card answers with, said on the command line."""

import json
import shutil
from pathlib import Path

import pytest

from studio.cli import main, parser
from studio.cli.models import chosen_model
from studio.config import ModelCard
from studio.errors import StudioError
from studio.failures import told
from studio.models.loading import load_bundle
from studio.presets import find_model, model_options
from studio.world import ICON_WORLD
from tests.tiny import save_tiny

COMMIT = "0123456789" * 4


@pytest.fixture
def v_folder(tmp_path: Path) -> Path:
    """A tiny model whose files say v."""
    return save_tiny(tmp_path, "v_prediction")


def plan(*asked: str, runs: Path, capsys: pytest.CaptureFixture[str]) -> tuple[ModelCard, str]:
    train = ["train", "icon-weapons", "--dry-run", "--json", "--runs-dir", str(runs)]
    assert main([*train, *asked]) == 0
    said = capsys.readouterr()
    return ModelCard(**json.loads(said.out)["plan"]["model"]), said.err


def test_it_is_kept_in_the_run_and_used(
    v_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = {"runs": tmp_path / "runs", "capsys": capsys}
    asked = ["--model", str(v_folder)]
    silent, said = plan(*asked, **here)
    assert silent.prediction_type is None and "Note" not in said
    assert load_bundle(silent).scheduler.config.prediction_type == "v_prediction"
    same, said = plan(*asked, "--prediction-type", "v_prediction", **here)
    assert same.prediction_type == "v_prediction" and "Note" not in said
    other, said = plan(*asked, "--prediction-type", "epsilon", **here)
    assert other.prediction_type == "epsilon"
    assert "say v_prediction; epsilon is used, as --prediction-type says" in said
    assert load_bundle(other).scheduler.config.prediction_type == "epsilon"


def test_what_is_plainly_wrong_is_refused_however_it_was_said(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ICON_WORLD, tmp_path / "mine"))
    with pytest.raises(StudioError, match="answers with epsilon") as caught:
        load_bundle(find_model(str(folder), "v_prediction"))
    assert "--prediction-type epsilon" in caught.value.way_out
    assert "--prediction-type epsilon" in told(caught.value.way_out, "zh")
    assert told(caught.value.way_out, "zh").startswith("请")
    load_bundle(find_model(str(folder), "epsilon"))


def test_a_model_with_a_card_or_none_at_all_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["--prediction-type", "epsilon", "--runs-dir", str(tmp_path)]
    for name in ("sd-1-4", str(ICON_WORLD)):
        assert main(["train", "icon-weapons", "--dry-run", "--model", name, *said]) == 1
        assert "has a card, which says" in capsys.readouterr().err
    assert main(["train", "icon-weapons", "--dry-run", *said]) == 1
    assert "a model that is not named" in capsys.readouterr().err


COMMANDS = {
    "train": ["train", "icon-weapons"],
    "triplets": ["triplets", "icon-weapons", "--out", "set"],
    "invert": ["invert", "round", "--name", "sharp"],
    "calibrate": ["calibrate", "icon-weapons"],
    "feedback": ["feedback", "make", "Weapons"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_takes_a_model_takes_it(name: str, v_folder: Path) -> None:
    asked = ["--model", str(v_folder), "--prediction-type", "v_prediction"]
    card = chosen_model(parser().parse_args([*COMMANDS[name], *asked]))
    assert card is not None and card.prediction_type == "v_prediction"
    with pytest.raises(SystemExit):
        parser().parse_args([*COMMANDS[name], "--model", "x", "--prediction-type", "noise"])


def test_a_set_that_the_page_draws_is_of_the_model_that_was_chosen(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ICON_WORLD, tmp_path / "sd-1-4"))  # named like a card
    cards = [
        find_model("sd-1-4"),
        find_model(str(folder)),
        find_model(str(folder), "epsilon"),
        find_model(f"somebody/model@{COMMIT}", "v_prediction"),
    ]
    for card in cards:
        args = parser().parse_args(["train", "icon-weapons", *model_options(card)])
        assert chosen_model(args) == card
