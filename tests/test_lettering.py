"""Letters of every script in pictures: none is a box."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from studio.lettering import cut, families, legible, width, wrapped, write
from studio.services.sheet import Cell, write_sheet

# the shared case first, then sisters
TEXTS = ("一枚炸弹，诺托风格", "naïv Łódź Привт", "Ελληνικά", "Tiếng Việt", "ßŒğ「引」；")


def drawn(text: str) -> bytes:
    image = Image.new("L", (300, 40), 255)
    write(ImageDraw.Draw(image), (4, 4), text, 16, "black")
    return image.tobytes()


@pytest.mark.parametrize("text", TEXTS)
def test_every_letter_is_drawn_as_itself(text: str) -> None:
    assert legible(text) == text
    letters = [letter for letter in text if letter.strip() and letter not in "，、"]
    boxes = {drawn(letter) for letter in letters}
    assert len(boxes) == len(set(letters))  # boxes would all look the same


def test_letters_that_no_font_has_stand_as_code_points() -> None:
    assert legible("a 🎨\ue000\tb") == "a [U+1F3A8][U+E000] b"
    assert legible("e\u0301\u200d\ufe0f").startswith("é")


def test_figures_take_the_same_fonts(tmp_path: Path) -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of every letter it has not
        for text in (*TEXTS, "costs $5 to $6 \\frac"):
            told = legible(text)
            figure.text(0, 0, told, fontfamily=families(told), parse_math=False)
        figure.savefig(tmp_path / "a.png")


def test_lines_fit_whatever_the_script() -> None:
    for text in ("海边的灯塔，黄昏，云很多，" * 6, "word " * 40, "a" * 200, "маяк у моря " * 9):
        lines = wrapped(text, 13, 196, 30)
        assert len(lines) > 2 and all(width(line, 13) <= 196 for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert not any(line.startswith("，") for line in lines)
    assert wrapped("word " * 40, 13, 196, 3)[-1].endswith("...")
    assert width(cut("海边的灯塔" * 20, 13, 256), 13) <= 256


def test_a_sheet_has_letters(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.new("RGB", (64, 64), "#80A0C0").save(picture)
    heads = []
    for number, text in enumerate(("灯塔", "帆船", "Łódź", "Привет")):
        sheet = write_sheet([Cell(text, text, picture)], tmp_path / f"{number}.png", text)
        heads.append(np.asarray(Image.open(sheet))[:, :200].tobytes())
    assert len(set(heads)) == 4
