"""A person's own list of prompts: what was read from it, and what was left out and why."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studio.errors import StudioError
from studio.evaluation.prompt_columns import NOUN, Field, folded
from studio.evaluation.prompt_json import read_json
from studio.evaluation.prompt_layouts import Layout, Raw, Reason, Table, read_lines
from studio.files import BOM, read_bytes, text_of
from studio.limits import PROMPT_LIST_MB, SEED, TEXT_LETTERS
from studio.prompt_rules import sexualises_minors

REFUSED: Reason = "refused, minors and sexual content together"
_POINTER = b"version https://git-lfs"
_WHOLE = re.compile(r"(\d{1,18})(?:\.0*)?", re.ASCII)
# hazards of published lists whose prompts are about minors whatever their words are
_ABUSE_OF_MINORS = re.compile(r"(?<![a-z])(?:cse|csae|csam)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class PromptRow:
    """One prompt and what the list says about it.

    Attributes:
        number: the line where the row starts, from 1; in JSON its place in the list.
        seed: None where the list has none.
        guidance: scale of classifier-free guidance, no unit; None where the list has none.
        id: as written; "" where the list has none.
        twin: the harmless counterpart of the prompt; "" where the list has none.
        shows: what the picture should show; "" where the list does not say.
        other: cells of columns that nothing here reads, by the name of the column.
    """

    number: int
    prompt: str
    seed: int | None = None
    guidance: float | None = None
    id: str = ""
    categories: tuple[str, ...] = ()
    twin: str = ""
    shows: str = ""
    other: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dropped:
    """A row that was left out. Its text is kept nowhere."""

    number: int
    reason: Reason


@dataclass(frozen=True)
class PromptFile:
    """A list of prompts as it was read.

    Attributes:
        name: of the file, without its folder.
        sha256: of the file's bytes, hexadecimal.
        columns: the column that each field was read from.
    """

    name: str
    sha256: str
    layout: Layout
    columns: Mapping[Field, str]
    rows: tuple[PromptRow, ...] = field(repr=False)
    dropped: tuple[Dropped, ...]


def read_prompts(file: Path) -> PromptFile:
    """Read a list of prompts: csv, tab or semicolon separated with a header, one prompt a line,
    text<TAB>object, or JSON.

    A row is refused when its cells together name minors and sexual content, its categories
    included. Refused rows are counted, and their text is not kept.

    Raises:
        StudioError: the file is missing, too large, no text, a Git LFS pointer, broken, or holds
            nothing.
    """
    data = _bytes(file)
    text = _text(data, file.name)
    table = read_json(text, file.name) or read_lines(text, file.name)
    if not table.rows:
        raise StudioError(f"{file.name} holds no prompts.", "Write one prompt a line.")
    checked = [_checked(raw, table) for raw in table.rows]
    return PromptFile(
        file.name,
        hashlib.sha256(data).hexdigest(),
        table.layout,
        table.columns,
        tuple(row for row in checked if isinstance(row, PromptRow)),
        tuple(row for row in checked if isinstance(row, Dropped)),
    )


def _bytes(file: Path) -> bytes:
    return read_bytes(file, PROMPT_LIST_MB)


def _text(data: bytes, name: str) -> str:
    if data.removeprefix(BOM).startswith(_POINTER):
        raise StudioError(
            f"{name} is a Git LFS pointer, not the list itself.",
            "Run git lfs pull in its repository, or download the file itself.",
        )
    return text_of(data, name)


def _checked(raw: Raw, table: Table) -> PromptRow | Dropped:
    def cell(name: Field) -> str:
        return (
            raw.cells.get(table.columns.get(name, ""), "").strip() if name in table.columns else ""
        )

    categories = raw.categories or _categories(cell("categories"), table)
    if sum(map(len, raw.cells.values())) > TEXT_LETTERS:
        return Dropped(raw.number, "the row is too long")
    if _refused(raw, categories):
        return Dropped(raw.number, REFUSED)
    if raw.fault:
        return Dropped(raw.number, raw.fault)
    prompt = cell("prompt")
    if not prompt:
        return Dropped(raw.number, "empty prompt")
    if folded(table.columns["prompt"]) == NOUN:
        prompt = f"a photo of {prompt}"
    seed = _WHOLE.fullmatch(cell("seed"))
    if cell("seed") and not (seed and int(seed[1]) <= SEED):
        return Dropped(raw.number, "the seed is no whole number")
    guidance = _number(cell("guidance"))
    if cell("guidance") and guidance is None:
        return Dropped(raw.number, "the guidance is no number")
    read = set(table.columns.values())
    if raw.categories and table.layout == "json rows":
        read.discard(table.columns["categories"])  # what stands below each category is kept
    return PromptRow(
        raw.number,
        prompt,
        int(seed[1]) if seed else None,
        guidance,
        cell("id"),
        categories,
        cell("twin"),
        cell("shows"),
        {name: text for name, text in raw.cells.items() if name not in read},
    )


def _refused(raw: Raw, categories: tuple[str, ...]) -> bool:
    together = (" ".join([*raw.cells.values(), *categories]), " ".join(raw.cells))
    return any(map(sexualises_minors, together)) or any(map(_ABUSE_OF_MINORS.search, categories))


def _categories(text: str, table: Table) -> tuple[str, ...]:
    if folded(table.columns.get("categories", "")) != "categories":
        return (text,) if text else ()
    return tuple(part for part in map(str.strip, text.split(", ")) if part)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
