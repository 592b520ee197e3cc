"""Networks from files: whole, under their own names and shapes, or not at all.

Every network that a person brings is loaded here, so that nothing is ever filled with random
numbers or left out in silence.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from studio.errors import StudioError
from studio.models.config_files import named
from studio.models.weight_files import DIFFUSERS, TRANSFORMERS, WeightFiles, weights_of
from studio.models.weights import read_header

# buffers that older versions wrote down; they count 0, 1, 2 ... and are made anew
HARMLESS = re.compile(r"(.*\.)?(position_ids|num_batches_tracked)")
# names of older versions, which the libraries read as the newer ones
OLD_NAMES = (
    (re.compile(r"\.query\.(weight|bias)$"), r".to_q.\1"),
    (re.compile(r"\.key\.(weight|bias)$"), r".to_k.\1"),
    (re.compile(r"\.value\.(weight|bias)$"), r".to_v.\1"),
    (re.compile(r"\.proj_attn\.(weight|bias)$"), r".to_out.0.\1"),
    (re.compile(r"^vision_model\.vision_model\."), "vision_model."),
    (re.compile(r"^text_model\."), ""),
)
WHOLE_NUMBERS = ("BOOL", "U8", "I8", "I16", "U16", "I32", "U32", "I64", "U64")
Shape = tuple[int, ...]


def must_match(held: Mapping[str, Shape], wanted: Mapping[str, Shape], name: str) -> None:
    """Refuse tensors that are missing, that nothing asks for, or of other sides.

    Args:
        held: sides of the tensors that files hold, by name. wanted: of those the network has.
        name: how the file or part is called.

    Raises:
        StudioError: names the first of them and says how many there are.
    """
    _tell_names(
        sorted(set(wanted) - set(held)),
        sorted(tensor for tensor in set(held) - set(wanted) if not HARMLESS.fullmatch(tensor)),
        len(wanted),
        name,
    )
    for tensor in sorted(set(wanted) & set(held)):
        if tuple(held[tensor]) != tuple(wanted[tensor]):
            raise StudioError(
                f"In {name} the tensor {tensor} has {_sides(held[tensor])} numbers; its network "
                f"needs {_sides(wanted[tensor])}.",
                "Get the weights and config.json of the same model.",
            )


def fill(net: nn.Module, tensors: Mapping[str, Tensor], name: str) -> None:
    """Put all tensors into a network, which needs exactly these.

    Raises:
        StudioError: see `must_match`.
    """
    wanted = {key: tuple(value.shape) for key, value in net.state_dict().items()}
    wanted = {key: sides for key, sides in wanted.items() if not HARMLESS.fullmatch(key)}
    must_match({key: tuple(value.shape) for key, value in tensors.items()}, wanted, name)
    net.load_state_dict(dict(tensors), strict=False)


def tensors_of(file: Path) -> dict[str, Tensor]:
    """All tensors of a .safetensors file.

    Raises:
        StudioError: see `read_header`.
    """
    read_header(file)
    return load_file(file)


def must_fit(kind: type[Any], folder: Path) -> WeightFiles:
    """Refuse a folder whose weights are not those of its config; reads headers alone.

    Returns:
        The files that `whole` would load.

    Raises:
        StudioError: see `weights_of` and `must_match`; or the config makes no such network.
    """
    found = weights_of(folder, _stem(kind))
    held: dict[str, Shape] = {}
    for name, header in found.headers().items():
        for tensor, (numbers, sides) in header.tensors.items():
            if numbers in WHOLE_NUMBERS and not HARMLESS.fullmatch(tensor):
                raise StudioError(
                    f"The weights in {folder.name}/{name} are quantised: {tensor} holds {numbers}.",
                    "Get the model in full or half precision.",
                )
            if tensor in held:
                raise StudioError(
                    f"Two files of {folder.name} hold the tensor {tensor}.",
                    "Get the model's files again.",
                )
            held[tensor] = sides
    wanted = {key: tuple(value.shape) for key, value in _empty(kind, folder).state_dict().items()}
    must_match(_renamed(held, wanted), wanted, _called(folder, found))
    return found


def whole(kind: type[Any], folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """A network of a folder's safe weights, every tensor from its files.

    Args:
        kind: a class of diffusers or transformers.

    Raises:
        StudioError: see `must_fit`; or it cannot be loaded.
    """
    found = must_fit(kind, folder)
    try:
        net, told = kind.from_pretrained(
            folder,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            variant=found.variant,
            torch_dtype=dtype,
        )
    except Exception as error:
        raise not_loaded(folder, error) from error
    called = _called(folder, found)
    surplus = [tensor for tensor in told["unexpected_keys"] if not HARMLESS.fullmatch(tensor)]
    _tell_names(sorted(told["missing_keys"]), sorted(surplus), len(net.state_dict()), called)
    must_be_filled(net, called)
    return net


def must_be_filled(net: nn.Module, name: str) -> None:
    """Refuse a network of which a tensor has no numbers.

    Raises:
        StudioError: names it.
    """
    tensors = net.state_dict()
    empty = sorted(key for key, value in tensors.items() if value.is_meta)
    _tell_names(empty, [], len(tensors), name)


def not_loaded(folder: Path, error: Exception) -> StudioError:
    """What is said where a library cannot make a network or tokenizer of a folder."""
    return StudioError(
        f"{named(folder)} could not be loaded: {first_line(error)}",
        "Get the model again, or choose another.",
    )


def first_line(error: Exception) -> str:
    """The start of what a library says."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]


def _empty(kind: type[Any], folder: Path) -> nn.Module:
    """The network of a config, without numbers."""
    try:
        with torch.device("meta"):
            if _stem(kind) == DIFFUSERS:
                net = kind.from_config(kind.load_config(folder, local_files_only=True))
            else:
                net = kind(kind.config_class.from_pretrained(folder, local_files_only=True))
    except Exception as error:
        raise not_loaded(folder, error) from error
    return net


def _stem(kind: type[Any]) -> str:
    return DIFFUSERS if kind.__module__.startswith("diffusers.models") else TRANSFORMERS


def _renamed(held: Mapping[str, Shape], wanted: Mapping[str, Shape]) -> dict[str, Shape]:
    """Tensors under the names that the network gives them today."""
    return {_today(name, wanted): sides for name, sides in held.items()}


def _today(name: str, wanted: Mapping[str, Shape]) -> str:
    for old, new in OLD_NAMES:
        if name not in wanted and (other := old.sub(new, name)) in wanted:
            return other
    return name


def _called(folder: Path, found: WeightFiles) -> str:
    return folder.name if len(found.files) > 1 else named(found.files[0])


def _tell_names(missing: list[str], surplus: list[str], count: int, name: str) -> None:
    if missing:
        raise StudioError(
            f"{name} lacks {len(missing)} of {count} tensors: {_some(missing)}.",
            "Get the weights and config.json of the same model; missing ones are never made up.",
        )
    if surplus:
        raise StudioError(
            f"{name} holds {len(surplus)} tensors that its network does not have: "
            f"{_some(surplus)}.",
            "Get the weights and config.json of the same model.",
        )


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:3]) + (" ..." if len(listed) > 3 else "")


def _sides(sides: Shape) -> str:
    return " x ".join(map(str, sides)) or "1"
