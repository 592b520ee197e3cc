"""LoRA adapters on one denoiser: attach, look through one, set strengths, save, load.

Only the adapter in view changes, never `requires_grad`: peft's own switches flip it, and a switch
between the forward and the backward pass then leaves the student without a gradient.
"""

import hashlib
import json
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from studio import durable
from studio.config import Layers
from studio.errors import StudioError
from studio.models.tensor_files import packed
from studio.models.weights import FLOATS, Header, read_header

ABOUT = "safeguard_studio"
CHECKSUM = "safeguard_studio_sha256"
_ALL = r"(to_q|to_k|to_v|to_out\.0)"
_TARGETS: dict[Layers, str] = {
    "cross": rf".*attn2\.{_ALL}",
    "cross-kv": r".*attn2\.(to_k|to_v)",
    "self": rf".*attn1\.{_ALL}",
    "both": rf".*attn[12]\.{_ALL}",
    "not-cross": rf".*(attn1\.{_ALL}|ff\.net\.(0\.proj|2)|resnets\.\d+\.conv[12])",
}


def lora_layers(unet: nn.Module) -> list[LoraLayer]:
    """All layers that carry adapters."""
    return [module for module in unet.modules() if isinstance(module, LoraLayer)]


def attach(unet: UNet2DConditionModel, name: str, layers: Layers, rank: int | None) -> None:
    """Add an adapter that changes nothing yet (B = 0), in single precision and without gradients.

    Args:
        layers: see `Layers`; cross-attention is attn2, self-attention attn1.
        rank: of the LoRA; alpha equals it, so that every loader agrees on the scale. None: full
            weights; A is the identity, so that B is the change of the weights themselves.
    """
    full = _inputs(unet, layers) if rank is None else {}
    config = LoraConfig(
        r=rank or 1,
        lora_alpha=rank or 1,
        target_modules=_TARGETS[layers],
        rank_pattern=full,
        alpha_pattern=full,
    )
    with warnings.catch_warnings():  # a second adapter is meant
        warnings.filterwarnings("ignore", "Already found a `peft_config`")
        unet.add_adapter(config, name)
    for layer in lora_layers(unet):
        for part in (layer.lora_A[name], layer.lora_B[name]):
            part.float().requires_grad_(False)
        if rank is None:
            a = layer.lora_A[name].weight
            with torch.no_grad():
                a.copy_(torch.eye(len(a)).view_as(a))
    _look_through(unet, [])


def _inputs(unet: nn.Module, layers: Layers) -> dict[str, int]:
    """How many numbers each adapted layer multiplies: its rank when all of it may change."""
    wanted = re.compile(_TARGETS[layers])
    return {
        name: module.weight[0].numel()
        for name, module in unet.named_modules()
        if wanted.fullmatch(name) and isinstance(module, nn.Linear | nn.Conv2d)
    }


def copy_a(unet: nn.Module, source: str, target: str) -> None:
    """Give `target` the A matrices of `source`."""
    with torch.no_grad():
        for layer in lora_layers(unet):
            layer.lora_A[target].weight.copy_(layer.lora_A[source].weight)


def b_weights(unet: nn.Module, name: str) -> list[nn.Parameter]:
    """The B matrices of an adapter, in a fixed order."""
    return [layer.lora_B[name].weight for layer in lora_layers(unet)]


def tensors(unet: nn.Module, name: str, *, full: bool = False) -> dict[str, Tensor]:
    """The matrices of an adapter by place and letter, in a fixed order.

    Args:
        full: it changes full weights, so that A is the identity and left out.
    """
    found: dict[str, Tensor] = {}
    for place, layer in enumerate(lora_layers(unet)):
        if not full:
            found[f"{name}/{place}/A"] = layer.lora_A[name].weight
        found[f"{name}/{place}/B"] = layer.lora_B[name].weight
    return found


@contextmanager
def use(unet: nn.Module, *views: str) -> Iterator[None]:
    """See the denoiser through these adapters; through none, it is the base, bit for bit.

    Raises:
        KeyError: no layer carries one of them; never the base in silence.
    """
    before = [
        (layer, list(layer._active_adapter), layer._disable_adapters) for layer in lora_layers(unet)
    ]
    _look_through(unet, list(views))
    try:
        yield
    finally:
        for layer, active, disabled in before:
            layer._active_adapter, layer._disable_adapters = active, disabled


