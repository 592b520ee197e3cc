"""Full weights: tensors of a view's own, put in the place of the base's while one looks through it.

They are held and trained as they act, in single precision, and saved as their difference from the
base. While a view is shown, its tensors stand in the layers; the base's own are kept beside and
put back, the very same, afterwards.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from studio.config import Layers, Weights
from studio.models.lora_keys import CHANGE, DENOISER, changed_tensors, foreign
from studio.models.room import must_fit_full_weights

_CROSS, _SELF = r".*attn2\..*", r".*attn1\..*"
_PLACES: dict[Layers, str] = {
    "cross": _CROSS,
    "cross-kv": r".*attn2\.(to_k|to_v)",
    "self": _SELF,
    "both": rf"{_CROSS}|{_SELF}",
    "not-cross": r".*(attn1\..*|ff\.net\..*|resnets\.\d+\.conv[12])",
    # the first code of ESD: all but names with attn2 or time_embed, and the last norm and layer
    "all-but-cross": r"(?!.*attn2\.)(?!(time|add|class)_embedding|conv_norm_out|conv_out).*",
}


@dataclass
class _View:
    tensors: dict[str, nn.Parameter]  # by name of the parameter, as they act at strength 1
    strength: float = 1.0


@dataclass
class _Full:
    """What a denoiser carries: views by name, those shown, and what stood where they stand."""

    views: dict[str, _View] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    base: list[tuple[nn.Module, str, Tensor]] = field(default_factory=list)


def _full(unet: nn.Module) -> _Full:
    return cast(_Full, unet.__dict__.setdefault("_full_weights", _Full()))


def names_of(unet: nn.Module, layers: Layers, weights: Weights) -> list[str]:
    """The parameters that full weights of these layers change, in the order of the denoiser.

    Args:
        weights: "full", the matrices of linear layers and convolutions; "whole", every parameter,
            those of norms and biases too, as published.
    """
    wanted = re.compile(_PLACES[layers])
    return [
        name
        for name, (module, part) in _parameters(unet).items()
        if wanted.fullmatch(name.rpartition(".")[0])
        and (weights == "whole" or (part == "weight" and isinstance(module, _MATRICES)))
    ]


_MATRICES = (nn.Linear, nn.Conv2d)


def attach(unet: nn.Module, views: Sequence[str], names: Iterable[str]) -> None:
    """Add views that are the base still, in single precision and without gradients.

    Args:
        names: of the parameters that they change. The first view is the one to be trained.

    Raises:
        StudioError: there is no room to train them.
    """
    show(unet, ())
    places = _parameters(unet)
    base = {name: _tensor(places[name]) for name in names}
    first = next(iter(base.values()))
    must_fit_full_weights(sum(map(Tensor.numel, base.values())), len(views), first.device)
    for view in views:
        _full(unet).views[view] = _View({name: _own(value) for name, value in base.items()})


def load(unet: nn.Module, file: Path, found: Mapping[str, Tensor], view: str) -> None:
    """Add the view of a file's differences from the base.

    Raises:
        StudioError: it changes what this denoiser has not, or not in this form.
    """
    show(unet, ())
    places, keys = _parameters(unet), changed_tensors(file, found)
    lost = [name for name in keys if name not in places]
    if lost:
        raise foreign(
            file,
            f"{len(lost)} of the {len(keys)} places that it changes are not there, such as "
            f"{lost[0][:80]!r}",
        )
    tensors = {}
    for name, key in keys.items():
        base, change = _tensor(places[name]), found[key]
        if base.shape != change.shape:
            sides = tuple(change.shape), tuple(base.shape)
            raise foreign(file, f"{key} has the sides {sides[0]}, {sides[1]} are needed")
        tensors[name] = _own(base)
        tensors[name].data += change.to(base.device)
    _full(unet).views[view] = _View(tensors)


def changes(unet: nn.Module, view: str) -> dict[str, Tensor]:
    """What a file holds of a view: its difference from the base, in single precision."""
    full = _full(unet)
    before = full.shown
    show(unet, ())
    places = _parameters(unet)
    found = {
        f"{DENOISER}{name}{CHANGE}": (value.detach() - _tensor(places[name]).detach().float()).cpu()
        for name, value in full.views[view].tensors.items()
    }
    show(unet, before)
    return found


def tensors(unet: nn.Module, view: str) -> dict[str, nn.Parameter]:
    """The tensors of a view by the names of the denoiser's parameters; empty where it has none."""
    own = _full(unet).views.get(view)
    return {} if own is None else own.tensors


def shown(unet: nn.Module) -> tuple[str, ...]:
    """The views of full weights that stand in the layers now."""
    return _full(unet).shown


def show(unet: nn.Module, views: Sequence[str]) -> None:
    """Put the tensors of these views into the layers, and the base's own back elsewhere.

    Raises:
        ValueError: two of them change the same tensor.
    """
    full = _full(unet)
    for module, part, base in full.base:
        _put(module, part, base)
    full.shown, full.base = (), []
    if not views:
        return
    often = Counter(name for view in views for name in full.views[view].tensors)
    if twice := [name for name, count in often.items() if count > 1]:
        raise ValueError(f"two views change {twice[0]}")
    places = _parameters(unet)
    for view in views:
        strength = full.views[view].strength
        for name, value in full.views[view].tensors.items():
            base = _tensor(places[name])
            full.base.append((*places[name], base))
            _put(*places[name], _acting(base, value, strength))
    full.shown = tuple(views)


def set_strength(unet: nn.Module, view: str, strength: float) -> None:
    """Scale a view's difference from the base: 1 as trained, 0 the base."""
    full = _full(unet)
    if view in full.views and full.views[view].strength != strength:
        full.views[view].strength = strength
        show(unet, full.shown)


def drop(unet: nn.Module, view: str) -> None:
    """Forget a view."""
    show(unet, ())
    del _full(unet).views[view]


def _acting(base: Tensor, value: Tensor, strength: float) -> Tensor:
    """base + strength (value - base) in the base's precision; at 0 and 1 themselves."""
    if strength == 0:
        return base
    seen = value if strength == 1 else torch.lerp(base.detach().float(), value, strength)
    return seen.to(base.dtype)


def _own(base: Tensor) -> nn.Parameter:
    return nn.Parameter(base.detach().to(torch.float32, copy=True), requires_grad=False)


def _parameters(unet: nn.Module) -> dict[str, tuple[nn.Module, str]]:
    """Name -> layer and part, for each parameter of the base; LoRAs on it are looked through."""
    return {
        f"{path.removesuffix('.base_layer')}.{part}": (module, part)
        for path, module in unet.named_modules()
        if ".lora_" not in path
        for part, value in module._parameters.items()
        if value is not None
    }


def _tensor(place: tuple[nn.Module, str]) -> Tensor:
    module, part = place
    return cast(Tensor, module._parameters[part])


def _put(module: nn.Module, part: str, value: Tensor) -> None:
    module._parameters[part] = cast(nn.Parameter, value)  # a plain tensor acts as well
