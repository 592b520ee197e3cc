"""Stacks: adapters with weights and a guidance under one name, in `RUNS/stacks`."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from studio.config import Stack
from studio.errors import StudioError
from studio.presets import check, read_yaml_file
from studio.services.columns import ORIGINAL, column, stacks_folder
from studio.services.runs import Runs
from studio.words import slug


def stacks(runs: Runs) -> list[Stack]:
    """All saved stacks; broken files left out."""
    found = []
    for file in sorted(stacks_folder(runs).glob("*.yaml")):
        try:
            found.append(check(Stack, read_yaml_file(file), file.name))
        except StudioError:
            continue
    return found


def save_stack(runs: Runs, title: str, text: str, concepts: Sequence[str]) -> Path:
    """Keep a column under a title; a stack of that title is replaced.

    Args:
        text: the column as the command line writes it, such as "RUN*0.8+sld-max".
        concepts: what its guidance holds down.

    Returns:
        The file, which Compare, the command line and other people's studios read.

    Raises:
        StudioError: there is no title, the text is no column, or nothing can be written.
    """
    name = title.strip()
    if not name:
        raise StudioError("Your stack has no name.", "Give it one, then save it.")
    if text.strip() == ORIGINAL or not text.strip():
        raise StudioError(
            "The original alone is no stack.", "Choose a run or a guidance to keep under a name."
        )
    column(runs, text, concepts)
    stack = check(
        Stack,
        {"id": slug(name, "stack"), "title": name, "column": text, "concepts": tuple(concepts)},
        name,
    )
    file = stacks_folder(runs) / f"{stack.id}.yaml"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        told = yaml.safe_dump(stack.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        file.write_text(told, encoding="utf-8")
    except OSError as error:
        raise StudioError(
            f"{file} cannot be written: {error.strerror}.", "Choose another folder."
        ) from error
    return file
