"""The contract of every method, and ESD by hand."""

from pathlib import Path

import pytest

from studio.config import RunConfig
from studio.methods import METHODS, get_method
from studio.methods.base import Method
from studio.methods.esd import EsdConfig, esd_loss
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.presets import resolve
from studio.training.distil import Distillation
from tests.denoisers import (
    CONCEPT,
    KEPT,
    NONE,
    Linear,
    batch,
    batch_for,
    says,
    trained,
    trainer,
)

every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
OTHER = {
    "null_from": "base",
    "keep_weight": 0.0,
    "layers": "self",
    "use_synonyms": False,
    "sample_guidance": 1.0,
    "rollout_steps": 4,
    "rollouts": 3,
    "levels": 1,
    "level_distribution": "beta",
    "ema_decay": 0.1,
    "templates": ["{}", "a picture of {}"],
    "keep_templates": ["a picture of {}"],
    "save": "student",
    "variant": "strict",
    "erase_scale": 3.0,
    "sample_from": "base",
    "mosaic_weight": 1.0,
    "target": "official",
    "keep_from": "noise",
    "snr_limit": 0.01,
    "flip": True,
    "count": 3,
    "mask": "whole",
    "block_share": 0.5,
    "blur_share": 0.2,
}
ELSEWHERE = {"triplets"}  # see test_safegen.py
SETTINGS = [
    (method, name)
    for method in METHODS
    for name in get_method(method).config.model_fields
    if name not in ELSEWHERE
]
SMALL = {"safegen": {"count": 4}}


def run_of(config: RunConfig, method: str, **settings: object) -> RunConfig:
    overrides = config.train.model_dump()
    wanted = {"name": method, **SMALL.get(method, {}), **settings}
    return resolve(config.pack, config.model, method=wanted, overrides=overrides)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_only_the_student_gets_gradients(method) -> None:
    student, base = Linear(), Linear()
    method.loss(student, base, batch_for(method), method.config()).backward()
    assert student.weight.grad is not None and student.weight.grad != 0
    assert base.weight.grad is None


@pytest.mark.parametrize(("method", "name"), SETTINGS)
def test_every_setting_changes_the_run(config: RunConfig, method: str, name: str) -> None:
    lr = config.train.model_copy(update={"lr": 0.01})
    config = config.model_copy(update={"train": lr})
    plain, other = (
        trained(run_of(config, method, **changes)) for changes in ({}, {name: OTHER[name]})
    )
    assert len(plain) != len(other) or any(
        a.shape != b.shape or not a.equal(b) for a, b in zip(plain, other, strict=True)
    )


@every_method
def test_its_adapter_loads_and_changes_what_is_drawn(
    config: RunConfig, tmp_path: Path, method: Method
) -> None:
    bundle = load_bundle(config.model)
    run = trainer(bundle, run_of(config, method.name), tmp_path / "triplets")
    list(run.steps())
    run.save(tmp_path / "adapter.safetensors", {})
    before = adapters.lora_layers(bundle.unet)
    other = load_bundle(config.model)
    adapters.load_adapter(other.unet, tmp_path / "adapter.safetensors", "a")
    names = {name for name, module in bundle.unet.named_modules() if module in before}
    assert names == {
        name
        for name, module in other.unet.named_modules()
        if module in adapters.lora_layers(other.unet)
    }


def test_a_pack_made_for_one_method_serves_another(config: RunConfig) -> None:
    esd = run_of(config, "esd")
    assert esd.method["rollouts"] == 2 and "null_from" not in esd.method


def test_esd_aims_beyond_the_empty_prompt() -> None:
    # e_0 = 1, e_c = 2, eta 3: target 1 - 3 * (2 - 1) = -2; s(c) = 2: (2 + 2)^2 = 16
    student, base = says({CONCEPT: 2.0, KEPT: 5.0}), says({CONCEPT: 2.0, NONE: 1.0, KEPT: 4.0})
    cfg = EsdConfig(erase_scale=3.0, keep_weight=0.0)
    assert esd_loss(student, base, batch(), cfg).item() == 16.0
    kept = cfg.model_copy(update={"keep_weight": 0.5})
    assert esd_loss(student, base, batch(), kept).item() == 16.5


@pytest.mark.parametrize(
    ("variant", "touched", "untouched"),
    [
        ("x", ["attn2.to_q"], ["attn1"]),
        ("strict", ["attn2.to_k"], ["attn2.to_q", "attn1"]),
        ("u", ["attn1.to_q", "ff.net.2", "conv1"], ["attn2", "time_emb", "conv_in", "conv_out"]),
    ],
)
def test_esd_variants_adapt_the_layers_they_say(
    config: RunConfig, variant: str, touched: list[str], untouched: list[str]
) -> None:
    bundle = load_bundle(config.model)
    Distillation(bundle, run_of(config, "esd", variant=variant))
    layers = adapters.lora_layers(bundle.unet)
    names = [name for name, module in bundle.unet.named_modules() if module in layers]
    assert all(any(part in name for name in names) for part in touched)
    assert not any(part in name for name in names for part in untouched)
