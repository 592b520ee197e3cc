"""Files of weights that lie about themselves, and adapters that fit nothing."""

import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from tests.bad_input.files import archive, no_files
from tests.bad_input.row import Bad, text


def file_of(header: Any, body: bytes = b"", length: int | None = None) -> bytes:
    """A .safetensors file with this header, true or not; `length` is what it says of it."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + body


def tensor(kind: Any = "F32", sides: Any = (2,), place: Any = (0, 8)) -> dict[str, Any]:
    return {"dtype": kind, "shape": sides, "data_offsets": place}


EIGHT = b"\0" * 8
UP = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_q.lora_{}.weight"
# id: (bytes, what the message says); refused by their header alone
LIES: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "empty": (b"", "it says that its header"),
    "three bytes": (b"abc", "it says that its header"),
    "a length alone": (struct.pack("<Q", 100), "header has 100 bytes, but it has 8 itself"),
    "huge header length": (file_of({}, length=2**63), "header has 9223372036854775808 bytes"),
    "largest header length": (file_of({}, length=2**64 - 1), "it says that its header"),
    "header past the end": (file_of({}, length=1000), "header has 1000 bytes"),
    "header of 11 MB": (lambda: file_of(b" " * 11_000_000), "longer than 10 MB"),
    "no header": (file_of(b""), "no JSON"),
    "header no JSON": (file_of(b"{not json"), "no JSON"),
    "header no UTF-8": (file_of(b"\xff\xfe\xff"), "no JSON"),
    "header a list": (file_of([1, 2]), "no JSON"),
    "deep header": (file_of(b"[" * 200_000), "no JSON"),
    "a name twice": (file_of(b'{"a": 1, "a": 2}'), "stands twice"),
    "notes are numbers": (file_of({"__metadata__": {"a": 1}}), "notes are no texts"),
    "notes are a list": (file_of({"__metadata__": [1]}), "notes are no texts"),
    "a tensor of nothing": (file_of({"a": {}}), "lacks its kind"),
    "a tensor of null": (file_of({"a": None}), "lacks its kind"),
    "sides are a word": (file_of({"a": tensor(sides="two")}, EIGHT), "whole numbers"),
    "sides below 0": (file_of({"a": tensor(sides=(-2,))}, EIGHT), "whole numbers"),
    "sides are halves": (file_of({"a": tensor(sides=(1.5,))}, EIGHT), "whole numbers"),
    "sides are yes": (file_of({"a": tensor(sides=(True,))}, EIGHT), "whole numbers"),
    "endless sides": (file_of({"a": tensor(sides=(2**40, 2**40))}, EIGHT), "bytes that its sides"),
    "place below 0": (file_of({"a": tensor(place=(-8, 0))}, EIGHT), "whole numbers"),
    "place backwards": (file_of({"a": tensor(place=(8, 0))}, EIGHT), "bytes that its sides"),
    "place past the end": (file_of({"a": tensor(place=(800, 808))}, EIGHT), "overlap"),
    "one place alone": (file_of({"a": tensor(place=(0,))}, EIGHT), "lacks its kind"),
    "overlapping": (
        file_of({"a": tensor(), "b": tensor(place=(4, 12))}, b"\0" * 12),
        "overlap, or leave a gap",
    ),
    "the same place": (file_of({"a": tensor(), "b": tensor()}, EIGHT), "overlap"),
    "a gap": (file_of({"a": tensor(), "b": tensor(place=(16, 24))}, b"\0" * 24), "leave a gap"),
    "cut off": (file_of({"a": tensor()}, b"\0" * 4), "ends before its last tensor"),
    "more behind": (file_of({"a": tensor()}, EIGHT + b"evil"), "or long after"),
    "unknown kind": (file_of({"a": tensor(kind="F99")}, EIGHT), "unknown kind F99"),
    "kind is a list": (file_of({"a": tensor(kind=["F32"])}, EIGHT), "unknown kind"),
    "wrong kind": (file_of({"a": tensor(kind="F64")}, EIGHT), "bytes that its sides"),
    "a pickle": (pickle.dumps({"a": 1}), "it says that its header"),
    "a zip": (archive("../data.pkl"), "it says that its header"),
    "a text": (b"<html><body>404 not found</body></html>", "it says that its header"),
}
# whole files that are no adapter of the model
FOREIGN: dict[str, tuple[bytes, str]] = {
    "nothing inside": (file_of({}), "no adapter of this model"),
    "keys that are paths": (file_of({"../../etc/passwd": tensor()}, EIGHT), "no adapter"),
    "keys below unet that are paths": (
        file_of({"unet.../../x.lora_A.weight": tensor(sides=(1, 2))}, EIGHT),
        "no adapter",
    ),
    "an empty key": (file_of({"": tensor()}, EIGHT), "no adapter"),
    "whole numbers": (file_of({UP.format("A"): tensor("I64", (1, 1))}, EIGHT), "no adapter"),
    "one half of a pair": (file_of({UP.format("A"): tensor(sides=(1, 2))}, EIGHT), "no adapter"),
    "other sides": (
        file_of(
            {
                UP.format("A"): tensor(sides=(1, 2)),
                UP.format("B"): tensor(sides=(2, 1), place=(8, 16)),
            },
            EIGHT * 2,
        ),
        "no adapter",
    ),
    "a tensor without sides": (
        file_of({UP.format("A"): tensor(sides=(), place=(0, 4))}, b"\0" * 4),
        "no adapter",
    ),
    "a textual inversion": (file_of({"emb_params": tensor(sides=(1, 2))}, EIGHT), "no adapter"),
    "numbers that are not finite": (
        file_of({"emb_params": tensor()}, struct.pack("<ff", float("nan"), float("inf"))),
        "not finite",
    ),
}


class Evil:
    """Runs a program where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.mkdir, ("/tmp/studio-was-run",)


