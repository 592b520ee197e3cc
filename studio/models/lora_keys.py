"""What the names in an adapter's file say: which place, which part, which program; no torch.

Read are plain LoRA and DoRA under the names of peft (`lora_A`), diffusers (`lora.down`, also the
old `processor.to_q_lora.down`) and kohya (`lora_unet_....lora_down`), and full weights of this
studio (`unet.PARAMETER.delta`). Everything else is refused by its name: an adapter that is read in
part draws another picture than its author's.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from studio.errors import StudioError

Part = Literal["down", "up", "alpha", "magnitude", "bias"]
PEFT, PEFT_SETTINGS = "adapter_model", "adapter_config.json"
FOLDER_FILES = (f"{PEFT}.safetensors", "pytorch_lora_weights.safetensors")
WRAPPED, DENOISER, KOHYA = "base_model.model.", "unet.", "lora_unet_"
CHANGE = ".delta"  # ends the names of this studio's full weights

_ENDS: dict[str, Part] = {
    "lora_A.weight": "down",
    "lora.down.weight": "down",
    "lora_down.weight": "down",
    "lora_B.weight": "up",
    "lora.up.weight": "up",
    "lora_up.weight": "up",
    "lora_B.bias": "bias",
    "lora_magnitude_vector": "magnitude",
    "lora_magnitude_vector.weight": "magnitude",
    "alpha": "alpha",
}
_OLD = re.compile(r"(.+)\.processor\.(to_[qkv]|to_out)_lora\.(down|up)\.weight")
_READER = re.compile(r"(text_encoder(_\d)?|text_model|te\d?)\.|lora_te\d?_")
_OTHER_KINDS: tuple[tuple[str, str], ...] = (
    (r"\.hada_\w+$", "a LoHa of LyCORIS"),
    (r"\.lokr_\w+$", "a LoKr of LyCORIS"),
    (r"\.lora_mid\.weight$", "a LoCon with Tucker decomposition of LyCORIS"),
    (r"\.(oft|boft)_\w+", "an OFT"),
    (r"\.(diff|diff_b|w_norm|b_norm)$", "a difference of whole weights of LyCORIS"),
    (r"\.(on_input|ia3_l)$", "an IA3"),
    (r"\.(a1|a2|b1|b2|bm1|bm2|cm1|cm2)\.weight$", "a GLoRA of LyCORIS"),
    (r"\.dora_scale$", "a DoRA in kohya's format, whose scale stock diffusers leaves out"),
    (r"\.lora_embedding_[AB]$", "a LoRA of embeddings"),
    (r"^lora_controlnet$", "a Control-LoRA"),
)
_MERGE = "Merge it into its model with the program that made it, or train it as a plain LoRA."


def adapter_file(place: Path) -> Path:
    """The file of weights of an adapter: the place itself, or what peft and diffusers write there.

    Raises:
        StudioError: the folder holds no such file, or only a pickled one.
    """
    if not place.is_dir():
        return place
    found = [place / name for name in FOLDER_FILES if (place / name).exists()]
    found += [] if found else sorted(place.glob("*.safetensors"))
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise StudioError(
            f"The folder {place.name} holds several adapters.", "Give the path of one of the files."
        )
    if any(place.glob("*.bin")):
        raise StudioError(
            f"The adapter in {place.name} is pickled (.bin), which could run programs.",
            "Save it as .safetensors with the program that made it.",
        )
    raise StudioError(f"There is no adapter at {place}.", "Choose a finished run, or another file.")


def settings_file(file: Path) -> Path | None:
    """Where peft keeps rank and alpha of an adapter of its own; None for files of others."""
    beside = file.with_name(PEFT_SETTINGS)
    return beside if file.stem == PEFT and beside.is_file() else None


def looks_like_adapter(text: str) -> bool:
    """Whether what a person wrote is an adapter's file, or a folder that holds one."""
    if text.endswith(".safetensors"):
        return True
    if not text or text.strip(". ") != text:
        return False
    place = os.path.expanduser(text)
    known = (*FOLDER_FILES, PEFT_SETTINGS)
    return os.path.isdir(place) and any(os.path.exists(f"{place}/{name}") for name in known)


