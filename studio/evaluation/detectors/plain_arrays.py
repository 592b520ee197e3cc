"""Rows of numbers from a file that may be a pickle, without running anything that is in it.

A pickle is a small program. This reader follows it, but has stand-ins for the few names that an
array of floats needs, and refuses every other name. None of the stand-ins calls what the file says.
"""

import pickle
import pickletools
import warnings
import zipfile
from collections import OrderedDict
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.files import must_be_file
from studio.limits import VECTORS_MB
from studio.models.weights import read_header

FLOATS = ("f2", "f4", "f8")
BROKEN = (
    OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError, RuntimeError,
    OverflowError, MemoryError, RecursionError, UnicodeError,
)  # fmt: skip


class _Refused(pickle.UnpicklingError):
    """A name that no array of floats needs."""


def read_rows(file: Path) -> NDArray[np.float32]:
    """A table of floats from .npy, .safetensors, or a pickle of a NumPy array or a torch tensor.

    Raises:
        StudioError: there is no such file, it is too large, asks for more than an array, or holds
            no table of finite floats.
    """
    size = must_be_file(file)
    if size > VECTORS_MB * 1e6:
        raise StudioError(
            f"{file.name} has {size / 1e6:.0f} MB; prompt vectors of up to {VECTORS_MB} MB are "
            "read.",
            "Give the file of the vectors alone.",
        )
    try:
        found = np.asarray(_read(file), dtype=np.float32)
    except _Refused as error:
        raise StudioError(
            f"{file.name} asks to run {error}, which an array of numbers does not need; it was "
            "not run.",
            "Do not open it with other tools; get the vectors from their source again.",
        ) from error
    except (*BROKEN, pickle.UnpicklingError) as error:
        raise _no_table(file) from error
    if found.ndim != 2 or not np.isfinite(found).all():
        raise _no_table(file)
    return found


def _no_table(file: Path) -> StudioError:
    return StudioError(
        f"{file.name} holds no table of numbers.",
        "Give .npy, .safetensors, or a pickle of a NumPy array or a torch tensor.",
    )


def _read(file: Path) -> Any:
    if file.suffix == ".npy":
        return np.load(file, allow_pickle=False)
    if file.suffix == ".safetensors":
        from safetensors.numpy import load_file

        read_header(file)
        (only,) = load_file(file).values()
        return only
    data = file.read_bytes()
    if zipfile.is_zipfile(BytesIO(data)):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > VECTORS_MB * 1e6:
                raise ValueError("too large")
        return _floats(_torch_load(data))
    _check_size(data)
    return _floats(_Reader(BytesIO(data), encoding="latin1").load())


def _check_size(data: bytes) -> None:
    """Refuse a pickle that would claim more memory than its own size explains."""
    for opcode, argument, _ in pickletools.genops(data):
        if "PUT" in opcode.name and (argument or 0) > len(data):
            raise ValueError("too large")


def _floats(found: Any) -> Any:
    if isinstance(found, _Array):
        return found.value
    if type(found).__module__ == "torch" and hasattr(found, "detach"):
        return found.detach().float().numpy()
    raise ValueError("no array")


class _Type:
    """Stands for NumPy's dtype: only the name of a float survives."""

    def __init__(self, code: str, *_: Any) -> None:
        if code not in FLOATS:
            raise ValueError("no floats")
        self.code = f"<{code}"

    def __setstate__(self, state: Any) -> None:
        if state[1] == ">":
            self.code = f">{self.code[1:]}"


class _Array:
    """Stands for NumPy's array: bytes with a shape."""

    def __init__(self, *_: Any) -> None:
        self.value: NDArray[Any] | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, by_columns, raw = state
        self.fill(raw, dtype, shape, "F" if by_columns else "C")

    def fill(self, raw: Any, dtype: Any, shape: Any, order: Any) -> "_Array":
        if not isinstance(dtype, _Type) or order not in ("C", "F"):
            raise ValueError("no floats")
        data = raw.encode("latin1") if isinstance(raw, str) else bytes(raw)
        self.value = np.frombuffer(data, dtype.code).reshape(shape, order=order)
        return self


def _from_buffer(raw: Any, dtype: Any, shape: Any, order: Any) -> _Array:
    return _Array().fill(raw, dtype, shape, order)


def _latin(text: str, encoding: str = "latin1") -> bytes:
    if encoding != "latin1":
        raise ValueError("no bytes")
    return text.encode("latin1")


def _torch_load(data: bytes) -> Any:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of protocols that it does not expect; it refuses them
        return torch.load(BytesIO(data), map_location="cpu", weights_only=True)


def _tensor(storage: Any, offset: int, size: Any, stride: Any, *_: Any) -> Any:
    import torch

    if not isinstance(storage, torch.storage.TypedStorage) or not storage.dtype.is_floating_point:
        raise ValueError("no floats")
    return torch.empty(0, dtype=storage.dtype).set_(storage._untyped_storage, offset, size, stride)


STAND_INS: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): _Type,
    ("numpy", "ndarray"): _Array,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy.core.numeric", "_frombuffer"): _from_buffer,
    ("numpy._core.numeric", "_frombuffer"): _from_buffer,
    ("_codecs", "encode"): _latin,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch.storage", "_load_from_bytes"): _torch_load,
    ("collections", "OrderedDict"): OrderedDict,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return STAND_INS[module, name]
        except KeyError:
            raise _Refused(f"{module}.{name}") from None
