"""The log of the locked test split: every time somebody asks its prompts, a line stays.

Who looks at the test prompts again and again tunes on them in the end. The log cannot prevent that;
it lets a report say how often they were opened before the number that it prints.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from studio.errors import not_writable

LOG = "test-split.jsonl"


@dataclass(frozen=True)
class Opening:
    """One time: when (seconds since 1970), which pack, what was measured, how many prompts.

    `prompts` is the start of the SHA-256 of the list, so that equal lists can be told.
    """

    at: float
    pack: str
    what: str
    count: int
    prompts: str


def prompts_hash(asked: Iterable[tuple[str, int]]) -> str:
    """The first 16 hex digits of the SHA-256 over prompts and seeds in their order."""
    lines = "\n".join(f"{seed}\t{prompt}" for prompt, seed in asked)
    return sha256(lines.encode()).hexdigest()[:16]


def note_opening(root: Path, pack: str, what: str, asked: list[tuple[str, int]]) -> Opening:
    """Write down that the test prompts of a pack are asked now.

    Args:
        root: the folder of the runs. what: a run's id, or the columns.
        asked: prompts and their seeds.

    Raises:
        StudioError: nothing can be written there; then nothing may be asked either.
    """
    opening = Opening(time.time(), pack, what, len(asked), prompts_hash(asked))
    try:
        root.mkdir(parents=True, exist_ok=True)
        with (root / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(opening), ensure_ascii=False) + "\n")
    except OSError as error:
        raise not_writable(root, error) from error
    return opening


def openings(root: Path, pack: str) -> list[Opening]:
    """Every time the test prompts of a pack were asked, oldest first; broken lines left out."""
    found = []
    file = root / LOG
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            opening = Opening(**json.loads(line))
        except (ValueError, TypeError):
            continue
        if opening.pack == pack:
            found.append(opening)
    return found
