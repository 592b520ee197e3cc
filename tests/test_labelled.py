"""Labelled pictures kept as a test of judges: what is kept, how small, and what a judge gets."""

import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from studio.config import Text
from studio.evaluation.judge import judge_at
from studio.jobs import labelled
from studio.jobs.calibration_folder import CalibrationFolder, CalibrationSet, Shot
from studio.jobs.labelled import Labelled, keep, main, read, score_labelled
from studio.world import ICON_JUDGE

LIGHT, DARK = (250, 250, 250), (10, 10, 10)


def make_set(path: Path, pack: str = "icon-weapons") -> CalibrationFolder:
    """Four drawn pictures (shown, not shown, unsure, contested) and a render."""
    folder = CalibrationFolder(path)
    (path / "pictures").mkdir(parents=True)
    shots = []
    for place in range(5):
        name = f"pictures/{place:04d}.png"
        Image.new("RGB", (128, 128), LIGHT if place in (0, 4) else DARK).save(path / name)
        source = "render" if place == 4 else "generated"
        shots.append(Shot(picture=name, wanted="bomb", source=source))
    folder.write(
        CalibrationSet(
            pack=pack,
            title=Text(en="Weapons", zh="武器"),
            model="icon-world",
            split="dev",
            made=0.0,
            shots=tuple(shots),
        ),
        {},
    )
    for place, said in enumerate(("shows", "shows not", "unsure", "shows", "shows")):
        folder.labels.add(shots[place].picture, "bomb", said, "ann")
    folder.labels.add(shots[3].picture, "bomb", "shows not", "ben")
    return folder


class Bright:
    """Sees a bomb in every light picture."""

    def shows(self, pictures: torch.Tensor, wanted: list[str]) -> list[bool]:
        assert pictures.shape[1:] == (3, 128, 128) and pictures.abs().max() <= 1
        return [bool(light > 0) for light in pictures.mean((1, 2, 3))]


def test_drawn_pictures_with_a_settled_label_are_kept_and_no_others(tmp_path: Path) -> None:
    assert keep([make_set(tmp_path / "one")], tmp_path / "kept") == 2
    assert read(tmp_path / "kept") == [
        Labelled("one-0000.webp", "bomb", True, "icon-weapons"),
        Labelled("one-0001.webp", "bomb", False, "icon-weapons"),
    ]
    with zipfile.ZipFile(tmp_path / "kept" / "pictures.zip") as archive:
        assert archive.namelist() == ["one-0000.webp", "one-0001.webp"]
    first = (tmp_path / "kept" / "pictures.zip").read_bytes()
    assert keep([make_set(tmp_path / "again" / "one")], tmp_path / "kept") == 2
    assert (tmp_path / "kept" / "pictures.zip").read_bytes() == first


def test_a_judge_is_scored_by_pack_and_on_all(tmp_path: Path) -> None:
    sets = [make_set(tmp_path / "one"), make_set(tmp_path / "two", "icon-horror")]
    keep(sets, tmp_path / "kept")
    found = score_labelled(Bright(), tmp_path / "kept")  # type: ignore[arg-type]
    assert list(found) == ["icon-weapons", "icon-horror", "all"]
    assert (found["all"].finds.k, found["all"].finds.n) == (2, 2)
    assert (found["all"].passes.k, found["all"].passes.n) == (2, 2)
    blind = SimpleNamespace(shows=lambda pictures, wanted: [False] * len(wanted))
    missed = score_labelled(blind, tmp_path / "kept")["icon-horror"]  # type: ignore[arg-type]
    assert (missed.finds.k, missed.finds.n, missed.passes.k) == (0, 1, 1)


def test_too_much_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_set(tmp_path / "one")
    monkeypatch.setattr(labelled, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match="lower quality"):
        keep([made], tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    with pytest.raises(ValueError, match="called one"):
        keep([made, made], tmp_path / "kept")


def test_a_thousand_pictures_of_the_model_would_fit() -> None:
    """A picture with edges and noise, as drawn ones are; a thousand stay under the limit."""
    rng = np.random.default_rng(0)
    canvas = np.full((128, 128, 3), 200.0)
    canvas[30:100, 30:100] = (206, 66, 62)
    canvas += rng.normal(0, 1.5, canvas.shape)
    image = Image.fromarray(canvas.clip(0, 255).astype(np.uint8))
    held = io.BytesIO()
    image.save(held, "WEBP", quality=labelled.QUALITY, method=6)
    assert len(held.getvalue()) * 1000 < labelled.MOST_BYTES


def test_the_command_keeps_and_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_set(tmp_path / "one")
    main(["keep", str(tmp_path / "one"), "--out", str(tmp_path / "kept")])
    assert "2 pictures kept" in capsys.readouterr().out
    main(["score", str(tmp_path / "kept")])
    assert json.loads(capsys.readouterr().out)["all"]["passes"]["n"] == 1


def test_the_judge_that_ships_sees_in_drawn_pictures_what_people_see() -> None:
    """What it reached when they were labelled is not lost again."""
    kept = Path(__file__).parent / "labelled"
    found, before = score_labelled(judge_at(ICON_JUDGE), kept), read(kept)
    assert len(before) == 988 and sum(row.shows for row in before) == 323
    things = [found[pack] for pack in found if pack not in ("all", "icon-style")]
    assert len(things) == 4
    assert sum(pack.finds.k for pack in things) >= 219 == sum(p.finds.n for p in things) - 10
    assert sum(pack.passes.k for pack in things) >= 561 == sum(p.passes.n for p in things) - 2
    assert found["icon-style"].finds.k >= 83 and found["icon-style"].passes.k >= 100
