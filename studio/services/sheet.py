"""Compared pictures as one picture with a legend, or as a zip."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from studio.errors import StudioError
from studio.lettering import cut, wrapped, write
from studio.pictures import open_picture

CELL_PX, GAP, HEAD, LEFT = 256, 8, 44, 220
SIZE = 13  # letters, pixels
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
    told = wrapped(legend, SIZE, LEFT + len(columns) * step - 24, 4) if legend else []
    size = (LEFT + len(columns) * step, HEAD + len(rows) * step + 22 * len(told))
    sheet = Image.new("RGB", size, PAGE)
    pen = ImageDraw.Draw(sheet)
    for place, column in enumerate(columns):
        write(pen, (LEFT + place * step, 14), cut(column, SIZE, CELL_PX), SIZE, TEXT)
    for place, row in enumerate(rows):
        top = HEAD + place * step + 8
        for number, line in enumerate(wrapped(row, SIZE, LEFT - 24, 12)):
            write(pen, (12, top + 18 * number), line, SIZE, FAINT if number else TEXT)
    for cell in cells:
        left = LEFT + columns.index(cell.column) * step
        picture = open_picture(cell.file)
        fitted = picture.resize((CELL_PX, CELL_PX), Image.Resampling.LANCZOS)
        sheet.paste(fitted, (left, HEAD + rows.index(cell.row) * step))
    for number, line in enumerate(told):
        write(pen, (12, HEAD + len(rows) * step + 22 * number), line, SIZE, FAINT)
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
