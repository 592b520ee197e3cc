"""Tensors as the bytes of a .safetensors file, the same bytes for the same numbers."""

import json

from safetensors.torch import save
from torch import Tensor

_PLACE = 8  # the length of the header stands in so many bytes, and the numbers begin at a multiple


def packed(tensors: dict[str, Tensor], metadata: dict[str, str]) -> bytes:
    """A .safetensors file whose header names its metadata in alphabetical order.

    The library writes them in a random one, which two files of the same numbers then differ by.
    """
    data = save({key: t.detach().cpu().contiguous() for key, t in tensors.items()}, metadata)
    length = int.from_bytes(data[:_PLACE], "little")
    header = json.loads(data[_PLACE : _PLACE + length])
    if metadata:
        header["__metadata__"] = dict(sorted(metadata.items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % _PLACE)
    return len(text).to_bytes(_PLACE, "little") + text + data[_PLACE + length :]
