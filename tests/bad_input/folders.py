"""Folders of models, runs and sets that are broken, foreign, or reach outside."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.services.runs import DEMO
from tests.bad_input.pictures import WHOLE
from tests.bad_input.row import Bad, text
from tests.bad_input.weights import file_of

INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "scheduler": ["diffusers", "DDIMScheduler"],
}


def model(index: Any, *more: tuple[str, str | bytes]) -> Callable[[Path], Path]:
    """A maker of a diffusers folder with this index and these other files."""

    def make(folder: Path) -> Path:
        raw = index if isinstance(index, str | bytes) else json.dumps(index)
        for name, content in (("model_index.json", raw), *more):
            file = folder / "model" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder / "model"

    return make


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "model")
    return folder / "model"


def _circle(folder: Path) -> Path:
    (folder / "model").symlink_to(folder / "model")
    return folder / "model"


WORDS = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a": 2}
READER = {"vocab_size": 3, "hidden_size": 16, "num_attention_heads": 2}
CONFIGS: tuple[tuple[str, str | bytes], ...] = (
    ("unet/config.json", '{"sample_size": 16, "cross_attention_dim": 16}'),
    ("vae/config.json", "{}"),
    ("text_encoder/config.json", json.dumps(READER)),
    ("tokenizer/vocab.json", json.dumps(WORDS)),
    ("tokenizer/merges.txt", "#version: 0.2"),
    ("scheduler/scheduler_config.json", "{}"),
)
UNET = {"_class_name": "UNet2DConditionModel", "sample_size": 16, "cross_attention_dim": 16}
UNREAD = "cannot be read"
MODELS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty folder": (lambda folder: folder, "model_index.json is missing"),
    "a pipe": (_pipe, "no model at"),
    "a link in a circle": (_circle, "no model"),
    "index no JSON": (model("{"), UNREAD),
    "index of zeros": (model(b"\0" * 100), "no UTF-8"),
    "index a list": (model([1, 2]), UNREAD),
    "index a number": (model("3"), UNREAD),
    "deep index": (model("[" * 100_000), UNREAD),
    "empty index": (model({}), "made for nothing known"),
    "another pipeline": (model({"_class_name": "FluxPipeline"}), "made for FluxPipeline"),
    "class is a list": (model({"_class_name": ["os", "system"]}), "it is made for"),
    "class is a path": (model({"_class_name": "../../evil"}), "it is made for"),
    "code of another library": (
        model({**INDEX, "unet": ["os", "system"]}),
        "asks to run os",
    ),
    "code in the folder": (
        model({**INDEX, "unet": ["evil", "Net"]}, ("unet/evil.py", "raise SystemExit")),
        "asks to run evil",
    ),
    "library is a path": (model({**INDEX, "unet": ["../../evil", "Net"]}), "asks to run"),
    "no parts": (model(INDEX), UNREAD),
    "pickled weights alone": (
        model(
            INDEX, *CONFIGS, ("unet/diffusion_pytorch_model.bin", b"\x80\x04."),
        ),
        "pickled ones can run code",
    ),
    "lying weights": (
        model(INDEX, *CONFIGS,
              ("unet/diffusion_pytorch_model.safetensors", file_of({}, length=2**62))),
        "it says that its header",
    ),
    "endless channels": (
        model(
            INDEX,
            *CONFIGS,
            ("unet/config.json", json.dumps({**UNET, "block_out_channels": [2**30] * 4})),
            ("unet/diffusion_pytorch_model.safetensors", file_of({})),
        ),
        "says block_out_channels",
    ),
}  # fmt: skip
SINGLE: dict[str, tuple[str, bytes, str]] = {
    "a pickle": ("bad.ckpt", b"\x80\x04.", "pickled weights can run code"),
    "a .bin": ("bad.bin", b"\x80\x04.", "pickled weights can run code"),
    "a picture": ("bad.png", WHOLE, "not a .safetensors file"),
    "no ending": ("bad", file_of({}), "not a .safetensors file"),
    "whole, but no model": ("bad.safetensors", file_of({}), "it holds no denoiser"),
}


def run(config: str | bytes) -> Callable[[Path], Path]:
    """A maker of a run's folder with this config."""
    return text(config, "config.yaml")


