"""Put the trained parts together as an ordinary diffusers folder in half precision."""

import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from studio.iconworld.unet import new_scheduler

MOST_MB = 36


def assemble(build: Path, target: Path, judge: Path) -> float:
    """Write model and judge from the parts in `build`; keeps what else lies in `target`.

    Returns:
        Size of the model's folder in MB.
    """
    parts = {
        "vae": AutoencoderKL.from_pretrained(build / "vae"),
        "text_encoder": CLIPTextModel.from_pretrained(build / "retell" / "text_encoder"),
        "unet": UNet2DConditionModel.from_pretrained(build / "unet" / "unet"),
    }
    for name, part in parts.items():
        for value in part.parameters():
            if not torch.isfinite(value.half()).all():
                raise ValueError(f"{name} does not fit half precision")
    pipeline = StableDiffusionPipeline(
        **{name: part.half() for name, part in parts.items()},
        tokenizer=CLIPTokenizer.from_pretrained(build / "tokenizer"),
        scheduler=new_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(target, safe_serialization=True)
    _read_in_single_precision(target / "text_encoder" / "config.json")
    judge.mkdir(exist_ok=True)
    for file in sorted((build / "judge-looks").iterdir()):
        shutil.copyfile(file, judge / file.name)
    size_mb = sum(f.stat().st_size for f in target.rglob("*") if f.is_file()) / 1e6
    if size_mb > MOST_MB:
        raise ValueError(f"Icon World is {size_mb:.1f} MB, more than {MOST_MB}.")
    return size_mb


def _read_in_single_precision(file: Path) -> None:
    """transformers loads what the config names, diffusers single precision: name the same."""
    config = json.loads(file.read_text())
    file.write_text(json.dumps(config | {"dtype": "float32"}, indent=2) + "\n")
