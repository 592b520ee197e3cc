"""A CLIP model in a folder of the user's: pictures and prompts in one space."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers import CLIPImageProcessor

from studio.errors import StudioError
from studio.evaluation.findings import Profile
from studio.evaluation.quality.files import images, parts
from studio.hashes import short_sha256
from studio.models.clip import clip_in
from studio.models.fetching import weight_files

Floats = NDArray[np.float64]


class Clip:
    """The model with its tokenizer and its way to prepare pictures.

    Args:
        folder: as `CLIPModel.save_pretrained` writes it, with tokenizer and preprocessor.
    """

    def __init__(self, folder: Path) -> None:
        model, self.tokenizer = clip_in(folder)
        self.model = model.eval()
        self.prepare = CLIPImageProcessor.from_pretrained(folder, local_files_only=True)
        self.hash = short_sha256(*weight_files(folder))

    def profile(self, scorer: str) -> Profile:
        """Who measured, for a score of this scorer."""
        return Profile(scorer, self.hash, ("CLIP",))

    @torch.no_grad()
    def pictures(self, files: Sequence[Path]) -> Floats:
        """Embeddings of length 1; (N, D)."""
        found = []
        for part in parts(files):
            pixels = self.prepare(images=list(images(part)), return_tensors="pt")["pixel_values"]
            found.append(_unit(self.model.get_image_features(pixel_values=pixels)))
        return np.concatenate(found)

    @torch.no_grad()
    def texts(self, prompts: Sequence[str]) -> Floats:
        """Embeddings of length 1; (N, D). Of a longer prompt the first tokens are read, as the
        published CLIP score reads it; see `cut`."""
        found = []
        for start in range(0, len(prompts), 64):
            batch = self.tokenizer(
                list(prompts[start : start + 64]),
                padding=True,
                truncation=True,
                return_tensors="pt",
            )
            found.append(_unit(self.model.get_text_features(**batch)))
        return np.concatenate(found)

    def cut(self, prompts: Sequence[str]) -> int:
        """How many prompts are longer than the model reads."""
        return too_long(self.tokenizer, prompts)


def too_long(tokenizer: Any, prompts: Sequence[str]) -> int:
    """How many prompts have more tokens than a tokenizer's model reads."""
    if not prompts:
        return 0
    ids = tokenizer(list(prompts), truncation=False, verbose=False)["input_ids"]
    return sum(len(row) > tokenizer.model_max_length for row in ids)


def clip_at(weights: Path | None) -> Clip:
    """The CLIP model in the folder with weights: in its part "clip", or the folder itself.

    Raises:
        StudioError: there is none.
    """
    places = [weights / "clip", weights] if weights else []
    for folder in places:
        if (folder / "config.json").exists() and (folder / "preprocessor_config.json").exists():
            return _loaded(folder)
    raise StudioError(
        "This needs a CLIP model, and none is given.",
        "Give --weights a folder in which a CLIP model lies in the part clip: config.json, "
        "model.safetensors, tokenizer and preprocessor_config.json.",
    )


@cache
def _loaded(folder: Path) -> Clip:
    try:
        return Clip(folder)
    except (OSError, ValueError) as error:
        raise StudioError(
            f"The CLIP model in {folder.name} cannot be read.",
            "Download its files again, model.safetensors among them.",
        ) from error


def _unit(found: Tensor) -> Floats:
    embedding = getattr(found, "pooler_output", found)  # transformers 4 hands over the tensor
    return F.normalize(embedding.float(), dim=1).double().numpy()
