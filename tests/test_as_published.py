"""Presets as published: their layers, their rates, and one step beside plain torch."""

import copy
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.config import RunConfig, TrainConfig
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.presets import resolve
from studio.suited import load_method_presets
from studio.training.distil import STUDENT, TEACHER, Distillation
from studio.training.loop import new_optimiser, rate_at, train_steps
from tests.denoisers import trainer
from tests.tiny import tiny_pipeline

PAPER = ("sdd-paper", "esd-x-paper", "esd-u-paper", "safegen-paper")
NORMS = (nn.GroupNorm, nn.LayerNorm)


def paper(config: RunConfig, name: str, **train: Any) -> RunConfig:
    preset = load_method_presets()[name]
    small = {} if name.startswith("safegen") else {"rollout_steps": 3}
    if not small:
        small = {"count": 4}
    method = {"name": preset.method["name"], **small}
    overrides = {"check_every": 2, "save_every": 2, "steps": 2, **train}
    return resolve(config.pack, config.model, preset=preset, method=method, overrides=overrides)


def published(unet: nn.Module, name: str) -> dict[str, nn.Parameter]:
    """What the released code trains, by its own rule over names, but for norms."""
    norms = {
        f"{place}.{part}"
        for place, module in unet.named_modules()
        if isinstance(module, NORMS)
        for part in ("weight", "bias")
    }
    rules = {
        "sdd-paper": lambda key: "attn2" in key,
        "esd-x-paper": lambda key: "attn2" in key,
        "esd-u-paper": lambda key: not re.search(r"attn2|time_embedding|^conv_out", key),
        "safegen-paper": lambda key: "attn1" in key,
    }
    found = {key: value for key, value in unet.named_parameters() if rules[name](key)}
    return {key: value for key, value in found.items() if key not in norms}


@pytest.mark.parametrize("name", PAPER)
def test_the_mean_rate_is_the_published_one(name: str) -> None:
    how = TrainConfig(**load_method_presets()[name].train)
    rates = [rate_at(step, how.lr, how.steps, how) for step in range(1, how.steps + 1)]
    assert sum(rates) / len(rates) == pytest.approx(1e-5, rel=1e-12)
    assert (how.steps, how.accumulate, how.batch) == {
        "sdd-paper": (1500, 1, 1), "safegen-paper": (1000, 5, 1),
    }.get(name, (1000, 1, 1))  # fmt: skip


@pytest.mark.parametrize("name", PAPER)
def test_every_paper_preset_names_what_differs(name: str) -> None:
    assert load_method_presets()[name].differs


@pytest.mark.parametrize("name", PAPER)
def test_trained_are_the_tensors_that_were_published(
    config: RunConfig, tmp_path: Path, name: str
) -> None:
    wanted = published(tiny_pipeline(tmp_path / "words").unet, name)
    bundle = load_bundle(config.model)
    trainer(bundle, paper(config, name), tmp_path / "triplets")
    trained = adapters.b_weights(bundle.unet, STUDENT)
    assert len(trained) == len(wanted)
    assert sum(x.numel() for x in trained) == sum(x.numel() for x in wanted.values())
    assert len(wanted) == {"esd-u-paper": 116}.get(name, 20)


def ours_after(bundle: Any, view: str) -> dict[str, Tensor]:
    found = {}
    for key, layer in bundle.unet.named_modules():
        if not hasattr(layer, "lora_B") or view not in layer.lora_B:
            continue
        base, b = layer.get_base_layer(), layer.lora_B[view]
        found[f"{key}.weight"] = base.weight + b.weight.view_as(base.weight)
        if base.bias is not None:
            found[f"{key}.bias"] = base.bias + b.bias
    return found


def close(ours: dict[str, Tensor], theirs: dict[str, nn.Parameter], before: nn.Module) -> None:
    first = dict(before.named_parameters())
    assert set(ours) == set(theirs)
    moved = 0.0
    for key, value in theirs.items():
        gap = (ours[key].detach() - value.detach()).abs()
        # Adam divides by the gradient's size: where that is nearly 0, rounding shows in full
        assert float((gap > 2e-5).float().mean()) < 5e-3 and float(gap.max()) < 3e-4
        moved = max(moved, float((value.detach() - first[key].detach()).abs().max()))
    assert moved > 2e-4, "a step must show"


