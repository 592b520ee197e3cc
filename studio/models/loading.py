"""Model card -> the parts of a Stable Diffusion model, on the device that is there."""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DiffusionPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors import SafetensorError
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from studio.config import ModelCard, Precision
from studio.errors import StudioError
from studio.files import place_of
from studio.models.fetching import pinned
from studio.models.weights import read_header
from studio.world import ROOT

_BROKEN = (  # a folder of other people's can break its reader anywhere
    OSError, ValueError, LookupError, TypeError, RuntimeError, AttributeError, ImportError,
    AssertionError, ArithmeticError, MemoryError, SafetensorError,
)  # fmt: skip
FAMILY = {
    "StableDiffusionPipeline": StableDiffusionPipeline,
    "StableDiffusionXLPipeline": StableDiffusionXLPipeline,
}
# whose code a model may name; the safety checker has its own
LIBRARIES = (None, "diffusers", "transformers", "stable_diffusion", "stable_diffusion_xl")
XL_KEY = "conditioner.embedders.1."  # single files of SDXL have a second text encoder


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
        own = int(self.unet.config.sample_size) * self.vae_scale
        return self.card.size_px or own


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
    _must_be_text_to_image(pipeline, card)
    bundle = Bundle(
        card,
        pipeline.unet.to(memory_format=torch.channels_last),
        pipeline.vae,
        pipeline.text_encoder,
        pipeline.tokenizer,
        DDIMScheduler.from_config(pipeline.scheduler.config, clip_sample=False),
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
    return bundle


def _second_reader(pipeline: DiffusionPipeline) -> SecondReader | None:
    if not isinstance(pipeline, StableDiffusionXLPipeline):
        return None
    zero = bool(pipeline.config.force_zeros_for_empty_prompt)
    return SecondReader(pipeline.text_encoder_2, pipeline.tokenizer_2, zero)


def _pipeline(card: ModelCard, root: Path, dtype: torch.dtype) -> DiffusionPipeline:
    place = root / place_of(card.source)
    way_out = "Choose another folder, or get this one again."
    try:
        if place.is_file():
            way_out = (
                "A single file takes its words and settings from the hub: load it once with the "
                "network on and HF_HUB_OFFLINE not set, or give a diffusers folder."
            )
            return _single_file(place, dtype)
        if place.is_dir():
            if not (place / "model_index.json").exists():
                raise StudioError(
                    f"{place} is a folder, but no diffusers model: model_index.json is missing.",
                    "Choose a folder written by save_pretrained, or a .safetensors file.",
                )
            for file in sorted(place.rglob("*.safetensors")):
                read_header(file)
            return _folder(card, str(place), dtype, local_files_only=True)
        if looks_like_path(card.source):
            raise StudioError(
                f"There is no model at {card.source}.", "Check the spelling of the folder or file."
            )
        way_out = (
            "Check the id, the network and that HF_HUB_OFFLINE is not set, or download the model "
            "first and give its folder."
        )
        name, revision = pinned(f"{card.source}@{card.revision or ''}")
        return _folder(card, name, dtype, revision=revision)
    except _BROKEN as error:
        raise StudioError(
            f"The model {card.source} could not be loaded: {_first_line(error)}", way_out
        ) from error


def _folder(card: ModelCard, source: str, dtype: torch.dtype, **where: object) -> DiffusionPipeline:
    """A diffusers folder or hub model; its kind is looked at before anything big is fetched."""
    index = DiffusionPipeline.load_config(source, **where)
    kind = str(index.get("_class_name", "nothing known"))
    if kind not in FAMILY:
        raise _unusable(card, f"it is made for {kind}")
    parts = [part[0] for part in index.values() if isinstance(part, list) and part]
    strange = next((name for name in parts if name not in LIBRARIES), None)
    if strange is not None:
        raise _unusable(card, f"it asks to run {strange}")
    nothing = {} if "XL" in kind else {"safety_checker": None}
    return FAMILY[kind].from_pretrained(
        source, dtype=dtype, use_safetensors=True, feature_extractor=None, **nothing, **where
    )


def _must_be_text_to_image(pipeline: DiffusionPipeline, card: ModelCard) -> None:
    """Refuse what loads but is drawn in another way."""
    unet, width = pipeline.unet.config, pipeline.text_encoder.config.hidden_size
    if isinstance(pipeline, StableDiffusionXLPipeline):
        if pipeline.text_encoder is None:
            raise _unusable(card, "it is the refiner of SDXL")
        width += pipeline.text_encoder_2.config.hidden_size
    reasons = {
        "it paints into pictures (inpainting) or changes them": (
            unet.in_channels != pipeline.vae.config.latent_channels
        ),
        "its text encoder does not fit its denoiser": unet.cross_attention_dim != width,
        "it predicts neither noise nor v": (
            pipeline.scheduler.config.get("prediction_type", "epsilon")
            not in ("epsilon", "v_prediction")
        ),
    }
    for reason, holds in reasons.items():
        if holds:
            raise _unusable(card, reason)


def _unusable(card: ModelCard, reason: str) -> StudioError:
    return StudioError(
        f"The studio cannot use the model {card.source}: {reason}.",
        "Choose a text-to-image model of the Stable Diffusion 1, 2 or XL family.",
    )


def _single_file(place: Path, dtype: torch.dtype) -> DiffusionPipeline:
    if place.suffix != ".safetensors":
        raise StudioError(
            f"{place.name} is not a .safetensors file, and pickled weights can run code.",
            "Convert it to .safetensors, or give a diffusers folder.",
        )
    if any(name.startswith(XL_KEY) for name in read_header(place).tensors):
        return StableDiffusionXLPipeline.from_single_file(str(place), dtype=dtype)
    return StableDiffusionPipeline.from_single_file(
        str(place), dtype=dtype, safety_checker=None, feature_extractor=None
    )


def looks_like_path(source: str) -> bool:
    """Whether a model's source is meant as a path and not as OWNER/NAME of a hub."""
    return (
        source.startswith((".", "/", "~"))
        or source.endswith((".safetensors", ".ckpt", ".pt", ".bin"))
        or source.count("/") != 1
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]