def show(unet: nn.Module, *views: str) -> None:
    """From now on see the denoiser through these adapters; through none, it is the base.

    Raises:
        KeyError: no layer carries one of them.
    """
    _look_through(unet, list(views))


def _look_through(unet: nn.Module, views: list[str]) -> None:
    layers = lora_layers(unet)
    for view in views:
        if not any(view in layer.lora_A for layer in layers):
            raise KeyError(f"no adapter {view!r} is attached")
    for layer in layers:
        layer._active_adapter = [view for view in views if view in layer.lora_A]
        layer._disable_adapters = not views


def set_strength(unet: nn.Module, name: str, strength: float) -> None:
    """Scale an adapter: 1 as trained, 0 the base, above 1 more than trained."""
    for layer in lora_layers(unet):
        if name in layer.scaling:
            layer.scaling[name] = strength * layer.lora_alpha[name] / layer.r[name]


def save_adapter(unet: nn.Module, name: str, file: Path, about: dict[str, object]) -> None:
    """Write an adapter that `pipe.load_lora_weights` of stock diffusers loads.

    Args:
        about: what was done, kept in the file's header under "safeguard_studio".
    """
    found = get_peft_model_state_dict(unet, adapter_name=name)
    matrices = {
        f"unet.{key}": value.detach().float().cpu().contiguous() for key, value in found.items()
    }
    header = {"format": "pt", ABOUT: json.dumps(about), CHECKSUM: _checksum(matrices)}
    file.parent.mkdir(exist_ok=True)
    durable.write_bytes(file, packed(matrices, header))


def load_adapter(unet: UNet2DConditionModel, file: Path, name: str) -> dict[str, object]:
    """Load an adapter under a name, not in view yet; gives what its header says.

    Raises:
        StudioError: there is no such file, or it is no adapter of this model.
    """
    about, matrices = read_adapter(file)
    if not all(bool(torch.isfinite(matrix).all()) for matrix in matrices.values()):
        raise StudioError(
            f"{file.name} holds numbers that are not finite.", "Train it again, or get another."
        )
    try:
        unet.load_lora_adapter(matrices, prefix="unet", adapter_name=name)
    except (SafetensorError, ValueError, RuntimeError, LookupError, AttributeError) as error:
        _look_through(unet, [])
        raise _foreign(file) from error
    carriers = [layer for layer in lora_layers(unet) if name in layer.lora_A]
    for layer in carriers:
        layer.lora_A[name].requires_grad_(False)
        layer.lora_B[name].requires_grad_(False)
    if not carriers or 2 * len(carriers) != len(matrices):  # diffusers only logs keys it skips
        if carriers:
            drop_adapter(unet, name)
        raise _foreign(file)
    _look_through(unet, [])
    return about


def read_adapter(file: Path) -> tuple[dict[str, object], dict[str, Tensor]]:
    """What an adapter's header says, and its matrices.

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
    kinds = header.tensors.values()
    if not kinds or any(kind not in FLOATS or not sides for kind, sides in kinds):
        raise _foreign(file)
    matrices = load_file(file)
    if header.notes.get(CHECKSUM, "") not in ("", _checksum(matrices)):
        raise _damaged(file)
    return _about(header), matrices


def read_about(file: Path) -> dict[str, object]:
    """What the header of an adapter says; empty where there is none that can be read."""
    try:
        return _about(read_header(file))
    except StudioError:
        return {}


def _about(header: Header) -> dict[str, object]:
    try:
        about = json.loads(header.notes.get(ABOUT, "{}"))
    except (ValueError, RecursionError):  # notes of another tool
        return {}
    return about if isinstance(about, dict) else {}


def _checksum(matrices: dict[str, Tensor]) -> str:
    """SHA-256 of all numbers, by the order of their names."""
    found = hashlib.sha256()
    for _, matrix in sorted(matrices.items()):
        found.update(matrix.contiguous().view(torch.uint8).numpy().data)
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


def _foreign(file: Path) -> StudioError:
    return StudioError(
        f"{file.name} is no adapter of this model.",
        "Choose an adapter that was trained on the same base model.",
    )


def drop_adapter(unet: UNet2DConditionModel, name: str) -> None:
    """Forget an adapter."""
    unet.delete_adapters(name)
    _look_through(unet, [])
