"""Pictures meet prompts and each other by the numbers in their names, and it is shown."""

import json
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from studio.cli import main
from studio.errors import StudioError
from studio.evaluation.quality.pairing import paired, with_list
from studio.files import natural
from studio.pictures import open_mask, open_picture, picture_files, save_png

NAMES = {
    "as studio": "{:05d}_0.png",
    "unpadded": "{}_0.png",
    "brackets": "img({}).png",
    "seed last": "prompt {} seed 7.png",
    "capitals": "IMG{}.PNG",
}


def folder_of(place: Path, name: str, count: int = 12) -> Path:
    place.mkdir(parents=True)
    for number in range(count):
        image = Image.new("RGB", (8, 8), (number * 20, 0, 0))
        save_png(image, place / name.format(number), {"prompt": f"prompt {number}"})
    return place


def reds(files: tuple[Path, ...] | list[Path]) -> list[int]:
    return [open_picture(file).getpixel((0, 0))[0] // 20 for file in files]  # type: ignore[index]


@pytest.mark.parametrize("name", NAMES)
def test_numbers_in_names_are_numbers(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path / "a", NAMES[name])
    assert reds(picture_files(folder)) == list(range(12))


def test_names_sort_as_people_count() -> None:
    right = ["1.png", "img.png", "img(2).png", "Img(10).png", "img 2.png"]
    assert sorted(["img(2).png", "Img(10).png", "1.png", "img.png"], key=natural) == right[:4]
    assert sorted(["a/10/1.png", "a/9/2.png"], key=natural)[0] == "a/9/2.png"
    assert natural("01.png") != natural("1.png")


@pytest.mark.parametrize(
    ("one", "other"),
    [("{:05d}_0.png", "{}_0.png"), ("{}.png", "{}.PNG"), ("orig_{}.png", "safe_{}.png")],
)
def test_folders_meet_by_name(tmp_path: Path, one: str, other: str) -> None:
    pairs = paired(folder_of(tmp_path / "a", one), folder_of(tmp_path / "b", other))
    assert reds(pairs.columns[0]) == reds(pairs.columns[1]) == list(range(12))
    assert pairs.shown()["last"]["pictures"][0] == one.format(11)


def test_other_names_or_counts_are_refused(tmp_path: Path) -> None:
    one = folder_of(tmp_path / "a", "{}_0.png")
    with pytest.raises(StudioError, match=r"has 12 pictures and .* has 3"):
        paired(one, folder_of(tmp_path / "b", "{}_0.png", 3))
    shifted = folder_of(tmp_path / "c", "{}_0.png", 13)
    (shifted / "0_0.png").unlink()
    with pytest.raises(StudioError, match=r"a has 0_0\.png"):
        paired(one, shifted)
    twice = folder_of(tmp_path / "d", "{}_0.png", 11)
    save_png(Image.new("RGB", (8, 8)), twice / "00_0.png", {})
    with pytest.raises(StudioError, match="not clear"):
        paired(one, twice)


def test_a_list_in_another_order_is_refused(tmp_path: Path) -> None:
    pairs = paired(folder_of(tmp_path / "a", "{}.png"), folder_of(tmp_path / "b", "{}.png"))
    right = [f"prompt {number}" for number in range(12)]
    assert with_list(pairs, right, "x.txt").other_prompts == 0
    assert with_list(pairs, ["other", *right[1:]], "x.txt").other_prompts == 1
    with pytest.raises(StudioError, match=r"another prompt of x\.txt"):
        with_list(pairs, sorted(right), "x.txt")
    with pytest.raises(StudioError, match="has 11 prompts for 12 pictures"):
        with_list(pairs, right[1:], "x.txt")


def test_quality_is_the_same_whatever_the_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shared case: only the names differ."""
    probes = Path("assets/demo-run/samples")
    found = []
    for kind, name in (("padded", "{:05d}_0.png"), ("unpadded", "{}_0.png")):
        for side, step in (("original", "00000"), ("safe", sorted(probes.iterdir())[-1].name)):
            (tmp_path / kind / side).mkdir(parents=True)
            for file in (probes / step).glob("*.png"):
                place = tmp_path / kind / side / name.format(int(file.name.split("_")[0]))
                place.write_bytes(file.read_bytes())
        command = ["quality", "--original", str(tmp_path / kind / "original"), "--json"]
        command += ["--safeguarded", str(tmp_path / kind / "safe"), "--scorer", "icon-match"]
        assert main(command) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0]["scores"] == found[1]["scores"]
    assert found[1]["pairing"]["first"]["pictures"] == ["0_0.png", "0_0.png"]
    assert found[1]["pairing"]["count"] == found[1]["pictures"]


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_pictures_stand_as_every_viewer_shows_them(tmp_path: Path, turn: int, ending: str) -> None:
    exif, image = Image.Exif(), Image.new("RGB", (16, 12), "#000000")
    exif[0x0112] = turn
    image.paste((255, 0, 0), (0, 0, 8, 6))
    image.save(file := tmp_path / f"a.{ending}", exif=exif, quality=95)
    shown = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    assert open_picture(file).tobytes() == shown.tobytes()


def test_transparency_lies_on_white_and_masks_on_black(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    palette = clear.convert("P")
    grey = Image.new("LA", (4, 4), (0, 0))
    keyed = Image.new("RGB", (4, 4), (9, 9, 9))
    for number, image in enumerate((clear, palette, grey)):
        image.save(
            file := tmp_path / f"{number}.png", **({"transparency": 0} if number == 1 else {})
        )
        assert open_picture(file).getpixel((0, 0)) == (255, 255, 255), number
        assert open_mask(file).getpixel((0, 0)) == 0
    keyed.save(file := tmp_path / "keyed.png", transparency=(9, 9, 9))
    assert open_picture(file).getpixel((0, 0)) == (255, 255, 255)
    clear.putpixel((0, 0), (0, 0, 0, 128))
    clear.save(file := tmp_path / "half.webp", lossless=True)
    assert open_picture(file).getpixel((0, 0))[0] in range(125, 130)  # type: ignore[index]


def test_what_systems_leave_behind_is_no_picture(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "a", "{}.png", 2)
    for name in ("._0.png", ".hidden.jpg", "Thumbs.db", ".DS_Store", "0.cover.jpg"):
        (folder / name).write_bytes(b"\0\5\26\7")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "0.png").write_bytes(b"\0")
    assert [file.name for file in picture_files(folder)] == ["0.png", "1.png"]
