"""What a .safetensors file says of itself, checked before any of it is loaded; no torch.

Source: the format's description, github.com/huggingface/safetensors: 8 bytes, the length of the
header; the header, JSON; then the numbers of all tensors, one behind the other without a gap.
"""

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.files import must_be_file
from studio.limits import WEIGHTS_HEADER_MB

# bytes of one number
SIZES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
}  # fmt: skip
FLOATS = ("F16", "BF16", "F32", "F64")


@dataclass(frozen=True)
class Header:
    """What a file holds: its notes, and for each tensor the kind of its numbers and its sides."""

    notes: dict[str, str]
    tensors: dict[str, tuple[str, tuple[int, ...]]]


class _Lie(Exception):
    """What the header says that cannot be true."""


def read_header(file: Path) -> Header:
    """The header of a .safetensors file, once everything it claims holds.

    Raises:
        StudioError: there is no such file, or it is damaged or no .safetensors file; says why.
    """
    size = must_be_file(file)
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if size < 8 or length > size - 8:
                raise _Lie(f"it says that its header has {length} bytes, but it has {size} itself")
            if length > WEIGHTS_HEADER_MB * 1e6:
                raise _Lie(f"its header is longer than {WEIGHTS_HEADER_MB} MB")
            data = _json(opened.read(length))
        notes = data.pop("__metadata__", {})
        if not isinstance(notes, dict) or not all(isinstance(n, str) for n in notes.values()):
            raise _Lie("its notes are no texts")
        return Header(notes, _tensors(data, size - 8 - length))
    except _Lie as lie:
        raise StudioError(
            f"{file.name} is damaged, or no .safetensors file: {lie}.", "Get the file again."
        ) from lie
    except OSError as error:
        raise StudioError(
            f"{file} cannot be read.", "Check the path, and that it is text."
        ) from error


def _json(raw: bytes) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise _Lie("a name stands twice in its header")
        return dict(pairs)

    try:
        data = json.loads(raw.decode(), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise _Lie("its header is no JSON") from error
    if not isinstance(data, dict):
        raise _Lie("its header is no JSON")
    return data


def _tensors(data: dict[str, Any], size: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    found, spans = {}, []
    for name, row in data.items():
        try:
            kind, sides, (begin, end) = row["dtype"], tuple(row["shape"]), row["data_offsets"]
        except (KeyError, TypeError, ValueError) as error:
            raise _Lie("a tensor lacks its kind, its sides or its place") from error
        if not isinstance(kind, str) or kind not in SIZES:
            raise _Lie(f"it holds numbers of the unknown kind {str(kind)[:20]}")
        if any(type(n) is not int or n < 0 for n in (*sides, begin, end)):
            raise _Lie("sides and places must be whole numbers from 0 on")
        if end - begin != prod(sides) * SIZES[kind]:
            raise _Lie("a tensor does not have the bytes that its sides need")
        spans.append((begin, end))
        found[name] = (kind, sides)
    spans.sort()
    ends = [0, *(end for _, end in spans)]
    if any(begin != before for (begin, _), before in zip(spans, ends, strict=False)):
        raise _Lie("its tensors overlap, or leave a gap")
    if ends[-1] != size:
        raise _Lie("it ends before its last tensor, or long after")
    return found
