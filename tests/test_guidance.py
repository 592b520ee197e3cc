"""Guidances: by hand, against diffusers' own pipelines, and the contract of each."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import SemanticStableDiffusionPipeline, StableDiffusionPipeline
from diffusers.pipelines.deprecated.stable_diffusion_safe import (
    SafetyConfig,
    StableDiffusionPipelineSafe,
)
from torch import Tensor

from studio.config import ModelCard, Sampler
from studio.errors import StudioError
from studio.guidance import GUIDANCES, get_guidance, guidance_config
from studio.guidance.neg import NegConfig, neg
from studio.guidance.ready import make_ready
from studio.guidance.sega import SegaConfig, sega
from studio.guidance.sld import SldConfig, sld
from studio.models.loading import load_bundle
from studio.models.sampler import draw_latents, initial_latents
from studio.models.schedulers import SCHEDULERS
from studio.models.text import encode
from studio.safeguards import load_guidances
from tests.tiny import save_tiny, tiny_pipeline

PROMPT, CONCEPT, SCALE = "a red cup", "a knife, a bomb", 5.0
STEPS = 10
SLD = {
    "WEAK": SldConfig(warmup=0.3, scale=20, threshold=0.0, momentum=0.0, momentum_decay=0.0),
    "MEDIUM": SldConfig(),
    "STRONG": SldConfig(warmup=0.14, scale=2000, threshold=0.025, momentum=0.5, momentum_decay=0.7),
    "MAX": SldConfig(warmup=0.0, scale=5000, threshold=1.0, momentum=0.5, momentum_decay=0.7),
}


def one(value: float) -> Tensor:
    return torch.full((1, 1, 1, 1), value)


def test_neg_by_hand() -> None:
    # e_0 = 1 (the concept), e_p = 2, s = 3: 1 + 3 * (2 - 1) = 4
    guess, momentum = neg(one(1), one(2), [], 0.0, 3.0, None, NegConfig())
    assert guess.item() == 4 and momentum is None


def test_sld_by_hand() -> None:
    # e_0 = 1, e_p = 2, e_c = 2.5: gap = -0.5 < 0.01, mu = min(1, 0.4 * 0.5) = 0.2
    # gamma = 0.2 * 1.5 + 0.5 * 1 = 0.8; nu = 0.25 * 1 + 0.75 * 0.8 = 0.85
    # e = 1 + 2 * (2 - 1 - 0.8) = 1.4, while warming up 1 + 2 * (2 - 1) = 3
    cfg = SldConfig(warmup=0.5, scale=0.4, momentum=0.5, momentum_decay=0.25)
    guess, nu = sld(one(1), one(2), [one(2.5)], 0.5, 2.0, one(1), cfg)
    assert guess.item() == pytest.approx(1.4) and nu is not None
    assert nu.item() == pytest.approx(0.85)
    early, _ = sld(one(1), one(2), [one(2.5)], 0.49, 2.0, one(1), cfg)
    assert early.item() == pytest.approx(3)
    far, _ = sld(one(1), one(2), [one(1.9)], 0.5, 2.0, None, cfg)  # the prompt is past the concept
    assert far.item() == pytest.approx(3)


def test_sega_by_hand() -> None:
    # s_e s / s_0 = 4 * 7 / 14: pushes of -2 * (1, 2, 3, 4); the 0.5-quantile of their size is 5,
    # so 6 and 8 stay
    e_c = torch.tensor([1.0, 2.0, 3.0, 4.0]).view(1, 1, 2, 2)
    zero = torch.zeros_like(e_c)
    cfg = SegaConfig(
        scale=4, found_at=14, warmup=0, threshold=0.5, momentum=0.5, momentum_decay=0.5
    )
    guess, nu = sega(zero, zero, [e_c], 0.0, 7.0, torch.ones_like(e_c), cfg)
    assert guess.flatten().tolist() == [0.5, 0.5, -5.5, -7.5]
    assert nu is not None and nu.flatten().tolist() == [0.75, 0.75, -2.25, -3.25]


def ours(
    card: ModelCard,
    settings: dict[str, object],
    concepts: list[str],
    sampler: Sampler = "ddim",
    scale: float = SCALE,
) -> Tensor:
    bundle = load_bundle(card)
    return draw_latents(
        bundle,
        encode(bundle, [PROMPT]),
        encode(bundle, [""]),
        initial_latents(bundle, [3]),
        steps=STEPS,
        guidance_scale=scale,
        sampler=sampler,
        steering=make_ready(bundle, settings, concepts, scale),
    )


def parts_of(folder: Path, sampler: Sampler) -> dict[str, Any]:
    """The tiny pipeline's parts, with this sampler."""
    parts = tiny_pipeline(folder).components
    parts.pop("image_encoder", None)
    parts["scheduler"].save_pretrained(folder)  # read back, no setting counts as a default
    parts["scheduler"] = SCHEDULERS[sampler].from_pretrained(folder)
    return parts


