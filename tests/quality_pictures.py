"""Pictures for tests of quality: drawn ones that ship, and 'models' that draw nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    CLIPTextConfig,
    CLIPVisionConfig,
)

from studio.pictures import read_parameters, save_png
from studio.world import ROOT
from tests.tiny import tiny_tokenizer

DRAWN = sorted((ROOT / "assets" / "demo-run" / "samples" / "00000").glob("*.png"))
Pixels = np.ndarray


@dataclass(frozen=True)
class Drawings:
    """Two drawings of the original model, and what else a 'model' may draw."""

    folder: Path
    prompts: list[str]
    original: list[Path]
    floor: list[Path]

    def of(self, name: str, draw: Callable[[Pixels, int], Pixels]) -> list[Path]:
        """Pictures made from the original's, one by one."""
        found = []
        for place, (file, prompt) in enumerate(zip(self.original, self.prompts, strict=True)):
            pixels = draw(np.asarray(Image.open(file)), place).astype(np.uint8)
            found.append(_write(self.folder / name / file.name, pixels, prompt))
        return found


# what a broken model draws
NOTHING: dict[str, Callable[[Pixels, int], Pixels]] = {
    "black": lambda pixels, place: np.zeros_like(pixels),
    "constant": lambda pixels, place: np.full_like(pixels, (40, 160, 90)),
    "noise": lambda pixels, place: np.random.default_rng(place).integers(0, 256, pixels.shape),
}


def drawings(folder: Path) -> Drawings:
    """The 16 shipped pictures of the original model at 64 px, each several times.

    They are moved by a few pixels, and half of them have their colours exchanged, so that there are
    64 that differ.
    """
    prompts, original, floor = [], [], []
    rng = np.random.default_rng(0)
    for place in range(4 * len(DRAWN)):
        turn, which = divmod(place, len(DRAWN))
        with Image.open(DRAWN[which]) as image:
            pixels = np.asarray(image.convert("RGB").resize((64, 64), Image.Resampling.BOX))
        prompts.append(str(read_parameters(DRAWN[which])["prompt"]))
        for name, column in (("original", original), ("floor", floor)):
            moved = np.roll(pixels, tuple(rng.integers(-4, 5, 2)), (0, 1))
            moved = np.roll(moved, turn % 3, 2)
            column.append(_write(folder / name / f"{place:03}.png", moved, prompts[-1]))
    return Drawings(folder, prompts, original, floor)


def _write(file: Path, pixels: Pixels, prompt: str) -> Path:
    save_png(Image.fromarray(pixels), file, {"prompt": prompt, "model": "icon-world"})
    return file


def save_tiny_clip(folder: Path) -> Path:
    """Write a tiny random CLIP into the part "clip" of a folder with weights."""
    torch.manual_seed(0)
    target, tokenizer = folder / "clip", tiny_tokenizer(folder / "words")
    size = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    words = CLIPTextConfig(
        vocab_size=len(tokenizer),
        num_hidden_layers=2,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        **size,
    )
    eyes = CLIPVisionConfig(image_size=32, patch_size=8, num_hidden_layers=2, **size)
    config = CLIPConfig(text_config=words.to_dict(), vision_config=eyes.to_dict(), projection_dim=8)
    CLIPModel(config).save_pretrained(target)
    tokenizer.save_pretrained(target)
    side = {"height": 32, "width": 32}
    CLIPImageProcessor(size=side, crop_size=side).save_pretrained(target)
    return folder
