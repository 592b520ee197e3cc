"""Masks that a person paints on triplets of a finished set."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.errors import StudioError
from studio.jobs import triplet_folder
from studio.jobs.triplet_folder import Manifest, TripletFolder
from studio.methods.safegen import SafegenConfig
from studio.services.triplet_sets import TripletSets
from studio.services.triplets import pair_triplets
from studio.ui.mask_painter import painted

SIDE = 16
NAME = "20260101-000000-own"


@pytest.fixture
def folder(tmp_path: Path) -> TripletFolder:
    """Two triplets of noise; blocks of 4 px, no blur."""
    draw = np.random.default_rng(0)
    for part in ("unsafe", "benign"):
        (tmp_path / part).mkdir()
        for name in ("a.png", "b.png"):
            pixels = draw.integers(256, size=(SIDE, SIDE, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / part / name)
    cfg = SafegenConfig(mask="whole", block_share=0.25, blur_share=0)
    path = tmp_path / "runs" / "triplets" / NAME
    pair_triplets(tmp_path / "unsafe", tmp_path / "benign", cfg, path)
    return TripletFolder(path)


def square(side: int = SIDE) -> Image.Image:
    """White on the second block of the second row, in sixteen blocks."""
    quarter = side // 4
    mask = Image.new("L", (side, side), 0)
    mask.paste(255, (quarter, quarter, 2 * quarter, 2 * quarter))
    return mask


def pixels(folder: TripletFolder, place: int = 0) -> tuple[np.ndarray, np.ndarray]:
    unsafe, mosaic, _ = folder.pictures()[place]
    return np.asarray(unsafe).astype(float), np.asarray(mosaic).astype(float)


def files(folder: TripletFolder) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in folder.path.rglob("*") if f.is_file()}


@pytest.mark.parametrize("side", [SIDE, 4 * SIDE, SIDE // 4], ids=["same", "larger", "smaller"])
def test_the_mosaic_is_where_was_painted_and_nowhere_else(folder: TripletFolder, side: int) -> None:
    folder.paint(0, square(side))
    picture, mosaic = pixels(folder)
    block = picture[4:8, 4:8].mean((0, 1))
    np.testing.assert_allclose(mosaic[4:8, 4:8], np.broadcast_to(block, (4, 4, 3)), atol=1)
    mosaic[4:8, 4:8] = picture[4:8, 4:8]
    np.testing.assert_array_equal(mosaic, picture)


def test_the_blur_of_the_set_stays_inside_the_paint(folder: TripletFolder) -> None:
    folder.paint(0, square())
    _, sharp = pixels(folder)
    folder.write(folder.read().model_copy(update={"blur_share": 0.2}))
    folder.paint(0, square())
    picture, soft = pixels(folder)
    assert (soft[4:8, 4:8] != sharp[4:8, 4:8]).any()
    soft[4:8, 4:8] = picture[4:8, 4:8]
    np.testing.assert_array_equal(soft, picture)


def test_the_manifest_says_whose_mask_was_painted(folder: TripletFolder) -> None:
    before = folder.read()
    folder.drop({1})
    after = folder.paint(1, square())
    assert [row.mask for row in after.rows] == ["", "painted"] and after == folder.read()
    assert after.rows[1].dropped and after.rows[0] == before.rows[0]
    assert (after.mask, after.block_share) == (before.mask, before.block_share)
    assert all((folder.path / row.mosaic).exists() for row in (*before.rows, *after.rows))
    data = json.loads((folder.path / "manifest.json").read_text())
    for row in data["rows"]:
        del row["mask"]
    assert Manifest(**data).rows[1].mask == ""


def test_an_empty_mask_changes_nothing(folder: TripletFolder) -> None:
    before = files(folder)
    with pytest.raises(StudioError, match="triplet 2 is empty") as caught:
        folder.paint(1, painted(None))
    assert caught.value.way_out.startswith("Paint over")
    with pytest.raises(StudioError, match="has no triplet 3"):
        folder.paint(2, square())
    assert files(folder) == before


@pytest.mark.parametrize("step", ["save_png", "write"])
def test_a_crash_on_the_way_leaves_a_set_that_loads(
    folder: TripletFolder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = files(folder)

    def crash(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(triplet_folder if step == "save_png" else TripletFolder, step, crash)
    with pytest.raises(OSError, match="no space"):
        folder.paint(0, square())
    assert before.items() <= files(folder).items() and len(folder.pictures()) == 2


def test_a_sensitive_set_is_not_painted_before_it_is_revealed(
    folder: TripletFolder, tmp_path: Path
) -> None:
    sets, before = TripletSets(tmp_path / "runs"), files(folder)
    with pytest.raises(StudioError, match="are blurred") as caught:
        sets.to_paint(NAME, 0, revealed=False)
    assert caught.value.way_out.startswith("Untick")
    with pytest.raises(StudioError, match="are blurred"):
        sets.paint(NAME, 0, square(), revealed=False)
    assert files(folder) == before
    assert sets.to_paint(NAME, 0, revealed=True).size == (SIDE, SIDE)
    sets.paint(NAME, 0, square(), revealed=True)
    folder.write(folder.read().model_copy(update={"sensitive": False}))
    sets.paint(NAME, 1, square(), revealed=False)
    assert [row.mask for row in folder.read().rows] == ["painted", "painted"]


def test_the_mask_is_where_a_canvas_has_paint() -> None:
    layer = Image.new("RGBA", (SIDE, SIDE), (229, 72, 77, 0))
    layer.putalpha(square())
    layer.putpixel((0, 0), (0, 0, 0, 20))
    assert painted(layer).tobytes() == square().tobytes()
    assert painted(None).getbbox() is None


def test_the_command_line_takes_masks_for_a_finished_set(
    folder: TripletFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()
    square(2 * SIDE).save(masks / "0001.png")
    given = ["triplets", "--set", str(folder.path), "--masks", str(masks)]
    assert main([*given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["count"] == 1
    assert [row.mask for row in folder.read().rows] == ["", "own"]
    picture, mosaic = pixels(folder, 1)
    assert (mosaic != picture).any(-1).sum() == 16
    before = files(folder)
    Image.new("L", (4, 4)).save(masks / "0000.png")
    assert main(given) == 1
    assert "triplet 1 is empty" in capsys.readouterr().err
    assert main([*given, "--block-share", "0.5"]) == 1
    assert "leave the other options out" in capsys.readouterr().err
    shutil.rmtree(masks)
    own = tmp_path / "unsafe"
    assert main(["triplets", "--set", str(folder.path), "--masks", str(own)]) == 1
    assert "No mask in" in capsys.readouterr().err
    assert main(["triplets", "--out", str(tmp_path / "new")]) == 1
    assert "No pack is named" in capsys.readouterr().err
    assert files(folder) == before