def theirs(pipeline: StableDiffusionPipeline, scale: float = SCALE, **arguments: object) -> Tensor:
    pipeline.set_progress_bar_config(disable=True)
    pipeline.unet.to(memory_format=torch.channels_last)  # as ours: SLD max magnifies rounding
    found = pipeline(
        PROMPT,
        num_inference_steps=STEPS,
        guidance_scale=scale,
        generator=torch.Generator().manual_seed(3),
        output_type="latent",
        **arguments,
    )
    return found.images


def test_neg_equals_the_stock_pipeline(card: ModelCard, tmp_path: Path) -> None:
    wanted = theirs(tiny_pipeline(tmp_path), negative_prompt=CONCEPT)
    found = ours(card, {"name": "neg"}, CONCEPT.split(", "))
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0)


SLD_CASES = [*((level, "ddim") for level in SLD), ("MEDIUM", "euler"), ("MEDIUM", "dpm++")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("level", "sampler"), SLD_CASES)
def test_sld_equals_diffusers(
    card: ModelCard, tmp_path: Path, level: str, sampler: Sampler
) -> None:
    pipeline = StableDiffusionPipelineSafe(
        **parts_of(tmp_path, sampler), requires_safety_checker=False
    )
    pipeline.safety_concept = CONCEPT
    numbers = dict(getattr(SafetyConfig, level))
    numbers["sld_warmup_steps"] = round(SLD[level].warmup * STEPS + 0.49)
    latents: list[Tensor] = []  # this pipeline gives pictures whatever it is asked for
    theirs(pipeline, callback=lambda i, t, z: latents.append(z), **numbers)
    wanted = latents[-1]
    settings = {"name": "sld", **SLD[level].model_dump()}
    found = ours(card, settings, CONCEPT.split(", "), sampler)
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0)


SEGA_CASES = [  # preset, texts as diffusers gets them, sampler
    ("sega-sdd", [CONCEPT], "ddim"),
    ("sega-medium", [CONCEPT], "ddim"),
    ("sega-medium", [CONCEPT], "euler"),
    ("sega-strong", [CONCEPT], "dpm++"),
    ("sega-max", [CONCEPT], "ddim"),
    ("sega-separate", CONCEPT.split(", "), "ddim"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("preset", "texts", "sampler"), SEGA_CASES)
@pytest.mark.parametrize("scale", [7.5, 2.5])
def test_sega_equals_diffusers(
    card: ModelCard, tmp_path: Path, preset: str, texts: list[str], sampler: Sampler, scale: float
) -> None:
    """Published numbers at the scale they were found at; in the same proportion at another."""
    pipeline = SemanticStableDiffusionPipeline(
        **parts_of(tmp_path, sampler), requires_safety_checker=False
    )
    settings = load_guidances()[preset].guidance
    cfg = SegaConfig(**{key: value for key, value in settings.items() if key != "name"})
    wanted = theirs(
        pipeline,
        scale,
        editing_prompt=texts,
        reverse_editing_direction=True,
        edit_guidance_scale=cfg.scale * scale / 7.5,
        edit_warmup_steps=round(cfg.warmup * STEPS),
        edit_threshold=cfg.threshold,
        edit_momentum_scale=cfg.momentum,
        edit_mom_beta=cfg.momentum_decay,
    )
    found = ours(card, settings, CONCEPT.split(", "), sampler, scale)
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0)


