"""Adapters of other programs, read with the strength that stock diffusers and peft give them.

Alpha of a place, in this order: its own tensor `alpha` (kohya); the settings that diffusers writes
into the file's header, or peft into `adapter_config.json`; else its rank, so that B A is added as
it is. The scale is alpha / rank, or alpha / sqrt(rank) with rslora (Kalajdzievski 2023).
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diffusers import UNet2DConditionModel
from peft.tuners.lora import LoraLayer
from peft.utils.other import get_pattern_key
from torch import Tensor, nn

from studio.files import read_bytes
from studio.models.lora_keys import (
    DENOISER,
    KOHYA,
    PEFT_SETTINGS,
    WRAPPED,
    Part,
    foreign,
    settings_file,
    sorted_keys,
    unusable,
)
from studio.models.sgm_names import sgm_name

HEADER = "lora_adapter_metadata"  # of diffusers
SETTINGS_MB = 1.0
ADDED = (".base_layer", ".lora_")  # what peft puts into a layer
# settings of peft that change nothing of a finished adapter's answer, or are read below
_READ = {
    "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config",
    "ensure_weight_tying", "eva_config", "exclude_modules", "inference_mode", "init_lora_weights",
    "layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha", "lora_bias",
    "lora_dropout", "lora_ga_config", "megatron_core", "peft_type", "peft_version",
    "qalora_group_size", "r", "rank_pattern", "revision", "runtime_config", "target_modules",
    "task_type", "use_dora", "use_rslora",
}  # fmt: skip
_PLAIN_STARTS = (True, False, None, "gaussian", "orthogonal", "eva")  # leave the base as it is


@dataclass(frozen=True)
class Lora:
    """An adapter as peft injects it.

    Attributes:
        tensors: under peft's names. settings: for a `LoraConfig`.
        places: the layers that it changes.
    """

    tensors: dict[str, Tensor]
    settings: dict[str, Any]
    places: tuple[str, ...]


def places_of(unet: nn.Module) -> dict[str, nn.Linear | nn.Conv2d]:
    """Path -> layer, for every layer that a LoRA may change; adapters on it are looked through."""
    found = {}
    for name, module in unet.named_modules():
        if any(part in name for part in ADDED):
            continue
        layer = module.get_base_layer() if isinstance(module, LoraLayer) else module
        if isinstance(layer, nn.Linear | nn.Conv2d):
            found[name] = layer
    return found


def kohya_names(unet: UNet2DConditionModel) -> dict[str, str]:
    """The name that kohya's scripts give to a place -> its path.

    They name the layers of Stable Diffusion 1 and 2 as diffusers does, those of SDXL as the
    original code does; dots become underscores.
    """
    layers, paths = int(unet.config.layers_per_block), places_of(unet)
    found = {KOHYA + sgm_name(path, layers, paths).replace(".", "_"): path for path in paths}
    return found | {KOHYA + path.replace(".", "_"): path for path in paths}


def lora_of(
    unet: UNet2DConditionModel, file: Path, matrices: Mapping[str, Tensor], notes: Mapping[str, str]
) -> Lora:
    """Read an adapter's tensors for this denoiser.

    Args:
        file: where they come from; peft's settings lie beside it.
        notes: of the file's header.

    Raises:
        StudioError: any tensor has no place here, or it says something that would be read wrongly.
    """
    parts = _on_paths(unet, file, sorted_keys(file, matrices))
    said = _settings(file, matrices, notes)
    layers = places_of(unet)
    _must_fit(file, matrices, parts, layers)
    ranks = {place: int(matrices[own["down"]].shape[0]) for place, own in parts.items()}
    alphas = {
        place: _alpha(file, place, matrices, parts[place], said, ranks[place]) for place in parts
    }
    dora = _all_or_none(file, parts, "magnitude")
    bias = _all_or_none(file, parts, "bias")
    if said and bool(said.get("use_dora")) != dora:
        raise unusable(file, "its settings and its tensors disagree on DoRA", _SAVE_AGAIN)
    rank, alpha = Counter(ranks.values()).most_common(1)[0][0], next(iter(alphas.values()))
    settings = {
        "r": rank,
        "lora_alpha": alpha,
        "rank_pattern": {_only(place): r for place, r in ranks.items() if r != rank},
        "alpha_pattern": {_only(place): a for place, a in alphas.items() if a != alpha},
        "target_modules": "|".join(map(re.escape, parts)),
        "use_rslora": bool(said.get("use_rslora")),
        "use_dora": dora,
        "lora_bias": bias,
    }
    tensors = {}
    for place, own in parts.items():
        for part, end in _PEFT_ENDS.items():
            if part in own:
                tensors[f"{place}.{end}"] = matrices[own[part]]
    return Lora(tensors, settings, tuple(parts))


_PEFT_ENDS: dict[Part, str] = {
    "down": "lora_A.weight",
    "up": "lora_B.weight",
    "bias": "lora_B.bias",
    "magnitude": "lora_magnitude_vector",
}
_SAVE_AGAIN = "Save it again with the program that made it."


def _only(place: str) -> str:
    return f"^{re.escape(place)}"


def _on_paths(
    unet: UNet2DConditionModel, file: Path, found: dict[str, dict[Part, str]]
) -> dict[str, dict[Part, str]]:
    paths, names = places_of(unet), kohya_names(unet)
    known = {place: names.get(place, place) for place in found}
    lost = [place for place, path in known.items() if path not in paths]
    if lost:
        raise foreign(
            file,
            f"{len(lost)} of the {len(found)} places that it changes are not there, such as "
            f"{lost[0][:80]!r}",
        )
    if len(set(known.values())) < len(known):
        raise foreign(file, "it changes one place under two names")
    return {path: found[place] for place, path in known.items()}


def _must_fit(
    file: Path,
    matrices: Mapping[str, Tensor],
    parts: dict[str, dict[Part, str]],
    layers: Mapping[str, nn.Linear | nn.Conv2d],
) -> None:
    for place, own in parts.items():
        weight, rank = layers[place].weight, matrices[own["down"]].shape[0]
        ones = (1,) * (weight.ndim - 2)
        wanted: dict[Part, tuple[int, ...]] = {
            "down": (rank, *weight.shape[1:]),
            "up": (weight.shape[0], rank, *ones),
            "bias": (weight.shape[0],),
        }
        if weight.ndim == 2:
            wanted["magnitude"] = (weight.shape[0],)
        for part, sides in wanted.items():
            if part in own and tuple(matrices[own[part]].shape) != sides:
                has = tuple(matrices[own[part]].shape)
                raise foreign(file, f"{own[part]} has the sides {has}, {sides} are needed")


def _alpha(
    file: Path,
    place: str,
    matrices: Mapping[str, Tensor],
    own: Mapping[Part, str],
    said: Mapping[str, Any],
    rank: int,
) -> float:
    if "alpha" in own:
        if said or matrices[own["alpha"]].numel() != 1:
            raise unusable(
                file, f"{place} says its alpha in two ways, or as no number", _SAVE_AGAIN
            )
        alpha = float(matrices[own["alpha"]].item())
    elif said:
        told = _by_place(said, "rank_pattern", "r", place)
        if told != rank:
            raise unusable(
                file,
                f"its settings give {place} the rank {told}, its tensors have {rank}",
                _SAVE_AGAIN,
            )
        alpha = _by_place(said, "alpha_pattern", "lora_alpha", place)
    else:
        alpha = rank
    if not math.isfinite(alpha) or alpha <= 0:
        raise unusable(file, f"{place} has the alpha {alpha:g}, which is no strength", _SAVE_AGAIN)
    return int(alpha) if float(alpha).is_integer() else alpha


def _by_place(said: Mapping[str, Any], pattern: str, default: str, place: str) -> float:
    patterns = said.get(pattern) or {}
    found = patterns.get(get_pattern_key(patterns.keys(), place), said.get(default, 8))
    return float(found)


def _all_or_none(file: Path, parts: dict[str, dict[Part, str]], part: Part) -> bool:
    having = sum(part in own for own in parts.values())
    if 0 < having < len(parts):
        raise unusable(file, f"only {having} of its {len(parts)} places have a {part}", _SAVE_AGAIN)
    return having > 0


def _settings(
    file: Path, matrices: Mapping[str, Tensor], notes: Mapping[str, str]
) -> dict[str, Any]:
    """What peft's or diffusers' settings say; empty where the file needs none."""
    beside = settings_file(file)
    if beside is not None:
        raw, where = read_bytes(beside, SETTINGS_MB), PEFT_SETTINGS
    elif any(key.startswith(WRAPPED) for key in matrices):
        raise unusable(
            file,
            f"its rank and alpha stand in {PEFT_SETTINGS}, which does not lie beside it",
            "Give the folder that peft wrote, with both files under their names.",
        )
    elif HEADER in notes:
        raw, where = notes[HEADER].encode(), "its header"
    else:
        return {}
    try:
        said = json.loads(raw)
        own = {key: value for key, value in said.items() if key.startswith(DENOISER)}
        said = {key.removeprefix(DENOISER): value for key, value in (own or said).items()}
        for name in ("r", "lora_alpha"):
            float(said.get(name, 8))
        for name in ("rank_pattern", "alpha_pattern"):
            for pattern, value in (said.get(name) or {}).items():
                re.compile(pattern)
                float(value)
    except (ValueError, TypeError, AttributeError, RecursionError, re.error) as error:
        raise unusable(file, f"the settings in {where} cannot be read", _SAVE_AGAIN) from error
    _must_be_plain(file, said)
    return said


def _must_be_plain(file: Path, said: Mapping[str, Any]) -> None:
    kind = str(said.get("peft_type") or "LORA").rpartition(".")[2]
    if kind != "LORA":
        raise unusable(file, f"it is a {kind} of peft", _PLAIN)
    more = sorted(name for name, value in said.items() if value and name not in _READ)
    if said.get("bias", "none") != "none":
        more.append("bias")
    start = said.get("init_lora_weights", True)
    if start not in _PLAIN_STARTS:
        more.append(f"init_lora_weights {start!r}")
    if more:
        raise unusable(file, f"it asks peft for {', '.join(more)}", _PLAIN)


_PLAIN = "Convert it to a plain LoRA with peft, or merge it into its model."
