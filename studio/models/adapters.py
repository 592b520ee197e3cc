"""Adapters on one denoiser, LoRAs or full weights: attach, look through, set strengths, save, load.

Only the adapter in view changes, never `requires_grad`: peft's own switches flip it, and a switch
between the forward and the backward pass then leaves the student without a gradient.
"""

import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn

from studio import durable
from studio.config import Layers, Weights
from studio.models import full_weights
from studio.models.adapter_files import ABOUT, CHECKSUM, checksum, read_adapter
from studio.models.lora_formats import lora_of
from studio.models.lora_keys import DENOISER, foreign, of_changes
from studio.models.tensor_files import pieces

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


def attach(unet: UNet2DConditionModel, name: str, layers: Layers, rank: int) -> None:
    """Add a LoRA that changes nothing yet (B = 0), in single precision and without gradients.

    Args:
        layers: see `Layers`; cross-attention is attn2, self-attention attn1.
        rank: alpha equals it, so that every loader agrees on the scale.
    """
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=_TARGETS[layers])
    _look_through(unet, [])
    with warnings.catch_warnings():  # a second adapter is meant
        warnings.filterwarnings("ignore", "Already found a `peft_config`")
        unet.add_adapter(config, name)
    for layer in lora_layers(unet):
        for part in (layer.lora_A[name], layer.lora_B[name]):
            part.float().requires_grad_(False)
    _look_through(unet, [])


def attach_all(
    unet: UNet2DConditionModel,
    names: Sequence[str],
    layers: Layers,
    *,
    weights: Weights,
    rank: int,
    seed: int,
) -> None:
    """Add what a training needs: adapters that change nothing yet; LoRAs share their A.

    Args:
        names: the first is the one that is trained.
        rank, seed: of LoRAs.

    Raises:
        StudioError: there is no room for full weights.
    """
    if weights != "lora":
        full_weights.attach(unet, names, full_weights.names_of(unet, layers, weights))
        return
    with torch.random.fork_rng(devices=[]):  # peft draws A from the global generator
        torch.manual_seed(seed)
        for name in names:
            attach(unet, name, layers, rank)
    for name in names[1:]:
        copy_a(unet, names[0], name)


def copy_a(unet: nn.Module, source: str, target: str) -> None:
    """Give `target` the A matrices of `source`."""
    with torch.no_grad():
        for layer in lora_layers(unet):
            layer.lora_A[target].weight.copy_(layer.lora_A[source].weight)


def trained(unet: nn.Module, name: str) -> list[nn.Parameter]:
    """What training moves of an adapter, in a fixed order: the B of a LoRA, or full weights."""
    layers = [layer for layer in lora_layers(unet) if name in layer.lora_B]
    return [
        *full_weights.tensors(unet, name).values(),
        *(layer.lora_B[name].weight for layer in layers),
    ]


def tensors(unet: nn.Module, name: str) -> dict[str, Tensor]:
    """All of an adapter by place, in a fixed order: A and B of a LoRA, or full weights."""
    found: dict[str, Tensor] = {
        f"{name}/{place}": value for place, value in full_weights.tensors(unet, name).items()
    }
    for place, layer in enumerate(lora_layers(unet)):
        if name in layer.lora_A:
            found[f"{name}/{place}/A"] = layer.lora_A[name].weight
            found[f"{name}/{place}/B"] = layer.lora_B[name].weight
    return found


def places(unet: nn.Module, name: str) -> set[str]:
    """The layers that an adapter changes."""
    of_lora = {
        path
        for path, layer in unet.named_modules()
        if isinstance(layer, LoraLayer) and name in layer.lora_A
    }
    return of_lora | {key.rpartition(".")[0] for key in full_weights.tensors(unet, name)}


@contextmanager
def use(unet: nn.Module, *views: str) -> Iterator[None]:
    """See the denoiser through these adapters; through none, it is the base, bit for bit.

    Raises:
        KeyError: no layer carries one of them; never the base in silence.
    """
    before = [
        (layer, list(layer._active_adapter), layer._disable_adapters) for layer in lora_layers(unet)
    ]
    full = full_weights.shown(unet)
    _look_through(unet, list(views))
    try:
        yield
    finally:
        full_weights.show(unet, full)
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
    full = [view for view in views if full_weights.tensors(unet, view)]
    for view in views:
        if view not in full and not any(view in layer.lora_A for layer in layers):
            raise KeyError(f"no adapter {view!r} is attached")
    full_weights.show(unet, full)
    for layer in layers:
        layer._active_adapter = [view for view in views if view in layer.lora_A]
        layer._disable_adapters = not views


def set_strength(unet: nn.Module, name: str, strength: float) -> None:
    """Scale an adapter: 1 as trained, 0 the base, above 1 more than trained."""
    full_weights.set_strength(unet, name, strength)
    for layer in lora_layers(unet):
        layer.set_scale(name, strength)


def save_adapter(unet: nn.Module, name: str, file: Path, about: dict[str, object]) -> None:
    """Write an adapter: a LoRA as `pipe.load_lora_weights` of stock diffusers loads it, of full
    weights their difference from the base, which only this studio reads.

    Args:
        about: what was done, kept in the file's header under "safeguard_studio".
    """
    if full_weights.tensors(unet, name):
        matrices = full_weights.changes(unet, name)
    else:
        matrices = {
            f"{DENOISER}{key}": value.detach().float().cpu().contiguous()
            for key, value in get_peft_model_state_dict(unet, adapter_name=name).items()
        }
    header = {"format": "pt", ABOUT: json.dumps(about), CHECKSUM: checksum(matrices)}
    file.parent.mkdir(exist_ok=True)
    durable.write_bytes(file, pieces(matrices, header))


def load_adapter(unet: UNet2DConditionModel, file: Path, name: str) -> dict[str, object]:
    """Load an adapter under a name, not in view yet; gives what its header says.

    It acts as strongly as stock diffusers or peft let it act, whoever saved it: see `lora_formats`.

    Raises:
        StudioError: there is no such file, or it is no adapter of this model.
    """
    read = read_adapter(file)
    if of_changes(read.matrices):
        full_weights.load(unet, file, read.matrices, name)
        _look_through(unet, [])
        return read.about
    lora = lora_of(unet, file, read.matrices, read.notes)
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():  # peft draws A first
            warnings.filterwarnings("ignore", "`lora_bias=True` was passed")  # nothing is merged
            warnings.filterwarnings("ignore", "Already found a `peft_config`")  # a second is meant
            unet.load_lora_adapter(
                lora.tensors, prefix=None, adapter_name=name, metadata=dict(lora.settings)
            )
    except (ValueError, RuntimeError, LookupError, AttributeError, TypeError) as error:
        _look_through(unet, [])
        raise foreign(file, f"peft says {str(error).splitlines()[:1]}") from error
    carriers = [layer for layer in lora_layers(unet) if name in layer.lora_A]
    for layer in carriers:
        for parts in (layer.lora_A, layer.lora_B, layer.lora_magnitude_vector):
            if name in parts:
                parts[name].requires_grad_(False)
    if len(carriers) != len(lora.places):  # diffusers only logs what it skips
        if carriers:
            drop_adapter(unet, name)
        raise foreign(file, f"peft took {len(carriers)} of its {len(lora.places)} places")
    _look_through(unet, [])
    return read.about


def drop_adapter(unet: UNet2DConditionModel, name: str) -> None:
    """Forget an adapter."""
    if full_weights.tensors(unet, name):
        full_weights.drop(unet, name)
    else:
        unet.delete_adapters(name)
    _look_through(unet, [])
