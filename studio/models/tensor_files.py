"""Tensors as a .safetensors file, the same bytes for the same numbers, one tensor at a time.

The library packs all of them into memory once more, and writes the notes of its header in a random
order, by which two files of the same numbers then differ.

Source: the format's description, github.com/huggingface/safetensors.
"""

import json
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

_PLACE = 8  # the length of the header stands in so many bytes, and the numbers begin at a multiple
_KINDS = {  # as the library sorts them, the widest first
    torch.int64: "I64",
    torch.float64: "F64",
    torch.float32: "F32",
    torch.int32: "I32",
    torch.bfloat16: "BF16",
    torch.float16: "F16",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def pieces(tensors: Mapping[str, Tensor], notes: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    """The bytes of a .safetensors file, in pieces; notes stand in alphabetical order."""
    order = {kind: place for place, kind in enumerate(_KINDS)}
    names = sorted(tensors, key=lambda name: (order[tensors[name].dtype], name))
    header: dict[str, object] = {"__metadata__": dict(sorted(notes.items()))} if notes else {}
    end = 0
    for name in names:
        start, end = end, end + tensors[name].numel() * tensors[name].element_size()
        header[name] = {
            "dtype": _KINDS[tensors[name].dtype],
            "shape": list(tensors[name].shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % _PLACE)
    yield len(text).to_bytes(_PLACE, "little") + text
    for name in names:
        yield bytes_of(tensors[name])


def bytes_of(tensor: Tensor) -> memoryview:
    """A tensor's numbers, one behind the other."""
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data
