"""A model's folder looked at before any of it is loaded: index, configs, words; no torch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.errors import StudioError
from studio.files import must_be_file
from studio.limits import WORDS_MB
from studio.models.config_files import Config, named, read_config, wrong
from studio.models.config_rules import check_scheduler, check_text, check_unet, check_vae
from studio.models.weight_files import DIFFUSERS, TRANSFORMERS, weights_of

INDEX = "model_index.json"
SD, XL = "StableDiffusionPipeline", "StableDiffusionXLPipeline"
# whose code a model may name; the safety checker has its own
LIBRARIES = (None, "diffusers", "transformers", "stable_diffusion", "stable_diffusion_xl")
_WORDS, _XL_WORDS = ("CLIPTextModel",), ("CLIPTextModelWithProjection",)
_TOKENIZERS = ("CLIPTokenizer", "CLIPTokenizerFast")
PARTS: dict[str, tuple[str, ...]] = {
    "unet": ("UNet2DConditionModel",),
    "vae": ("AutoencoderKL",),
    "text_encoder": _WORDS,
    "tokenizer": _TOKENIZERS,
}
XL_PARTS = {**PARTS, "text_encoder_2": _XL_WORDS, "tokenizer_2": _TOKENIZERS}
TOKENIZER_FILES = (
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "tokenizer.json",
)  # fmt: skip
FEWEST_TOKENS = 3  # begin, one word, end
_ADAPTER = re.compile(r"(adapter_model|pytorch_lora_weights|.*lora.*)\.safetensors", re.IGNORECASE)


@dataclass(frozen=True)
class ModelFolder:
    """A diffusers folder whose files say that it can be drawn.

    Attributes:
        kind: `SD` or `XL`. index: its model_index.json. configs: of each part that has one.
    """

    place: Path
    kind: str
    index: Config
    configs: dict[str, Config]

    @property
    def networks(self) -> tuple[str, ...]:
        """Its parts that have weights."""
        return tuple(part for part in self.configs if part != "scheduler")


def look_at(place: Path, source: str) -> ModelFolder:
    """Look at everything but the numbers of the weights.

    Args:
        place: the folder. source: how a person named it.

    Raises:
        StudioError: says which file is missing, broken or not of a kind that can be drawn.
    """
    index = _index(place)
    kind = kind_of(index, source)
    parts = XL_PARTS if kind == XL else PARTS
    if kind == XL and not _class(index, "text_encoder"):
        raise unusable(source, "it is the refiner of SDXL")
    for part, classes in parts.items():
        if _class(index, part) not in classes:
            raise unusable(source, f"its {part} is {_class(index, part) or 'missing'}")
    configs = {part: _config(place, part) for part in parts if "tokenizer" not in part}
    configs["scheduler"] = read_config(place / "scheduler" / "scheduler_config.json")
    must_be_drawable(configs, source, _class(index, "scheduler"))
    for part in parts:
        if part.startswith("tokenizer"):
            _check_words(place / part, configs[part.replace("tokenizer", "text_encoder")])
    found = ModelFolder(place, kind, index, configs)
    for part in found.networks:
        stem = TRANSFORMERS if part.startswith("text_encoder") else DIFFUSERS
        weights_of(place / part, stem).headers()
    return found


def must_be_drawable(configs: Mapping[str, Config], source: str, sampler: str = "") -> None:
    """Refuse configs that are broken, or of a model that is drawn in another way.

    Args:
        configs: of unet, vae, scheduler, text_encoder and, for SDXL, text_encoder_2.
        sampler: class that the index names for the scheduler.

    Raises:
        StudioError: says why.
    """
    unet, vae = configs["unet"], configs["vae"]
    reasons = [
        check_unet(unet),
        check_vae(vae),
        check_scheduler(configs["scheduler"], kind=sampler),
    ]
    width = 0
    for part in ("text_encoder", "text_encoder_2"):
        if part in configs:
            check_text(configs[part], f"{part}/config.json")
            width += configs[part].get("hidden_size", 512)
    depth = vae.get("latent_channels", 4)
    if unet.get("in_channels", 4) != depth:
        reasons.append("it paints into pictures (inpainting) or changes them")
    if unet.get("out_channels", 4) != depth:
        reasons.append("its denoiser answers with more than noise")
    if unet.get("cross_attention_dim", 1280) != width:
        reasons.append("its text encoder does not fit its denoiser")
    if ("text_encoder_2" in configs) != (unet.get("addition_embed_type") == "text_time"):
        reasons.append("its text encoder does not fit its denoiser")
    for reason in filter(None, reasons):
        raise unusable(source, reason)


def kind_of(index: Config, source: str) -> str:
    """The class of pipeline that an index names; refuses others, and code of its own.

    Raises:
        StudioError: it is made for something else, or asks to run what is none of the libraries'.
    """
    kind = str(index.get("_class_name", "nothing known"))
    if kind not in (SD, XL):
        raise unusable(source, f"it is made for {kind}")
    parts = [part[0] for part in index.values() if isinstance(part, list) and part]
    strange = next((name for name in parts if name not in LIBRARIES), None)
    if strange is not None:
        raise unusable(source, f"it asks to run {strange}")
    return kind


def unusable(source: str, reason: str) -> StudioError:
    """What is said of a model that can be read but not drawn."""
    return StudioError(
        f"The studio cannot use the model {source}: {reason}.",
        "Choose a text-to-image model of the Stable Diffusion 1, 2 or XL family.",
    )


def no_model_but_adapter(file: Path) -> StudioError:
    """What is said of an adapter that is given as a model."""
    return StudioError(
        f"{file.name} is an adapter (LoRA), not a model.",
        "Name its base model here, and give the file as an adapter.",
    )


def _index(place: Path) -> Config:
    if (place / INDEX).exists() or (place / INDEX).is_symlink():
        return read_config(place / INDEX)
    if (place / "adapter_config.json").exists():
        raise no_model_but_adapter(place / "adapter_config.json")
    weights = [file for file in place.glob("*.safetensors") if _ADAPTER.fullmatch(file.name)]
    if weights:
        raise no_model_but_adapter(weights[0])
    raise StudioError(
        f"{place} is a folder, but no diffusers model: model_index.json is missing.",
        "Choose a folder written by save_pretrained, or a .safetensors file.",
    )


def _class(index: Config, part: str) -> str:
    entry = index.get(part)
    named_class = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
    return str(named_class or "")


def _config(place: Path, part: str) -> Config:
    file = place / part / "config.json"
    config = read_config(file)
    own, wanted = config.get("_class_name"), (XL_PARTS[part])
    if own is not None and own not in wanted:
        raise wrong(named(file), "_class_name", own, f"one of {', '.join(wanted)}")
    if config.get("quantization_config"):
        raise StudioError(
            f"The weights of {part} are quantised, which the studio does not read.",
            "Get the model in full or half precision.",
        )
    return config


def _check_words(folder: Path, reader: Config) -> None:
    """Refuse a tokenizer whose files cannot be right for its text encoder."""
    for name in (*TOKENIZER_FILES, "merges.txt"):
        if (folder / name).exists() or (folder / name).is_symlink():
            must_be_file(folder / name)
    for name in TOKENIZER_FILES:
        if (folder / name).is_file():
            read_config(folder / name, WORDS_MB)
    whole = (folder / "tokenizer.json").is_file()
    if not whole and not ((folder / "vocab.json").is_file() and (folder / "merges.txt").is_file()):
        raise StudioError(
            f"{folder} holds no words: vocab.json and merges.txt, or tokenizer.json, are missing.",
            "Get the model again.",
        )
    if not whole:
        check_vocabulary(read_config(folder / "vocab.json", WORDS_MB), reader, folder.name)
    settings = folder / "tokenizer_config.json"
    told = read_config(settings).get("model_max_length") if settings.is_file() else None
    if told is not None and (
        isinstance(told, bool) or not isinstance(told, int | float) or not told >= FEWEST_TOKENS
    ):
        needed = f"a whole number from {FEWEST_TOKENS} on"
        raise wrong(named(settings), "model_max_length", told, needed)


def check_vocabulary(words: Config, reader: Config, part: str) -> None:
    """Refuse numbers of words that the text encoder has not, or that two words share.

    Raises:
        StudioError: says which word.
    """
    size, seen = int(reader.get("vocab_size", 49408)), set()
    for word, number in words.items():
        if type(number) is not int or not 0 <= number < size or number in seen:
            raise StudioError(
                f"The {part} gives {word[:40]!r} the number {repr(number)[:20]}; its text "
                f"encoder has places from 0 to {size - 1}, one for each.",
                "Get tokenizer and text encoder of the same model.",
            )
        seen.add(number)
    if len(words) < 0.9 * size:
        raise StudioError(
            f"The {part} knows {len(words)} words, and its text encoder has places for {size}.",
            "Get tokenizer and text encoder of the same model.",
        )
