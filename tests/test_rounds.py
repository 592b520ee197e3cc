"""Rounds draw their pictures, stop and go on, and say what does not fit."""

from pathlib import Path

import pytest
from PIL import Image

from studio.config import ModelCard, Text
from studio.errors import StudioError
from studio.jobs.feedback_folder import FeedbackFolder
from studio.jobs.feedback_maker import FeedbackMaker
from studio.pictures import read_parameters
from studio.presets import load_packs
from studio.records import State
from studio.services.feedback import Feedback, reference_pictures, suggested_prompts
from tests.rounds import SPIKES, drawn_round, plan_round


def test_a_round_draws_stops_and_goes_on(tmp_path: Path, card: ModelCard) -> None:
    folder = FeedbackFolder.create(tmp_path, plan_round(tmp_path, count=10, model=card))
    folder.ask("stop")
    FeedbackMaker(folder).run()
    assert folder.status().state is State.STOPPED and not folder.drawn()
    folder.answered("stop")
    FeedbackMaker(folder).run()
    assert folder.status().state is State.DONE and len(folder.drawn()) == 10
    about = read_parameters(folder.path / "pictures" / "00003.png")
    assert (about["prompt"], about["seed"]) == ("a pillow", 3)
    first = (folder.path / "pictures" / "00004.png").read_bytes()
    for place in (4, 9):
        (folder.path / "pictures" / f"0000{place}.png").unlink()
    untouched = (folder.path / "pictures" / "00003.png").stat().st_mtime_ns
    FeedbackMaker(folder).run()
    again = Image.open(folder.path / "pictures" / "00004.png").convert("RGB")
    (tmp_path / "first.png").write_bytes(first)
    difference = [
        abs(a - b)
        for a, b in zip(
            again.tobytes(),
            Image.open(tmp_path / "first.png").convert("RGB").tobytes(),
            strict=True,
        )
    ]
    assert max(difference) <= 1, "a picture drawn again is the same"
    assert (folder.path / "pictures" / "00003.png").stat().st_mtime_ns == untouched


def test_a_sensitive_round_has_its_covers(tmp_path: Path, card: ModelCard) -> None:
    config = plan_round(tmp_path, count=2, model=card, sensitive=True, shows=SPIKES)
    folder = FeedbackFolder.create(tmp_path, config)
    FeedbackMaker(folder).run()
    assert (folder.path / "pictures" / "00001.cover.jpg").exists()
    assert folder.drawn() == {"pictures/00000.png", "pictures/00001.png"}


def test_texts_that_sexualise_minors_are_refused(tmp_path: Path) -> None:
    worse = Text(en="sexy teen", zh="性感少女")
    for changes in ({"title": worse}, {"labels": (worse,)}, {"shows": worse}):
        with pytest.raises(StudioError, match="A text was refused"):
            plan_round(tmp_path, **changes)
    with pytest.raises(StudioError, match="A text was refused"):
        Feedback(tmp_path).plan(
            SPIKES, SPIKES, "ranking", ["a cactus", "a nude child"], 5,
            model=plan_round(tmp_path).model,
        )  # fmt: skip


def test_what_does_not_fit_a_round_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="at least one label"):
        plan_round(tmp_path, labels=())
    with pytest.raises(StudioError, match="There is nothing to draw"):
        Feedback(tmp_path).plan(SPIKES, SPIKES, "ranking", [], 5, model=plan_round(tmp_path).model)
    with pytest.raises(StudioError, match="6 reference pictures are too many"):
        Feedback(tmp_path).start(plan_round(tmp_path), [Image.new("RGB", (8, 8))] * 6)
    with pytest.raises(StudioError, match="no pictures"):
        reference_pictures(tmp_path)
    with pytest.raises(StudioError, match="There is no rating round"):
        Feedback(tmp_path).folder("../feedback")
    assert len(plan_round(tmp_path, "ranking", 7).pictures) == 10


def test_a_damaged_round_is_said_and_left_out_of_the_list(tmp_path: Path) -> None:
    folder = drawn_round(tmp_path)
    assert [row.id for row in Feedback(tmp_path).list()] == [folder.id]
    (folder.path / "round.yaml").write_text("kind: sideways\n")
    with pytest.raises(StudioError, match="is no rating round"):
        _ = folder.config
    assert Feedback(tmp_path).list() == ()


@pytest.mark.parametrize("name", sorted(load_packs()))
def test_every_pack_suggests_prompts_with_and_without_its_concept(name: str) -> None:
    prompts = suggested_prompts(load_packs()[name])
    assert 4 <= len(prompts) <= 20 and len(set(prompts)) == len(prompts)