def npy(header: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def inflated(size: int) -> bytes:
    """A zip of a few kB that unpacks to `size` bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("archive/data.pkl", b"\0" * size)
    return buffer.getvalue()


def _saved(array: Any) -> bytes:
    buffer = BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


TABLE = "no table of numbers"
VECTORS: dict[str, tuple[str, bytes | Callable[[], bytes], str]] = {
    "empty pickle": ("bad.p", b"", TABLE),
    "text": ("bad.p", b"hello", TABLE),
    "a pickle that runs programs": ("bad.p", pickle.dumps(Evil()), "asks to run posix.mkdir"),
    "a textual inversion as .pt": ("bad.pt", archive("archive/data.pkl"), TABLE),
    "a textual inversion as .bin": ("bad.bin", pickle.dumps({"<token>": [1.0]}), TABLE),
    "a list": ("bad.p", pickle.dumps([1, 2]), TABLE),
    "endless memo": ("bad.p", b"\x80\x04r\xff\xff\xff\x7f.", TABLE),
    "npy that claims 1 TB": (
        "bad.npy",
        npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (500000, 500000), }\n"),
        TABLE,
    ),
    "npy with code": ("bad.npy", npy(b"__import__('os').getcwd()\n"), TABLE),
    "npy of objects": ("bad.npy", _saved(np.array([{}], dtype=object)), TABLE),
    "numbers of three sides": ("bad.npy", _saved(np.zeros((2, 2, 2), np.float32)), TABLE),
    "nan": ("bad.npy", _saved(np.full((2, 2), np.nan, np.float32)), TABLE),
    "zip that unpacks to 20 MB": ("bad.pt", lambda: inflated(20_000_000), TABLE),
    "17 MB": ("bad.p", lambda: b"\0" * 17_000_000, "17 MB"),
    "lying safetensors": ("bad.safetensors", file_of({}, length=2**63), "it says that its header"),
}
HEAVY = {"header of 11 MB", "deep header", "npy that claims 1 TB", "zip that unpacks to 20 MB",
         "endless memo"}  # fmt: skip
LIED = ("header", "adapter", "column weights", "cli column", "page column", "model file")
ALL = (
    *(
        Bad(f"weights, {name}", "weights", text(data, "bad.safetensors"), LIED, names,
            name in HEAVY)
        for name, (data, names) in LIES.items()
    ),
    *(
        Bad(f"weights, {name}", "weights", make, ("header", "adapter"), names)
        for name, (make, names) in no_files("bad.safetensors").items()
    ),
    *(
        Bad(f"adapter, {name}", "adapter", text(data, "bad.safetensors"), ("adapter",), names)
        for name, (data, names) in FOREIGN.items()
    ),
    *(
        Bad(f"vectors, {name}", "learned vectors", text(data, file), ("vectors", "cli vectors"),
            names, name in HEAVY)
        for name, (file, data, names) in VECTORS.items()
    ),
    *(
        Bad(f"vectors, {name}", "learned vectors", make, ("vectors", "cli vectors"), names)
        for name, (make, names) in no_files("bad.p").items()
    ),
)  # fmt: skip


def another_models(folder: Path) -> Path:
    """The adapter of Icon World's example run, for a model that is smaller."""
    from studio.services.runs import DEMO

    file = folder / "bad.safetensors"
    file.write_bytes((DEMO / "adapter" / "adapter.safetensors").read_bytes())
    return file


ALL = (
    *ALL,
    Bad("adapter, of another model", "adapter", another_models, ("adapter",), "no adapter of this"),
)