@pytest.mark.parametrize("name", ["sdd-paper", "esd-x-paper", "esd-u-paper"])
def test_two_steps_equal_plain_torch_on_all_weights(config: RunConfig, name: str) -> None:
    run = paper(config, name, lr=1e-3, weight_decay=0.1 if name == "sdd-paper" else 0.0)
    bundle = load_bundle(config.model)
    base = copy.deepcopy(bundle.unet)
    plain = copy.deepcopy(bundle.unet)
    plain.requires_grad_(False)
    params = published(plain, name)
    for value in params.values():
        value.requires_grad_(True)
    sdd = name == "sdd-paper"
    slow = {key: value.detach().clone() for key, value in params.items()}
    optimiser = (
        torch.optim.AdamW(params.values(), 1e-3, weight_decay=0.1)
        if sdd
        else torch.optim.Adam(params.values(), 1e-3)
    )
    work = Distillation(bundle, run)
    seen: list[Any] = []
    loss = work._loss
    work._loss = lambda s, b, rows, cfg: (seen.append(rows), loss(s, b, rows, cfg))[1]
    list(work.steps())
    for rows in seen:
        frozen = plain if sdd else base
        with torch.no_grad():
            target = frozen(rows.z, rows.t, rows.null).sample
            if not sdd:
                target = 2 * target - base(rows.z, rows.t, rows.concept).sample
        said = plain(rows.z, rows.t, rows.concept).sample
        (said - target).square().mean().backward()
        if sdd:
            nn.utils.clip_grad_norm_(params.values(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        for key, value in params.items():
            slow[key].mul_(0.999).add_(value.detach(), alpha=0.001)
    close(ours_after(bundle, STUDENT), params, base)
    if sdd:
        for key, value in ours_after(bundle, TEACHER).items():
            torch.testing.assert_close(value, slow[key], atol=1e-6, rtol=0)


def test_safegen_equals_plain_torch_on_all_weights(config: RunConfig, tmp_path: Path) -> None:
    run = paper(config, "safegen-paper", lr=1e-3)
    bundle = load_bundle(config.model)
    base, plain = copy.deepcopy(bundle.unet), copy.deepcopy(bundle.unet)
    plain.requires_grad_(False)
    params = published(plain, "safegen-paper")
    for value in params.values():
        value.requires_grad_(True)
    optimiser = torch.optim.AdamW(params.values(), 1e-3, weight_decay=1e-2)
    work = trainer(bundle, run, tmp_path / "triplets")
    seen: list[Any] = []
    loss = work._loss  # type: ignore[attr-defined]
    work._loss = lambda s, b, rows, cfg: (seen.append(rows), loss(s, b, rows, cfg))[1]  # type: ignore[attr-defined]
    list(work.steps())
    assert len(seen) == 10
    slow = {key: value.detach().clone() for key, value in params.items()}
    for place, rows in enumerate(seen, start=1):
        unsafe = rows.alpha * rows.unsafe + rows.sigma * rows.noise
        benign = rows.alpha * rows.benign + rows.sigma * rows.benign_noise
        target = rows.noise + rows.unsafe - rows.mosaic
        erased = (plain(unsafe, rows.t, rows.null).sample - target).square().mean()
        stays = (plain(benign, rows.t, rows.null).sample - rows.benign_noise).square().mean()
        ((0.1 * erased + 0.9 * stays) / 5).backward()
        if place % 5 == 0:
            nn.utils.clip_grad_norm_(params.values(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            m = min(0.9999, (1 + place // 5) / (10 + place // 5))
            for key, value in params.items():
                slow[key].mul_(m).add_(value.detach(), alpha=1 - m)
    close(ours_after(bundle, STUDENT), params, base)
    for key, value in ours_after(bundle, work.saved_view).items():
        torch.testing.assert_close(value, slow[key], atol=2e-5, rtol=0)


@pytest.mark.parametrize("name", PAPER)
def test_what_is_saved_draws_the_same_again(config: RunConfig, tmp_path: Path, name: str) -> None:
    bundle = load_bundle(config.model)
    work = trainer(bundle, paper(config, name, lr=1e-2), tmp_path / "triplets")
    list(work.steps())
    file = tmp_path / "adapter" / "adapter.safetensors"
    work.save(file, {})
    other = load_bundle(config.model)
    adapters.load_adapter(other.unet, file, "again")
    z, t = torch.randn(1, 4, 16, 16), torch.tensor([500])
    states = torch.randn(1, 77, 16)
    with torch.no_grad():
        plain = other.unet(z, t, states).sample
        with adapters.use(bundle.unet, work.saved_view), adapters.use(other.unet, "again"):
            ours, loaded = bundle.unet(z, t, states).sample, other.unet(z, t, states).sample
    torch.testing.assert_close(ours, loaded)
    assert not loaded.equal(plain)


@pytest.mark.parametrize("name", PAPER)
def test_a_paper_run_goes_on_bit_for_bit(config: RunConfig, tmp_path: Path, name: str) -> None:
    run = paper(config, name, steps=4)
    first = trainer(load_bundle(config.model), run, tmp_path / "triplets")
    steps = first.steps()
    next(steps), next(steps)
    held = first.state()
    state = replace(held, tensors={key: value.clone() for key, value in held.tensors.items()})
    list(steps)
    second = trainer(load_bundle(config.model), run, tmp_path / "triplets")
    second.restore(state)
    list(second.steps())
    whole, again = first.state().tensors, second.state().tensors
    assert set(whole) == set(again) and any(key.endswith("/bias") for key in whole)
    assert all(value.equal(again[key]) for key, value in whole.items() if "chance" not in key)


OTHER: dict[str, Any] = {
    "accumulate": 2, "schedule": "constant", "warm_up": 0, "optimiser": "adam", "beta1": 0.5,
    "beta2": 0.5, "weight_decay": 0.5, "clip": 0.01,
}  # fmt: skip


def ends(**settings: Any) -> list[float]:
    how = TrainConfig(lr=0.1, **settings)
    weight = nn.Parameter(torch.tensor([1.0, -2.0]))
    batches = [float(place) for place in range(1, 20)]
    moves = new_optimiser([weight], how.lr, how)
    list(
        train_steps(
            [weight],
            lambda scale: ((weight * scale - 3) ** 2).sum(),
            batches,
            lr=how.lr,
            total=5,
            optimiser=moves,
            how=how,
        )
    )
    return weight.tolist()


@pytest.mark.parametrize("name", OTHER)
def test_every_training_setting_changes_the_run(name: str) -> None:
    plain = {"weight_decay": 0.1} if name == "optimiser" else {}
    if name == "clip":
        plain, wanted = {"clip": 0.0}, {"clip": 0.01}  # Adam forgets scale, but not its changes
    else:
        wanted = {**plain, name: OTHER[name]}
    assert ends(**plain) != ends(**wanted)


def test_the_new_settings_leave_old_states_as_they_were() -> None:
    from studio.jobs.states import LATER, _as_before

    assert set(LATER) == set(OTHER)
    assert not set(_as_before(TrainConfig().model_dump(mode="json"))) & set(LATER)
    assert _as_before(TrainConfig(clip=0.5).model_dump(mode="json"))["clip"] == 0.5


@pytest.mark.parametrize("optimiser", ["adam", "adamw"])
def test_weight_decay_is_that_of_torch(optimiser: str) -> None:
    how = TrainConfig(
        lr=0.1, schedule="constant", warm_up=0, clip=0.0, weight_decay=0.3, optimiser=optimiser
    )
    ours, theirs = (nn.Parameter(torch.tensor([1.0, -2.0])) for _ in range(2))
    list(train_steps([ours], lambda x: (ours * x).sum(), [1.0, 2.0, 3.0], lr=0.1, total=3, how=how))
    kind = torch.optim.Adam if optimiser == "adam" else torch.optim.AdamW
    moves = kind([theirs], 0.1, weight_decay=0.3)
    for x in (1.0, 2.0, 3.0):
        moves.zero_grad()
        (theirs * x).sum().backward()
        moves.step()
    torch.testing.assert_close(ours, theirs)