def test_only_what_is_named_ours_takes_concepts_apart(card: ModelCard) -> None:
    bundle = load_bundle(card)
    for preset in load_guidances().values():
        ready = make_ready(bundle, preset.guidance, ["a knife", "a bomb"], SCALE)
        apart = len(ready.concepts) == 2
        assert apart == ("ours, not published" in preset.title.en), preset.id
        assert apart or preset.guidance["name"] == "neg" or len(ready.concepts) == 1


@pytest.mark.parametrize("name", ["sld", "sega"])
def test_how_hard_a_guidance_pushes_goes_with_the_guidance_scale(name: str) -> None:
    """Push over (e_p - e_0) is the same share at every scale, so one number suits all models."""
    guidance = get_guidance(name)
    draw = torch.Generator().manual_seed(1)
    e_0, e_p, e_c = (torch.randn(1, 2, 4, 4, generator=draw) for _ in range(3))
    pushes = []
    for scale in (2.5, 7.5):
        cfg = guidance.config().model_copy(update={"warmup": 0.0})
        guess, _ = guidance.steer(e_0, e_p, [e_c], 0.5, scale, None, cfg)
        pushes.append((guess - e_0 - scale * (e_p - e_0)) / scale)
    assert pushes[0].abs().max() > 0.1
    torch.testing.assert_close(pushes[0], pushes[1])


@pytest.mark.parametrize("name", GUIDANCES)
@pytest.mark.parametrize("kind", ["v_prediction", "xl"])
def test_it_steers_every_member_of_the_family(
    card: ModelCard, tmp_path: Path, name: str, kind: str
) -> None:
    card = card.model_copy(update={"source": str(save_tiny(tmp_path, kind))})
    steered = ours(card, {"name": name}, ["a knife"])
    bundle = load_bundle(card)
    plain = draw_latents(
        bundle,
        encode(bundle, [PROMPT]),
        encode(bundle, [""]),
        initial_latents(bundle, [3]),
        steps=STEPS,
        guidance_scale=SCALE,
    )
    assert steered.isfinite().all() and not torch.allclose(steered, plain, atol=1e-3)


@pytest.mark.parametrize("name", GUIDANCES)
def test_at_scale_1_nothing_is_claimed(card: ModelCard, name: str) -> None:
    bundle = load_bundle(card)
    with pytest.raises(StudioError, match="cannot act at guidance scale 1"):
        make_ready(bundle, {"name": name}, ["a knife"], 1.0)
    with pytest.raises(StudioError, match="no concept"):
        make_ready(bundle, {"name": name}, [], 5.0)


@pytest.mark.parametrize("name", GUIDANCES)
def test_every_setting_changes_the_picture(name: str) -> None:
    guidance = get_guidance(name)
    draw = torch.Generator().manual_seed(0)
    e_0, e_p, nu = (torch.randn(1, 2, 4, 4, generator=draw) for _ in range(3))
    e_c = e_p + 5e-4 * torch.randn(1, 2, 4, 4, generator=draw)  # so near that nothing saturates
    before = guidance.config()
    for field in guidance.config.model_fields.keys() - {"joined"}:  # of texts, see `make_ready`
        value = getattr(before, field)
        changed = before.model_copy(update={field: value / 2 if value > 0.05 else -value})
        pairs = [guidance.steer(e_0, e_p, [e_c], 0.15, 3.0, nu, cfg) for cfg in (before, changed)]
        assert any(not torch.equal(a, b) for a, b in zip(*pairs, strict=True)), field


def test_an_unknown_guidance_is_named() -> None:
    with pytest.raises(StudioError, match="no guidance 'magic'"):
        guidance_config({"name": "magic"})
