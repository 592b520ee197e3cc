"""The space of pictures and prompts of Icon World; see `icon_match`."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import CLIPTextModel

from studio.errors import StudioError
from studio.evaluation.findings import Profile
from studio.evaluation.quality.clip import too_long
from studio.evaluation.quality.contrast_heads import ContrastHeads
from studio.evaluation.quality.features import embed, judge_looks
from studio.hashes import short_sha256
from studio.models.tokenizers import tokenizer_of
from studio.models.whole import fill, tensors_of, whole
from studio.world import ICON_JUDGE, ICON_WORLD

Floats = NDArray[np.float64]


class IconSpace:
    """The judge, the text encoder and the heads, all frozen."""

    def __init__(self) -> None:
        file = ICON_JUDGE / "contrast.safetensors"
        if not file.exists():
            raise StudioError(
                "The heads that match pictures and prompts of Icon World are missing.",
                "Get assets/icon-world-judge again.",
            )
        words = ICON_WORLD / "text_encoder"
        self.encoder = whole(CLIPTextModel, words).eval()
        self.tokenizer = tokenizer_of(ICON_WORLD / "tokenizer", self.encoder.config)
        self.heads = ContrastHeads(self.encoder.config.hidden_size)
        fill(self.heads, tensors_of(file), file.name)
        self.heads.eval()
        judge = ICON_JUDGE / "judge.safetensors"
        self.hash = short_sha256(file, judge, words / "model.safetensors")

    def profile(self, scorer: str) -> Profile:
        """Who measured, for a score of this scorer."""
        return Profile(scorer, self.hash, ("judge features", "Icon World's text encoder"))

    @torch.no_grad()
    def pictures(self, files: Sequence[Path]) -> Floats:
        """Vectors of length 1; (N, S)."""
        features = torch.from_numpy(embed(judge_looks(), files)).float()
        return self.heads.pictures(features).double().numpy()

    @torch.no_grad()
    def texts(self, prompts: Sequence[str]) -> Floats:
        """Vectors of length 1; (N, S)."""
        found = []
        for start in range(0, len(prompts), 64):
            ids = self.tokenizer(
                list(prompts[start : start + 64]),
                padding=True,
                truncation=True,
                return_tensors="pt",
            )["input_ids"]
            found.append(self.heads.texts(self.encoder(ids).pooler_output).double().numpy())
        return np.concatenate(found)

    def cut(self, prompts: Sequence[str]) -> int:
        """How many prompts are longer than the encoder reads."""
        return too_long(self.tokenizer, prompts)


@cache
def icon_space() -> IconSpace:
    """Loaded once."""
    return IconSpace()
