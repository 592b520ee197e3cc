"""Model card -> the parts of a Stable Diffusion model, on the device that is there."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DiffusionPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from studio.config import ModelCard, Precision
from studio.errors import StudioError
from studio.files import place_of
from studio.models.fetching import pinned
from studio.models.folders import SD, XL, ModelFolder, kind_of, look_at
from studio.models.single_files import is_silent, must_be_whole, single_file
from studio.models.snapshots import not_looked_into, on_disk
from studio.models.tokenizers import tokenizer_of
from studio.models.whole import first_line, must_fit, whole
from studio.world import ROOT

NETWORKS: dict[str, type[Any]] = {
    "unet": UNet2DConditionModel,
    "vae": AutoencoderKL,
    "text_encoder": CLIPTextModel,
    "text_encoder_2": CLIPTextModelWithProjection,
}
FAMILY = {SD: StableDiffusionPipeline, XL: StableDiffusionXLPipeline}


@dataclass(frozen=True)
class SecondReader:
    """What SDXL reads prompts with besides the first text encoder."""

    text_encoder: CLIPTextModelWithProjection
    tokenizer: CLIPTokenizer
    zero_null: bool  # the empty prompt is all zeros, as its pipeline draws it

    @property
    def pooled_width(self) -> int:
        """Length of the pooled state."""
        return int(self.text_encoder.config.projection_dim)


@dataclass
class Bundle:
    """The parts of a loaded model. The denoiser carries the adapters.

    Attributes:
        tokens: learned words -> how many vectors each has; see `studio.models.tokens`.
    """

    card: ModelCard
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizer
    scheduler: DDIMScheduler
    device: torch.device
    dtype: torch.dtype
    second: SecondReader | None = None
    tokens: dict[str, int] = field(default_factory=dict)

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one latent."""
        side = self.size_px // self.vae_scale
        return (int(self.unet.config.in_channels), side, side)

    @property
    def vae_scale(self) -> int:
        """Pixels per latent cell along one side."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def size_px(self) -> int:
        """Side of the pictures, pixels."""
        own = self.unet.config.sample_size
        side = own[0] if isinstance(own, list | tuple) else own
        return self.card.size_px or int(side) * self.vae_scale


def choose_device(precision: Precision = "half") -> tuple[torch.device, torch.dtype]:
    """The GPU where there is one, in this precision; else the CPU in single precision."""
    if not torch.cuda.is_available():
        return torch.device("cpu"), torch.float32
    half = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.device("cuda"), half if precision == "half" else torch.float32


def device_name() -> str:
    """What the device of `choose_device` is called: the GPU's name, or the CPU and its threads."""
    device, _ = choose_device()
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU ×{torch.get_num_threads()}"


def load_bundle(card: ModelCard, *, root: Path = ROOT) -> Bundle:
    """Load a diffusers folder, a single `.safetensors` file, or a model of the hub.

    Pickled weights are never read. On a GPU, base weights come in the precision of the card;
    adapters are kept in single precision whatever the base is.

    Raises:
        StudioError: there is no such folder or file, it is no model or one of another kind, or the
            hub is out of reach.
    """
    device, dtype = choose_device(card.precision)
    pipeline = _pipeline(card, root, dtype)
    levels = dict(pipeline.scheduler.config)
    if card.prediction_type is not None:
        levels["prediction_type"] = card.prediction_type
    bundle = Bundle(
        card,
        pipeline.unet.to(memory_format=torch.channels_last),
        pipeline.vae,
        pipeline.text_encoder,
        pipeline.tokenizer,
        DDIMScheduler.from_config(levels, clip_sample=False),
        device,
        dtype,
        _second_reader(pipeline),
    )
    parts = [bundle.unet, bundle.vae, bundle.text_encoder]
    if bundle.second is not None:
        parts.append(bundle.second.text_encoder)
    for part in parts:
        part.requires_grad_(False)
        part.to(device).eval()
    if dtype == torch.float16 and bundle.second is not None and bundle.vae.config.force_upcast:
        bundle.vae.to(torch.float32)  # SDXL's decoder overflows in half precision
    from studio.models.prediction import must_predict  # it needs a bundle

    must_predict(
        bundle, guessed=card.prediction_type is None and is_silent(root / place_of(card.source))
    )
    return bundle


