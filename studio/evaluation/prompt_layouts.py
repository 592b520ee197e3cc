"""How a text holds prompts: told by what the text holds, never by the name of its file."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from studio.errors import StudioError
from studio.evaluation.prompt_columns import Field, find_columns, is_header, looks_like_header
from studio.prompt_rules import sexualises_minors

Layout = Literal[
    "csv", "one prompt a line", "text<TAB>object", "json texts", "json by concept", "json rows"
]
Reason = Literal[
    "empty prompt",
    "the prompt is no text",
    "the seed is no whole number",
    "the guidance is no number",
    "more cells than columns",
    "the row is too long",
    "refused, minors and sexual content together",
]
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)
_END = "\0"  # no text holds it: files with this letter are refused as binary
_LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class Raw:
    """A row before it is checked.

    Attributes:
        number: the line where it starts, from 1; in JSON its place in the list.
        cells: text by column.
        fault: why it cannot be used, where its layout shows it already.
        categories: where the layout gives a list and no cell.
    """

    number: int
    cells: dict[str, str]
    fault: Reason | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows as they stand, and which column means what."""

    layout: Layout
    columns: dict[Field, str]
    rows: list[Raw] = field(repr=False)


def read_lines(text: str, name: str) -> Table:
    """The rows of a text that is not JSON.

    A line ends at a newline alone: a carriage return inside a line becomes a blank, because
    attack strings hold stray ones. Quotation marks mean something only below a known header.

    Args:
        name: of the file, for messages.

    Raises:
        StudioError: a quotation mark is opened below a header and never closed; says where.
    """
    if "\n" not in text:
        text = text.replace("\r", "\n")
    lines = text.replace("\r\n", "\n").replace("\r", " ").split("\n")
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not filled:
        return Table("one prompt a line", {"prompt": "line"}, [])
    start, first = filled[0]
    delimiters = ",\t;"
    if (told := _SEPARATOR.fullmatch(first.strip())) and len(filled) > 1:  # Excel's own first line
        delimiters, filled = told[1], filled[1:]
        start, first = filled[0]
    for delimiter in delimiters:
        header = _cells(first, delimiter)
        if is_header(header, delimiter) and not sexualises_minors(" ".join(header)):
            names = _unique(header)
            rows = list(_below(names, lines, start, delimiter, name))
            return Table("csv", find_columns(names), rows)
        if len(filled) > 1 and looks_like_header(header):
            raise StudioError(
                f"{name}: line {start} looks like a header, and none of its columns is known to "
                "hold prompts.",
                'Name that column "prompt", or take the line away.',
            )
    if "\t" in first.strip():
        parts = [(number, *line.partition("\t")) for number, line in filled]
        rows = [Raw(number, {"text": text, "object": thing}) for number, text, _, thing in parts]
        return Table("text<TAB>object", {"prompt": "text", "shows": "object"}, rows)
    if all(_QUOTED.fullmatch(line.strip()) for _, line in filled):
        filled = [(number, line.strip()[1:-1].replace('""', '"')) for number, line in filled]
    rows = [Raw(number, {"line": line}) for number, line in filled]
    return Table("one prompt a line", {"prompt": "line"}, rows)


def _cells(line: str, delimiter: str) -> list[str]:
    if len(line) > _LONGEST_HEADER:
        return []
    return next(csv.reader([line], delimiter=delimiter))


def _unique(names: list[str]) -> list[str]:
    found: list[str] = []
    for place, name in enumerate(map(str.strip, names), start=1):
        found.append(f"{name} {place}" if name in found else name)
    return found


def _below(
    names: list[str], lines: list[str], start: int, delimiter: str, name: str
) -> Iterator[Raw]:
    for number, cells in _records(lines[start:], start, delimiter, name):
        if len(names) == 1:  # such lists often leave commas unquoted
            cells = [delimiter.join(cells)]
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        found = dict(zip(names, cells, strict=False))
        if len(cells) > len(names):
            rest = {"": " ".join(cells[len(names) :])}
            yield Raw(number, found | rest, "more cells than columns")
        else:
            yield Raw(number, found)


def _records(
    lines: list[str], start: int, delimiter: str, name: str
) -> Iterator[tuple[int, list[str]]]:
    """Lines where a record starts, and its cells; a record may go over several lines."""
    ended = [*(f"{line}\n" for line in lines), _END]
    reader = csv.reader(ended, delimiter=delimiter)
    while True:
        number = start + reader.line_num + 1
        try:
            cells = next(reader)
        except csv.Error:  # one cell grew without end
            cells = [_END, _END]
        if cells == [_END]:
            return
        if cells and cells[-1].endswith(_END):
            raise StudioError(
                f"{name}, line {number}: a quotation mark is opened and never closed.",
                "Write it twice where it belongs to the prompt, or take the header away, so that "
                "each line is one prompt.",
            )
        if cells:
            yield number, cells
