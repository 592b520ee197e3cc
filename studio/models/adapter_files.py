"""Adapter files: their header, their numbers, and whether they are whole."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from studio.errors import StudioError
from studio.models.lora_keys import CHANGE, foreign
from studio.models.tensor_files import bytes_of
from studio.models.weights import FLOATS, Header, read_header

ABOUT = "safeguard_studio"
CHECKSUM = "safeguard_studio_sha256"


@dataclass(frozen=True)
class AdapterFile:
    """An adapter as it lies on disk.

    Attributes:
        notes: of the header, whoever wrote them. about: what this studio wrote of it.
    """

    notes: dict[str, str]
    about: dict[str, object]
    matrices: dict[str, Tensor]


def read_adapter(file: Path) -> AdapterFile:
    """What an adapter's header says, and its numbers.

    Raises:
        StudioError: there is no such file, it is damaged, or it is no adapter.
    """
    if not os.path.exists(file):  # False for a name that no disk can hold
        raise StudioError(
            f"There is no adapter at {file}.", "Choose a finished run, or another file."
        )
    try:
        header = read_header(file)
    except StudioError as error:
        raise _damaged(file) if _of_run(file) else error from error
    if not header.tensors:
        raise foreign(file, "it holds nothing")
    for name, (kind, sides) in header.tensors.items():
        alpha = name.endswith(".alpha")  # a single number, whole or not
        if kind not in FLOATS and not alpha:
            raise foreign(file, f"{name[:80]!r} is of the kind {kind}")
        if not sides and not alpha:
            raise foreign(file, f"{name[:80]!r} is a single number")
    matrices = load_file(file)
    if header.notes.get(CHECKSUM, "") not in ("", checksum(matrices)):
        raise _damaged(file)
    if not all(bool(torch.isfinite(matrix).all()) for matrix in matrices.values()):
        raise StudioError(
            f"{file.name} holds numbers that are not finite.", "Train it again, or get another."
        )
    return AdapterFile(header.notes, _about(header), matrices)


def read_about(file: Path) -> dict[str, object]:
    """What the header of an adapter says; empty where there is none that can be read."""
    try:
        return _about(read_header(file))
    except StudioError:
        return {}


def is_zero(file: Path) -> bool:
    """Whether an adapter of this studio changes nothing: A stands still, so where every B is 0, or
    every difference of full weights.

    A file without such matrices is not said to be zero.
    """
    acts = ("lora_B", ".up.", CHANGE)
    matrices = [m for name, m in load_file(file).items() if any(part in name for part in acts)]
    return bool(matrices) and not any(bool(matrix.any()) for matrix in matrices)


def _about(header: Header) -> dict[str, object]:
    try:
        about = json.loads(header.notes.get(ABOUT, "{}"))
    except (ValueError, RecursionError):  # notes of another tool
        return {}
    return about if isinstance(about, dict) else {}


def checksum(matrices: dict[str, Tensor]) -> str:
    """SHA-256 of all numbers, by the order of their names."""
    found = hashlib.sha256()
    for _, matrix in sorted(matrices.items()):
        found.update(bytes_of(matrix))
    return found.hexdigest()


def _of_run(file: Path) -> bool:
    return file.parent.name in ("adapter", "checkpoints")


def _damaged(file: Path) -> StudioError:
    name = "/".join(file.parts[-3:]) if _of_run(file) else file.name
    return StudioError(
        f"The adapter {name} is damaged: it is cut off or was changed.",
        "Put back a copy, resume or repeat its run, or choose another one. "
        "What was drawn with it before is still there.",
    )
