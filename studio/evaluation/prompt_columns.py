"""What a column of a prompt list means, by the names that published lists give it."""

import re
from collections.abc import Sequence
from typing import Literal

Field = Literal["prompt", "seed", "guidance", "id", "categories", "twin", "shows"]

# the first name that a list has wins; the others stay as they are
ALIASES: dict[Field, tuple[str, ...]] = {
    "prompt": (
        "prompt",
        "adv_prompt",
        "text",
        "sensitive prompt",
        "original",
        "prompt_text",
        "prompts",
        "caption",
        "captions",
    ),
    "seed": ("evaluation_seed", "sd_seed", "seed"),
    "guidance": ("evaluation_guidance", "sd_guidance_scale", "guidance"),
    "id": ("case_number", "image_id", "index", "id", "release_prompt_id"),
    "categories": ("categories", "concept", "class", "artist", "hazard", "label", "category"),
    "twin": ("clean_prompt", "normal prompt", "prompt1"),
    "shows": ("shows", "object"),
}
NOUN = "noun"
NAMES = (NOUN, "concept")  # lists of names without a prompt
# words that no prompt consists of; "text" or "original" may be the first tag of one
CLEAR = {"prompt", "adv prompt", "sensitive prompt", "prompt text", "prompts", NOUN}
# columns beside prompts in published lists that nothing here reads
_BESIDE = {"challenge", "note", "notes", "image", "file name", "filename", "file", "path", "url"}
_WORD = re.compile(r"[^\W\d][\w .-]{0,24}")
_TIDY = re.compile(r"(?! )[\w .:()%-]{0,40}")
_UNNAMED = re.compile(r"(?:unnamed: ?\d+)?")


def folded(name: str) -> str:
    """A column's name as it is compared: small letters, blanks for underscores."""
    return name.strip().lower().replace("_", " ")


_KNOWN = {folded(name) for names in ALIASES.values() for name in names}
_KNOWN |= _BESIDE
_PROMPTS = {folded(name) for name in (*ALIASES["prompt"], *NAMES)}


def find_columns(names: Sequence[str]) -> dict[Field, str]:
    """Which column holds which field; fields that no column holds are left out.

    Args:
        names: the columns as written, in their order. A first one without a name holds the id.
    """
    by_name = {folded(name): name for name in reversed(names)}
    found: dict[Field, str] = {}
    for field, aliases in ALIASES.items():
        for alias in aliases:
            if folded(alias) in by_name:
                found[field] = by_name[folded(alias)]
                break
    if "id" not in found and names and _UNNAMED.fullmatch(folded(names[0])):
        found["id"] = names[0]
    for name in NAMES:
        if "prompt" not in found and name in by_name:
            found["prompt"] = by_name[name]
    return found


def is_header(cells: Sequence[str], delimiter: str) -> bool:
    """Whether the first row of a file names columns, or is a prompt already."""
    names = [folded(cell) for cell in cells]
    prompts = [name for name in names if name in _PROMPTS]
    if not prompts or len(names) == 1:
        return bool(prompts)
    clear = any(name in CLEAR for name in prompts)
    tidy = all(_TIDY.fullmatch(cell) for cell in cells)
    more = sum(name in _KNOWN or name in NAMES for name in names) > 1
    if more or not names[0]:
        return clear or tidy
    return clear and tidy and delimiter != "\t"


def looks_like_header(cells: Sequence[str]) -> bool:
    """Whether a row that names no column of prompts names columns all the same."""
    names = [folded(cell) for cell in cells]
    tidy = all(_WORD.fullmatch(cell) for cell in cells)
    return len(cells) > 1 and tidy and any(name in _BESIDE for name in names)
