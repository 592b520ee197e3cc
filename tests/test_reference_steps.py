"""Steps of ESD and SDD as published beside stock diffusers and torch, which share no line of ours.

Adam moves each number by rate * g / (|g| + eps). At its eps of 1e-8 that is nearly the sign of g:
where g itself is no larger than rounding, two right programs step in opposite directions. So the
gradients are compared, and the weights with an eps of 1e-2, at which a gap in g shows no larger
than rate / eps times itself; and that the optimiser is the published one, eps and all, is shown
bit for bit on our own gradients.
"""

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from torch import Tensor, nn

from studio.config import RunConfig
from studio.models import full_weights
from studio.models.loading import load_bundle
from studio.training.distil import STUDENT, TEACHER, Distillation
from studio.training.editing import Editing
from tests.denoisers import trainer
from tests.test_as_published import paper, published

RATE, STEPS, SAMPLER, EPS = 1e-3, 3, 5, 1e-2
NAMES = ("bomb", "knife")  # what the pack of these tests removes, in turn


@dataclass
class Trained:
    """Gradients of each step, and weights after the last one, by name."""

    gradients: list[dict[str, Tensor]] = field(default_factory=list)
    weights: dict[str, Tensor] = field(default_factory=dict)
    average: dict[str, Tensor] = field(default_factory=dict)


class Reference:
    """The published training with the stock pipeline and plain torch."""

    def __init__(self, folder: Path, name: str, seed: int, eps: float) -> None:
        self.pipe = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
        self.pipe.set_progress_bar_config(disable=True)
        self.pipe.scheduler = DDIMScheduler.from_config(self.pipe.scheduler.config)
        self.base = self.pipe.unet.requires_grad_(False).eval()
        self.student, self.teacher = copy.deepcopy(self.base), copy.deepcopy(self.base)
        self.sdd = name == "sdd-paper"
        self.params = published(self.student, name)
        for value in self.params.values():
            value.requires_grad_(True)
        self.slow = published(self.teacher, name)
        values = list(self.params.values())
        self.optimiser: torch.optim.Optimizer = (
            torch.optim.AdamW(values, RATE, eps=eps, weight_decay=0.1)
            if self.sdd
            else torch.optim.Adam(values, RATE, eps=eps)
        )
        self.chance = torch.Generator().manual_seed(seed)

    def says(self, text: str) -> Tensor:
        states: Tensor = self.pipe.encode_prompt(text, "cpu", 1, False)[0]
        return states

    def drawn(self, text: str) -> tuple[Tensor, Tensor]:
        """A latent of one of the sampler's levels, drawn by student (ESD) or teacher (SDD)."""
        noise = torch.randn(1, 4, 16, 16, generator=self.chance)
        level = int(torch.rand(1, generator=self.chance).item() * SAMPLER)
        torch.randperm(1, generator=self.chance)  # the order of one latent
        levels = [noise]

        def keep(pipe: Any, step: int, t: Any, values: dict[str, Tensor]) -> dict[str, Tensor]:
            levels.append(values["latents"])
            return values

        self.pipe.unet = self.teacher if self.sdd else self.student
        self.pipe(
            text,
            num_inference_steps=SAMPLER,
            guidance_scale=3.0,
            latents=noise,
            output_type="latent",
            callback_on_step_end=keep,
        )
        return levels[level], self.pipe.scheduler.timesteps[level]

    def step(self, text: str) -> dict[str, Tensor]:
        """One step; gives its gradients."""
        z, t = self.drawn(text)
        with torch.no_grad():
            if self.sdd:
                target = self.student(z, t, self.says("")).sample
            else:
                e_0 = self.base(z, t, self.says("")).sample
                e_c = self.base(z, t, self.says(text)).sample
                target = e_0 - 1.0 * (e_c - e_0)
        said = self.student(z, t, self.says(text)).sample
        nn.functional.mse_loss(said, target).backward()
        if self.sdd:
            nn.utils.clip_grad_norm_(self.params.values(), 1.0)
        gradients = {key: value.grad.clone() for key, value in self.params.items()}  # type: ignore[union-attr]
        self.optimiser.step()
        self.optimiser.zero_grad()
        with torch.no_grad():
            for key, value in self.params.items():
                self.slow[key].mul_(0.999).add_(value, alpha=1 - 0.999)
        return gradients

    def train(self) -> Trained:
        gradients = [self.step(NAMES[place % len(NAMES)]) for place in range(STEPS)]
        return Trained(gradients, dict(self.params), dict(self.slow))