def _second_reader(pipeline: DiffusionPipeline) -> SecondReader | None:
    if not isinstance(pipeline, StableDiffusionXLPipeline):
        return None
    zero = bool(pipeline.config.force_zeros_for_empty_prompt)
    return SecondReader(pipeline.text_encoder_2, pipeline.tokenizer_2, zero)


def _pipeline(card: ModelCard, root: Path, dtype: torch.dtype) -> DiffusionPipeline:
    place = local_place(card, root)
    way_out = "Choose another folder, or get this one again."
    try:
        if place is not None and place.is_file():
            way_out = (
                "A single file takes its words and settings from the hub: load it once with the "
                "network on and HF_HUB_OFFLINE not set, or give a diffusers folder."
            )
            return single_file(place, card, dtype)
        if place is None:
            way_out = (
                "Check the id, the network and that HF_HUB_OFFLINE is not set, or download the "
                "model first and give its folder."
            )
            place = _fetched(card)
        return _assembled(look_at(place, card.source), card, dtype)
    except StudioError:
        raise
    except Exception as error:  # a model of other people's can break its reader anywhere
        raise StudioError(
            f"The model {card.source} could not be loaded: {first_line(error)}", way_out
        ) from error


def local_place(card: ModelCard, root: Path = ROOT) -> Path | None:
    """The folder or file of a model; None for one of the hub.

    Raises:
        StudioError: it is meant as a path, and nothing is there.
    """
    place = root / place_of(card.source)
    if place.is_file() or place.is_dir():
        return place
    if looks_like_path(card.source):
        raise StudioError(
            f"There is no model at {card.source}.", "Check the spelling of the folder or file."
        )
    return None


def must_be_loadable(card: ModelCard, *, root: Path = ROOT) -> str:
    """Refuse what `load_bundle` would, as far as files, configs and headers tell; reads no weights.

    A model of the hub is looked at where it lies in the local cache.

    Returns:
        That it could not be looked into, where it is not on this machine yet; else "".

    Raises:
        StudioError: see `load_bundle`.
    """
    local_place(card, root)
    place = on_disk(card, root)
    if place is None:
        return not_looked_into(card)
    if place.is_file():
        must_be_whole(place)
    else:
        for part in (found := look_at(place, card.source)).networks:
            must_fit(NETWORKS[part], found.place / part)
    return ""


def _fetched(card: ModelCard) -> Path:
    """The folder of a model of the hub; its kind is looked at before anything big is fetched."""
    name, revision = pinned(f"{card.source}@{card.revision or ''}")
    kind = kind_of(DiffusionPipeline.load_config(name, revision=revision), card.source)
    nothing = {} if kind == XL else {"safety_checker": None}
    return Path(
        FAMILY[kind].download(
            name, revision=revision, use_safetensors=True, feature_extractor=None, **nothing
        )
    )


def _assembled(found: ModelFolder, card: ModelCard, dtype: torch.dtype) -> DiffusionPipeline:
    """The stock pipeline of a folder, from parts that are whole."""
    parts: dict[str, Any] = {
        part: whole(NETWORKS[part], found.place / part, dtype) for part in found.networks
    }
    for part in [part for part in parts if part.startswith("text_encoder")]:
        words = part.replace("text_encoder", "tokenizer")
        parts[words] = tokenizer_of(found.place / words, parts[part].config)
    parts["scheduler"] = _levels(found)
    if found.kind == XL:
        zero = bool(found.index.get("force_zeros_for_empty_prompt", True))
        more: dict[str, Any] = {"force_zeros_for_empty_prompt": zero, "add_watermarker": False}
    else:
        more = {"safety_checker": None, "feature_extractor": None}
        more |= {"requires_safety_checker": False}
    return FAMILY[found.kind](**parts, **more)


def _levels(found: ModelFolder) -> Any:
    """The scheduler that the index names; its class knows what the config leaves out."""
    entry = found.index.get("scheduler")
    named = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
    config = found.configs["scheduler"]
    kind = str(named or config.get("_class_name") or "DDIMScheduler")
    return getattr(diffusers, kind).from_config(config)


def looks_like_path(source: str) -> bool:
    """Whether a model's source is meant as a path and not as OWNER/NAME of a hub."""
    return (
        source.startswith((".", "/", "~"))
        or source.endswith((".safetensors", ".ckpt", ".pt", ".bin"))
        or source.count("/") != 1
    )
