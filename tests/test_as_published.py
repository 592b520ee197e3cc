"""Presets as published: their layers, their rates, and steps beside stock diffusers and torch."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import nn

from studio.config import RunConfig, TrainConfig
from studio.errors import StudioError
from studio.failures import told
from studio.models import adapters, full_weights
from studio.models.loading import load_bundle
from studio.presets import resolve
from studio.suited import load_method_presets
from studio.training.distil import STUDENT
from studio.training.loop import new_optimiser, rate_at, train_steps
from tests.denoisers import trainer
from tests.tiny import tiny_pipeline

PAPER = ("sdd-paper", "esd-x-paper", "esd-u-paper", "safegen-paper")


def paper(config: RunConfig, name: str, **train: Any) -> RunConfig:
    preset = load_method_presets()[name]
    small = {} if name.startswith("safegen") else {"rollout_steps": 3}
    if not small:
        small = {"count": 4}
    method = {"name": preset.method["name"], **small}
    overrides = {"check_every": 2, "save_every": 2, "steps": 2, **train}
    return resolve(config.pack, config.model, preset=preset, method=method, overrides=overrides)


RULES: dict[str, Callable[[str], bool]] = {
    "sdd-paper": lambda key: "attn2" in key,
    "esd-x-paper": lambda key: "attn2" in key,
    # train-esd.py, noxattn: not (name.startswith("out.") or "attn2" in name or "time_embed" in
    # name) over named_parameters(); "out." is the last norm and convolution
    "esd-u-paper": lambda key: (
        not key.startswith(("conv_norm_out.", "conv_out."))
        and "attn2" not in key
        and "time_embedding" not in key
    ),
    "safegen-paper": lambda key: "attn1" in key,
}


def published(unet: nn.Module, name: str) -> dict[str, nn.Parameter]:
    """What the released code trains, by its own rule over the names of parameters."""
    return {key: value for key, value in unet.named_parameters() if RULES[name](key)}


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
    ours = full_weights.tensors(bundle.unet, STUDENT)
    assert list(ours) == list(wanted)
    assert all(ours[key].shape == value.shape for key, value in wanted.items())
    assert len(adapters.trained(bundle.unet, STUDENT)) == len(wanted)


def test_u_trains_all_the_tensors_of_stable_diffusion_that_the_first_code_does() -> None:
    with torch.device("meta"):  # the published sizes, without their numbers
        unet = UNet2DConditionModel(
            sample_size=64, cross_attention_dim=768, block_out_channels=(320, 640, 1280, 1280)
        )
    ours = full_weights.names_of(unet, "all-but-cross", "whole")
    assert ours == list(published(unet, "esd-u-paper"))
    sizes = {key: value.numel() for key, value in unet.named_parameters()}
    norms = [key for key in ours if re.search(r"\.norm\d?\.", key)]
    assert (len(sizes), len(ours), len(norms)) == (686, 598, 216)
    assert sum(sizes.values()) == 859_520_964
    for part in ("proj_in", "proj_out", "conv_shortcut", "time_emb_proj", "samplers", "conv_in"):
        assert {f"{part}.weight", f"{part}.bias"} <= {
            ".".join([part, key.rpartition(".")[2]]) for key in ours if part in key
        }


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
    assert set(whole) == set(again) and any(key.endswith(".bias") for key in whole)
    assert all(value.equal(again[key]) for key, value in whole.items() if "chance" not in key)


def test_a_state_of_full_weights_as_a_lora_is_refused_and_not_half_taken(
    config: RunConfig, tmp_path: Path
) -> None:
    work = trainer(load_bundle(config.model), paper(config, "esd-x-paper"), tmp_path)
    before = {key: value.clone() for key, value in work.state().tensors.items()}
    old = {"weights/student/0/B": torch.ones(2, 2), "weights/student/0/bias": torch.ones(2)}
    held = {key: value for key, value in before.items() if not key.startswith("weights/")}
    with pytest.raises(StudioError, match="after 7 steps holds other weights") as caught:
        work.restore(replace(work.state(), step=7, tensors=held | old))
    assert "第 7 步" in told(caught.value.what, "zh")
    assert all(value.equal(before[key]) for key, value in work.state().tensors.items())


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
