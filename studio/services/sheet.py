"""Compared pictures as one picture with a legend, or as a zip."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from studio.errors import StudioError

CELL_PX, GAP, HEAD, LEFT = 256, 8, 44, 220
PAGE, TEXT, FAINT = "#F6F5F1", "#1B1C1F", "#696B71"
MOST_CELLS = 400


@dataclass(frozen=True)
class Cell:
    """One picture of the sheet: its row and column heads, and the file that may be shown."""

    row: str
    column: str
    file: Path


def write_sheet(cells: Sequence[Cell], file: Path, legend: str = "") -> Path:
    """A PNG with a row for each prompt and a column for each thing that was active.

    Args:
        legend: a line below, such as what is the same in every picture.

    Raises:
        StudioError: there is nothing to show, or too much for one picture.
    """
    if not cells:
        raise StudioError("There is nothing to save yet.", "Draw something first.")
    if len(cells) > MOST_CELLS:
        raise StudioError(
            f"{len(cells)} pictures do not fit on one sheet.", "Take the zip instead."
        )
    rows = list(dict.fromkeys(cell.row for cell in cells))
    columns = list(dict.fromkeys(cell.column for cell in cells))
    step = CELL_PX + GAP
    told = _wrapped(legend, (LEFT + len(columns) * step) // 8, 4) if legend else []
    size = (LEFT + len(columns) * step, HEAD + len(rows) * step + 22 * len(told))
    sheet = Image.new("RGB", size, PAGE)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for place, column in enumerate(columns):
        pen.text((LEFT + place * step, 14), _cut(column, 32), fill=TEXT, font=font)
    for place, row in enumerate(rows):
        top = HEAD + place * step + 8
        for number, line in enumerate(_wrapped(row, 26, 8)):
            pen.text((12, top + 18 * number), line, fill=FAINT if number else TEXT, font=font)
    for cell in cells:
        left = LEFT + columns.index(cell.column) * step
        with Image.open(cell.file) as picture:
            fitted = picture.convert("RGB").resize((CELL_PX, CELL_PX), Image.Resampling.LANCZOS)
        sheet.paste(fitted, (left, HEAD + rows.index(cell.row) * step))
    for number, line in enumerate(told):
        pen.text((12, HEAD + len(rows) * step + 22 * number), line, fill=FAINT, font=font)
    file.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(file, optimize=True)
    return file


def write_zip(cells: Sequence[Cell], file: Path, legend: str = "") -> Path:
    """All pictures, the sheet, and a list of what is what.

    Raises:
        StudioError: there is nothing to save.
    """
    if not cells:
        raise StudioError("There is nothing to save yet.", "Draw something first.")
    file.parent.mkdir(parents=True, exist_ok=True)
    listed = []
    with zipfile.ZipFile(file, "w") as archive:
        for place, cell in enumerate(cells):
            name = f"{place:03d}{cell.file.suffix}"
            archive.write(cell.file, name)
            listed.append({"file": name, "prompt": cell.row, "active": cell.column})
        archive.writestr("pictures.json", json.dumps(listed, indent=1, ensure_ascii=False))
        if len(cells) <= MOST_CELLS:
            archive.write(write_sheet(cells, file.with_suffix(".png"), legend), "sheet.png")
    return file


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _wrapped(text: str, width: int, most: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line][:most]