EXAMPLE = (DEMO / "config.yaml").read_text(encoding="utf-8")
RUNS: dict[str, tuple[str | bytes, str]] = {
    "empty config": ("", "is no run of this studio"),
    "config a list": ("- a\n", "is no run of this studio"),
    "config no text": (b"\xff\xfe\0", "is no run of this studio"),
    "config with a tag": ("pack: !!python/object/apply:os.system ['ls']\n", "is no run"),
    "config of another studio": ("model: x\nsteps: 3\n", "is no run of this studio"),
    "numbers as keys": ("1: 2\n", "is no run of this studio"),
    "deep config": ("[" * 10_000, "is no run of this studio"),
    "unknown key": (EXAMPLE + "colour: red\n", "is no run of this studio"),
    "half a config": (EXAMPLE[: len(EXAMPLE) // 2], "is no run of this studio"),
}
ROW = {"unsafe": "a.png", "mosaic": "a.png", "benign": "a.png"}
SETS: dict[str, tuple[Any, str]] = {
    "manifest no JSON": ("{", "is no set of triplets"),
    "manifest a list": ([1], "is no set of triplets"),
    "deep manifest": ("[" * 100_000, "is no set of triplets"),
    "manifest of numbers": ({"rows": [1]}, "is no set of triplets"),
    "no rows": ({"rows": []}, "holds no triplets"),
    "a row that is not there": ({"rows": [{**ROW, "unsafe": "b.png"}]}, "is missing or cannot be"),
    "a row outside": ({"rows": [{**ROW, "unsafe": "../../secret.txt"}]}, "outside its folder"),
    "a root path": ({"rows": [{**ROW, "benign": "/etc/passwd"}]}, "outside its folder"),
    "a link to outside": ({"rows": [{**ROW, "unsafe": "out.png"}]}, "outside its folder"),
    "zero byte in a name": ({"rows": [{**ROW, "unsafe": "a\0.png"}]}, "is no set of triplets"),
    "turned direction": ({"rows": [{**ROW, "unsafe": "\u202ea.png"}]}, "is no set of triplets"),
}


def triplets(manifest: Any) -> Callable[[Path], Path]:
    """A maker of a set of triplets with this manifest."""

    def make(folder: Path) -> Path:
        raw = manifest if isinstance(manifest, str) else json.dumps(manifest)
        (folder / "manifest.json").write_text(raw, encoding="utf-8")
        (folder / "a.png").write_bytes(WHOLE)
        (folder / "out.png").symlink_to("/etc/passwd")
        return folder

    return make


SHOT = {"picture": "pictures/0000.png", "wanted": "bomb", "source": "render"}
CALIBRATED: dict[str, Any] = {
    "pack": "a", "title": {"en": "A", "zh": "一"}, "model": "m", "split": "dev", "made": 1.0,
    "shots": [SHOT], "profiles": [],
}  # fmt: skip
CALIBRATIONS: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "is no calibration set"),
    "a list": ([1], "is no calibration set"),
    "deep": ("[" * 100_000, "is no calibration set"),
    "picture outside": (
        {**CALIBRATED, "shots": [{**SHOT, "picture": "../../../secret.txt"}]},
        "is no calibration set",
    ),
    "picture of a root path": (
        {**CALIBRATED, "shots": [{**SHOT, "picture": "/etc/passwd"}]},
        "is no calibration set",
    ),
    "made nan": ({**CALIBRATED, "made": float("nan")}, "is no calibration set"),
    "unknown source": (
        {**CALIBRATED, "shots": [{**SHOT, "source": "web"}]},
        "is no calibration set",
    ),
}


def calibration(manifest: Any) -> Callable[[Path], Path]:
    """A maker of a calibration set with this manifest."""
    raw = manifest if isinstance(manifest, str) else json.dumps(manifest)
    made = text(raw, "manifest.json")
    return lambda folder: made(folder).parent


ALL = (
    *(
        Bad(f"model, {name}", "model folder", make, ("model",), names)
        for name, (make, names) in MODELS.items()
    ),
    *(
        Bad(f"model file, {name}", "model file", text(data, file), ("model",), names)
        for name, (file, data, names) in SINGLE.items()
    ),
    *(
        Bad(f"run, {name}", "run folder", run(config),
            ("run config", "cli judge folder", "page draw folder"), names)
        for name, (config, names) in RUNS.items()
    ),
    *(
        Bad(f"triplets, {name}", "set of triplets on disk", triplets(manifest), ("triplets",),
            names)
        for name, (manifest, names) in SETS.items()
    ),
    *(
        Bad(f"calibration, {name}", "calibration set", calibration(manifest),
            ("calibration", "cli calibration"), names)
        for name, (manifest, names) in CALIBRATIONS.items()
    ),
)  # fmt: skip