def ours(config: RunConfig, name: str, eps: float) -> Trained:
    decay = 0.1 if name == "sdd-paper" else 0.0
    run = paper(config, name, lr=RATE, weight_decay=decay, steps=STEPS)
    run = run.model_copy(update={"method": {**run.method, "rollout_steps": SAMPLER}})
    bundle = load_bundle(config.model)
    work = Distillation(bundle, run)
    found = Trained(weights=dict(full_weights.tensors(bundle.unet, STUDENT)))
    found.average = dict(full_weights.tensors(bundle.unet, TEACHER))
    assert work._moving.param_groups[0]["eps"] == 1e-8
    work._moving.param_groups[0]["eps"] = eps

    def keep(*_: object) -> None:
        found.gradients.append({k: v.grad.clone() for k, v in found.weights.items()})  # type: ignore[union-attr]

    work._moving.register_step_pre_hook(keep)
    list(work.steps())
    return found


def same(mine: dict[str, Tensor], theirs: dict[str, Tensor], base: nn.Module) -> None:
    """Weights alike to 1e-4 of the rate, beside the last bit of the weight itself."""
    first, moved = dict(base.named_parameters()), 0.0
    assert list(mine) == list(theirs)
    for key, value in theirs.items():
        torch.testing.assert_close(
            mine[key].detach(), value.detach(), atol=1e-4 * RATE, rtol=1.2e-7, msg=key
        )
        moved = max(moved, float((value - first[key]).detach().abs().max()))
    assert moved > 1e-2 * RATE, "a step must show"


@pytest.mark.parametrize("name", ["sdd-paper", "esd-x-paper", "esd-u-paper"])
def test_steps_equal_those_of_stock_diffusers_and_torch(
    config: RunConfig, tiny_folder: Path, name: str
) -> None:
    mine = ours(config, name, EPS)
    reference = Reference(tiny_folder, name, config.train.seed, EPS)
    theirs = reference.train()
    for ours_now, theirs_now in zip(mine.gradients, theirs.gradients, strict=True):
        assert list(ours_now) == list(theirs_now)
        largest = max(float(value.abs().max()) for value in theirs_now.values())
        for key, value in theirs_now.items():
            # predictions are rounded at 6e-8 of themselves, and the loss is of their differences
            gap = float((ours_now[key] - value).abs().max())
            assert gap < min(1e-5, 1e-4 * largest), key
    same(mine.weights, theirs.weights, reference.base)
    if name == "sdd-paper":
        for key, value in theirs.average.items():
            torch.testing.assert_close(
                mine.average[key].detach(), value.detach(), atol=1e-7, rtol=1.2e-7
            )


@pytest.mark.parametrize("name", ["sdd-paper", "esd-x-paper", "esd-u-paper"])
def test_the_optimiser_is_the_published_one_bit_for_bit(config: RunConfig, name: str) -> None:
    mine = ours(config, name, 1e-8)
    plain = published(load_bundle(config.model).unet, name)
    values = [nn.Parameter(value.detach().clone()) for value in plain.values()]
    optimiser: torch.optim.Optimizer = (
        torch.optim.AdamW(values, RATE, weight_decay=0.1)
        if name == "sdd-paper"
        else torch.optim.Adam(values, RATE)
    )
    for gradients in mine.gradients:
        for value, gradient in zip(values, gradients.values(), strict=True):
            value.grad = gradient
        optimiser.step()
    assert all(
        ours_now.detach().equal(value.detach())
        for ours_now, value in zip(mine.weights.values(), values, strict=True)
    )


def test_safegen_equals_plain_torch_on_all_weights(config: RunConfig, tmp_path: Path) -> None:
    run = paper(config, "safegen-paper", lr=RATE)
    bundle = load_bundle(config.model)
    base, plain = copy.deepcopy(bundle.unet), copy.deepcopy(bundle.unet)
    params = published(plain, "safegen-paper")
    for value in params.values():
        value.requires_grad_(True)
    optimiser = torch.optim.AdamW(params.values(), RATE, eps=EPS, weight_decay=1e-2)
    work = trainer(bundle, run, tmp_path / "triplets")
    assert isinstance(work, Editing)
    work._moving.param_groups[0]["eps"] = EPS
    seen: list[Any] = []
    loss = work._loss
    work._loss = lambda s, b, rows, cfg: (seen.append(rows), loss(s, b, rows, cfg))[1]
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
    same(dict(full_weights.tensors(bundle.unet, STUDENT)), dict(params), base)
    same(dict(full_weights.tensors(bundle.unet, work.saved_view)), slow, base)