def of_changes(names: Iterable[str]) -> bool:
    """Whether a file holds full weights of this studio, as differences from the base."""
    return any(name.endswith(CHANGE) for name in names)


def changed_tensors(file: Path, names: Iterable[str]) -> dict[str, str]:
    """Parameter of the denoiser -> name of its difference in a file of full weights.

    Raises:
        StudioError: there is anything else in it.
    """
    keys = sorted(names)
    found = {
        key.removeprefix(DENOISER).removesuffix(CHANGE): key
        for key in keys
        if key.startswith(DENOISER) and key.endswith(CHANGE)
    }
    strange = sorted(set(keys) - set(found.values()))
    if strange:
        raise foreign(
            file, f"{_share(strange, keys)} are of no full weights, such as {strange[0][:80]!r}"
        )
    return found


def must_be_adapter(file: Path, names: Iterable[str]) -> None:
    """Refuse a file that holds tensors of anything but one known kind of adapter.

    Raises:
        StudioError: says what and whose.
    """
    keys = list(names)
    if of_changes(keys):
        changed_tensors(file, keys)
    else:
        sorted_keys(file, keys)


def sorted_keys(file: Path, names: Iterable[str]) -> dict[str, dict[Part, str]]:
    """Place -> part -> name of the tensor, all of the denoiser.

    A place is a path inside the denoiser, or, in kohya's format, begins with `lora_unet_`.

    Raises:
        StudioError: there is anything else in it; says what and whose.
    """
    keys = sorted(names)
    for pattern, kind in _OTHER_KINDS:
        other = [key for key in keys if re.search(pattern, key)]
        if other:
            raise unusable(file, f"it is {kind}: {other[0]}", _MERGE)
    reading = [key for key in keys if _READER.match(key.removeprefix(WRAPPED))]
    if reading:
        raise unusable(
            file,
            f"{len(reading)} of its {len(keys)} tensors change a text encoder, such as "
            f"{reading[0]}, and adapters change only the denoiser here",
            "Train it without the text encoder, or merge it into its model with the program that "
            "made it.",
        )
    found: dict[str, dict[Part, str]] = {}
    strange = []
    for key in keys:
        place, part = _read(key)
        if part is None or not place:
            strange.append(key)
        elif part in found.setdefault(place, {}):
            raise foreign(file, f"{place} stands in it twice")
        else:
            found[place][part] = key
    if strange:
        raise foreign(file, f"{_share(strange, keys)} are of no LoRA, such as {strange[0][:80]!r}")
    if not found:
        raise foreign(file, "it holds nothing")
    for place, parts in found.items():
        missing = {"down", "up"} - parts.keys()
        if missing:
            raise foreign(file, f"{place} has one half of a pair only")
    with_alpha = [place for place, parts in found.items() if "alpha" in parts]
    if 0 < len(with_alpha) < len(found):
        raise unusable(
            file,
            f"only {len(with_alpha)} of its {len(found)} places say their alpha",
            "Save it again with the program that made it.",
        )
    return found


def _read(key: str) -> tuple[str, Part | None]:
    name = key.removeprefix(WRAPPED).removeprefix(DENOISER)
    if old := _OLD.fullmatch(name):
        before, layer, letter = old.groups()
        layer = "to_out.0" if layer == "to_out" else layer
        return f"{before}.{layer}", "down" if letter == "down" else "up"
    for end, part in _ENDS.items():
        if name.endswith(f".{end}"):
            return name.removesuffix(f".{end}"), part
    return name, None


def _share(some: list[str], of: list[str]) -> str:
    return f"{len(some)} of its {len(of)} tensors"


def unusable(file: Path, why: str, way_out: str) -> StudioError:
    """An adapter that is whole, but of a kind that would be read wrongly."""
    return StudioError(f"The adapter {file.name} cannot be used: {why}.", way_out)


def foreign(file: Path, why: str) -> StudioError:
    """A file that belongs to another model, or is no adapter at all."""
    return StudioError(
        f"{file.name} is no adapter of this model: {why}.",
        "Choose an adapter that was trained on the same base model.",
    )
