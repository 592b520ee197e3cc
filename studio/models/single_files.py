"""Models in one .safetensors file, with the names of the code they were trained with."""

from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline, StableDiffusionPipeline, StableDiffusionXLPipeline

from studio.config import ModelCard, Prediction
from studio.errors import StudioError
from studio.models.folders import must_be_drawable, no_model_but_adapter, unusable
from studio.models.lora_keys import of_changes
from studio.models.weights import Header, read_header
from studio.models.whole import must_be_filled

XL_KEY = "conditioner.embedders.1."  # SDXL has a second text encoder
REFINER_KEY = "conditioner.embedders.0.model."
DENOISER, CODER = "model.diffusion_model.", "first_stage_model."
READERS = ("cond_stage_model.", "conditioner.embedders.")
FIRST = f"{DENOISER}input_blocks.0.0.weight"
# what trainers leave in files whose denoiser is no plain one
V_KEYS, ZERO_SNR_KEY = ("v_pred",), "ztsnr"
EDM_KEYS = ("edm_mean", "edm_std", "edm_vpred.sigma_max", "edm_vpred.sigma_min")
TOLD = {"epsilon": "epsilon", "eps": "epsilon", "v": "v_prediction", "v_prediction": "v_prediction"}


def must_be_whole(place: Path) -> Header:
    """Refuse a file that is no whole model that can be drawn; reads its header alone.

    Raises:
        StudioError: says why.
    """
    if place.suffix != ".safetensors":
        raise StudioError(
            f"{place.name} is not a .safetensors file, and pickled weights can run code.",
            "Convert it to .safetensors, or give a diffusers folder.",
        )
    header = read_header(place)
    names = header.tensors
    adapter = any("lora_" in name or ".hada_" in name or ".lokr_" in name for name in names)
    if adapter or of_changes(names):
        raise no_model_but_adapter(place)
    for starts, reason in (
        ((DENOISER,), "it holds no denoiser under the names of a whole model"),
        ((CODER,), "it holds no autoencoder under the names of a whole model"),
        (READERS, "it holds no text encoder under the names of a whole model"),
    ):
        if not any(name.startswith(starts) for name in names):
            raise unusable(place.name, reason)
    if any(key in names for key in EDM_KEYS):
        raise unusable(place.name, "its noise levels are those of EDM, not of Stable Diffusion")
    if any(name.startswith(REFINER_KEY) for name in names):
        raise unusable(place.name, "it is the refiner of SDXL")
    if any("cond_proj" in name and name.startswith(DENOISER) for name in names):
        raise unusable(
            place.name, "it is told the guidance instead of being guided (a distillate such as LCM)"
        )
    if FIRST in names and names[FIRST][1][1:2] != (4,):
        raise unusable(place.name, "it paints into pictures (inpainting) or changes them")
    return header


def prediction_told(header: Header) -> Prediction | None:
    """What a file says that its denoiser answers with, by marks and notes; None: it does not say.

    Marks are the empty tensors v_pred and ztsnr; notes those of the model specification
    (modelspec.prediction_type) and of sd-scripts (ss_v_parameterization).
    """
    if any(key in header.tensors for key in V_KEYS):
        return "v_prediction"
    for key in ("modelspec.prediction_type", "modelspec.predict_key", "prediction_type"):
        told = header.notes.get(key, "").strip().lower()
        if told in TOLD:
            return "v_prediction" if TOLD[told] == "v_prediction" else "epsilon"
    told = header.notes.get("ss_v_parameterization", "").strip().lower()
    if told in ("true", "1"):
        return "v_prediction"
    return "epsilon" if told in ("false", "0") else None


def is_silent(place: Path) -> bool:
    """Whether this is a single file that does not say what its denoiser answers with."""
    return place.is_file() and prediction_told(read_header(place)) is None


def single_file(place: Path, card: ModelCard, dtype: torch.dtype) -> DiffusionPipeline:
    """The stock pipeline of a single file; words and settings come from the hub or its cache.

    Where the file does not say what its denoiser answers with, the stock pipeline guesses;
    `studio.models.prediction` measures it.

    Raises:
        StudioError: see `must_be_whole`.
    """
    header = must_be_whole(place)
    if any(name.startswith(XL_KEY) for name in header.tensors):
        pipeline = StableDiffusionXLPipeline.from_single_file(str(place), dtype=dtype)
    else:
        pipeline = StableDiffusionPipeline.from_single_file(
            str(place), dtype=dtype, safety_checker=None, feature_extractor=None
        )
    nets = ("unet", "vae", "text_encoder", "text_encoder_2")
    found = {name: net for name in nets if (net := getattr(pipeline, name, None)) is not None}
    for name, net in found.items():
        must_be_filled(net, f"The {name} in {place.name}")
    levels = levels_told(dict(pipeline.scheduler.config), header)
    pipeline.scheduler = type(pipeline.scheduler).from_config(levels)
    configs: dict[str, Any] = {name: _plain(net.config) for name, net in found.items()}
    must_be_drawable({**configs, "scheduler": levels}, card.source)
    return pipeline


def levels_told(levels: dict[str, Any], header: Header) -> dict[str, Any]:
    """A scheduler's config with what a file says of its denoiser, where it says anything."""
    told = prediction_told(header)
    changed = levels if told is None else {**levels, "prediction_type": told}
    if ZERO_SNR_KEY in header.tensors and changed.get("prediction_type") == "v_prediction":
        changed = {**changed, "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    return changed


def _plain(config: Any) -> dict[str, Any]:
    """A loaded config as its file would hold it."""
    values = config.to_dict() if hasattr(config, "to_dict") else dict(config)
    return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}
