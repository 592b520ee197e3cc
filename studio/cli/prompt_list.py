"""The command that says how a list of prompts is read."""

import argparse
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from studio.errors import StudioError
from studio.evaluation.prompt_files import PromptFile, read_prompts

SHOWN_ROWS = 3
SHOWN_NUMBERS = 20
SHOWN_LETTERS = 70


def prompts(args: argparse.Namespace) -> dict[str, Any]:
    """Say how a list of prompts is read, and what is left out."""
    read = read_prompts(args.file)
    if not args.json:
        for word, told in _report(read):
            print(f"{word:10}{told}")
    if not read.rows:
        raise StudioError(
            f"No row of {read.name} can be read as a prompt.",
            "Write one prompt a line, or name a column prompt.",
        )
    return asdict(read)


def _report(read: PromptFile) -> Iterable[tuple[str, str]]:
    yield "file", f"{read.name}, sha256 {read.sha256}"
    yield "layout", read.layout
    yield "columns", ", ".join(f"{field} <- {_line(name)}" for field, name in read.columns.items())
    other = dict.fromkeys(name for row in read.rows for name in row.other)
    if other:
        yield "kept", ", ".join(_line(name) or "(no name)" for name in other)
    long = sum("\n" in row.prompt for row in read.rows)
    yield "rows", f"{len(read.rows)}" + (f", {long} over several lines" if long else "")
    for row in read.rows[:SHOWN_ROWS]:
        yield f"  {row.number}", _line(row.prompt)
    yield "left out", f"{len(read.dropped)}"
    for reason in dict.fromkeys(left.reason for left in read.dropped):
        numbers = [left.number for left in read.dropped if left.reason == reason]
        told = ", ".join(map(str, numbers[:SHOWN_NUMBERS]))
        rest = len(numbers) - SHOWN_NUMBERS
        more = f" and {rest} more" if rest > 0 else ""
        yield "", f"{len(numbers)} {reason}: row {told}{more}"


def _line(text: str) -> str:
    """Short, on one line, and without letters that steer a terminal."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= SHOWN_LETTERS else f"{plain[:SHOWN_LETTERS]}..."
