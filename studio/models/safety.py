"""Stable Diffusion's safety checker, asked for its scores and not for black pictures.

Source: diffusers' StableDiffusionSafetyChecker; Rando et al., 2022, "Red-Teaming the Stable
Diffusion Safety Filter", arXiv:2210.04610, tells what its unnamed vectors stand for.
"""

from collections.abc import Sequence

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import (
    StableDiffusionSafetyChecker,
    cosine_distance,
)
from PIL import Image
from torch import Tensor

from studio.errors import StudioError
from studio.hashes import short_sha256
from studio.models.clip import (
    BATCH,
    Floats,
    described,
    device,
    image_processor,
    pixels,
)
from studio.models.config_files import named, read_config
from studio.models.config_rules import check_clip
from studio.models.fetching import CONFIG, local_folder, weight_files
from studio.models.whole import whole

CARE = 0.01  # what a vector of special care adds to all others
KNOWN = ("StableDiffusionSafetyChecker",)
DIGITS = 3  # the checker rounds before it compares with 0


class SafetyChecker:
    """The checker, loaded once.

    Attributes:
        model_hash: start of the SHA-256 of its weights.

    Raises:
        StudioError: see `local_folder`; or the folder holds no safety checker.
    """

    def __init__(self, source: str) -> None:
        folder = local_folder(source)
        config = read_config(folder / CONFIG)
        if "StableDiffusionSafetyChecker" not in config.get("architectures", KNOWN):
            raise StudioError(
                f"{folder} holds no safety checker that can be loaded.",
                "Choose the folder safety_checker of a Stable Diffusion 1 model.",
            )
        check_clip(config, named(folder / CONFIG))
        self._net = whole(StableDiffusionSafetyChecker, folder)
        self._device = device()
        self._net.requires_grad_(False).eval().to(self._device)
        self._eye = image_processor(folder, self._net.config.vision_config.image_size)
        self.model_hash = short_sha256(*weight_files(folder))

    @property
    def looks(self) -> tuple[str, ...]:
        """How pictures reach it, in words for a profile."""
        return described(self._eye)

    @torch.no_grad()
    def margins(self, images: Sequence[Image.Image]) -> Floats:
        """How far each concept's cosine lies above its threshold; above 0 it fires.

            margin = round(cos(picture, concept) - threshold + care, 3)
            care = 0.01 where one of the vectors of special care fires, else 0

        Returns:
            (B, concepts), of all pictures.
        """
        rows = [
            self._margins(images[start : start + BATCH]) for start in range(0, len(images), BATCH)
        ]
        return np.concatenate([np.zeros((0, len(self._net.concept_embeds)), np.float32), *rows])

    def _margins(self, images: Sequence[Image.Image]) -> Floats:
        net = self._net
        seen = net.visual_projection(
            net.vision_model(pixels(self._eye, images).to(self._device))[1]
        )
        special = _above(seen, net.special_care_embeds, net.special_care_embeds_weights)
        care = np.float32(CARE) * (special.round(DIGITS) > 0).any(1, keepdims=True)
        above = _above(seen, net.concept_embeds, net.concept_embeds_weights)
        rounded: Floats = (above + care).round(DIGITS)
        return rounded


def _above(seen: Tensor, vectors: Tensor, thresholds: Tensor) -> Floats:
    return (cosine_distance(seen, vectors) - thresholds).float().cpu().numpy()
