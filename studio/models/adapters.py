"""LoRA adapters on one denoiser: attach, look through one, set strengths, save, load.

Only the adapter in view changes, never `requires_grad`: peft's own switches flip it, and a switch
between the forward and the backward pass then leaves the student without a gradient.
"""

import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn

from studio import durable
from studio.config import Layers
from studio.models.adapter_files import ABOUT, CHECKSUM, checksum, read_adapter
from studio.models.lora_formats import lora_of
from studio.models.lora_keys import foreign
from studio.models.room import must_fit_full_weights
from studio.models.tensor_files import packed

_ALL = r"(to_q|to_k|to_v|to_out\.0)"
_TARGETS: dict[Layers, str] = {
    "cross": rf".*attn2\.{_ALL}",
    "cross-kv": r".*attn2\.(to_k|to_v)",
    "self": rf".*attn1\.{_ALL}",
    "both": rf".*attn[12]\.{_ALL}",
    "not-cross": rf".*(attn1\.{_ALL}|ff\.net\.(0\.proj|2)|resnets\.\d+\.conv[12])",
    "all-but-cross": r"(?!.*attn2\.)(?!time_embedding|add_embedding|class_embedding|conv_out).*",
}


def lora_layers(unet: nn.Module) -> list[LoraLayer]:
    """All layers that carry adapters."""
    return [module for module in unet.modules() if isinstance(module, LoraLayer)]


def attach(
    unet: UNet2DConditionModel, name: str, layers: Layers, rank: int | None, biases: bool = False
) -> None:
    """Add an adapter that changes nothing yet (B = 0), in single precision and without gradients.

    Args:
        layers: see `Layers`; cross-attention is attn2, self-attention attn1.
        rank: of the LoRA; alpha equals it, so that every loader agrees on the scale. None: full
            weights; A is the identity, so that B is the change of the weights themselves.
        biases: those of the layers too, where they have one.

    Raises:
        StudioError: full weights do not fit into memory.
    """
    full: dict[str, int] = {}
    if rank is None:
        whole = _places(unet, layers)
        must_fit_full_weights(whole.values(), unet.device)
        full = {name: module.weight[0].numel() for name, module in whole.items()}
    config = LoraConfig(
        r=rank or 1,
        lora_alpha=rank or 1,
        target_modules=list(full) if layers == "all-but-cross" and full else _TARGETS[layers],
        lora_bias=biases,
        rank_pattern=full,
        alpha_pattern=full,
    )
    with warnings.catch_warnings():  # a second adapter is meant
        warnings.filterwarnings("ignore", "Already found a `peft_config`")
        warnings.filterwarnings("ignore", ".*lora_bias=True.*")  # their change stays 0
        unet.add_adapter(config, name)
    for layer in lora_layers(unet):
        for part in (layer.lora_A[name], layer.lora_B[name]):
            part.float().requires_grad_(False)
        if biases:
            nn.init.zeros_(layer.lora_B[name].bias)
        if rank is None:
            a = layer.lora_A[name].weight
            with torch.no_grad():
                a.copy_(torch.eye(len(a)).view_as(a))
    _look_through(unet, [])


def _places(unet: nn.Module, layers: Layers) -> dict[str, nn.Linear | nn.Conv2d]:
    """The layers that are adapted. What one multiplies is its rank when all of it may change."""
    wanted = re.compile(_TARGETS[layers])
    places = {
        name.removesuffix(".base_layer"): module  # where another adapter is already
        for name, module in unet.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d) and ".lora_" not in name
    }
    return {name: module for name, module in places.items() if wanted.fullmatch(name)}


def copy_a(unet: nn.Module, source: str, target: str) -> None:
    """Give `target` the A matrices of `source`."""
    with torch.no_grad():
        for layer in lora_layers(unet):
            layer.lora_A[target].weight.copy_(layer.lora_A[source].weight)


def b_weights(unet: nn.Module, name: str) -> list[nn.Parameter]:
    """The B matrices of an adapter, and the biases it changes, in a fixed order."""
    layers = [layer for layer in lora_layers(unet) if name in layer.lora_B]
    biases = [layer.lora_B[name].bias for layer in layers if _has_bias(layer, name)]
    return [*(layer.lora_B[name].weight for layer in layers), *biases]


def origins(unet: nn.Module, name: str) -> list[Tensor]:
    """The base's weights that each of `b_weights` changes, where A is the identity."""
    layers = [layer for layer in lora_layers(unet) if name in layer.lora_B]
    biases = [layer.get_base_layer().bias for layer in layers if _has_bias(layer, name)]
    return [*(layer.get_base_layer().weight for layer in layers), *biases]


def _has_bias(layer: LoraLayer, name: str) -> bool:
    return bool(layer.lora_bias.get(name)) and layer.get_base_layer().bias is not None


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
        if _has_bias(layer, name):
            found[f"{name}/{place}/bias"] = layer.lora_B[name].bias
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
        layer.set_scale(name, strength)


def save_adapter(unet: nn.Module, name: str, file: Path, about: dict[str, object]) -> None:
    """Write an adapter that `pipe.load_lora_weights` of stock diffusers loads.

    Args:
        about: what was done, kept in the file's header under "safeguard_studio".
    """
    with warnings.catch_warnings():  # peft takes a bias for half a matrix
        warnings.filterwarnings("ignore", "Adapter .* invalid shape")
        found = get_peft_model_state_dict(unet, adapter_name=name)
    matrices = {
        f"unet.{key}": value.detach().float().cpu().contiguous() for key, value in found.items()
    }
    header = {"format": "pt", ABOUT: json.dumps(about), CHECKSUM: checksum(matrices)}
    file.parent.mkdir(exist_ok=True)
    durable.write_bytes(file, packed(matrices, header))


def load_adapter(unet: UNet2DConditionModel, file: Path, name: str) -> dict[str, object]:
    """Load an adapter under a name, not in view yet; gives what its header says.

    It acts as strongly as stock diffusers or peft let it act, whoever saved it: see `lora_formats`.

    Raises:
        StudioError: there is no such file, or it is no adapter of this model.
    """
    read = read_adapter(file)
    lora = lora_of(unet, file, read.matrices, read.notes)
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():  # peft draws A first
            warnings.filterwarnings("ignore", "`lora_bias=True` was passed")  # nothing is merged
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
    unet.delete_adapters(name)
    _look_through(unet, [])
