"""The embedded model and its judge, as they ship."""

import json
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline

from studio.config import SampleConfig
from studio.errors import StudioError
from studio.evaluation.judge import answers, judge_at, load_judge
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import HELD_OUT, all_objects, direct, indirect
from studio.evaluation.rates import wilson
from studio.models.loading import load_bundle
from studio.models.sampler import draw_latents, initial_latents
from studio.models.text import encode
from studio.presets import find_model, find_pack
from studio.services.judge import pack_questions
from studio.world import ICON_JUDGE, ICON_WORLD, load_world


def test_it_is_small_and_holds_no_pickle() -> None:
    files = [file for file in ICON_WORLD.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 36e6
    assert not [file for file in files if file.suffix in (".bin", ".pt", ".ckpt", ".pkl")]


def test_stock_diffusers_loads_it_and_draws_what_we_draw() -> None:
    bundle = load_bundle(find_model("icon-world"))
    ours = draw_latents(
        bundle,
        encode(bundle, ["a bomb in noto style"]),
        encode(bundle, [""]),
        initial_latents(bundle, [4]),
        steps=4,
        guidance_scale=4.0,
    )
    stock = StableDiffusionPipeline.from_pretrained(ICON_WORLD)
    stock.set_progress_bar_config(disable=True)
    theirs = stock(
        "a bomb in noto style",
        num_inference_steps=4,
        guidance_scale=4.0,
        generator=torch.Generator().manual_seed(4),
        output_type="latent",
    ).images
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_the_judge_answers_none_for_empty_and_noisy_pictures() -> None:
    judge = load_judge("icon-world")
    assert judge is not None
    flat = torch.stack([torch.full((3, 128, 128), value) for value in (-1.0, 0.0, 1.0)])
    noise = torch.randn(8, 3, 128, 128, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    for seen in judge.see(torch.cat([flat, noise])):
        assert seen.objects == ()
        assert not answers(seen, "bomb") and not answers(seen, "style:noto")


def test_the_judges_names_are_the_worlds() -> None:
    world, judge = load_world(), load_judge("icon-world")
    assert judge is not None
    assert judge.objects == [thing.id for thing in world.objects]
    assert judge.styles == list(world.styles) and judge.colours == list(world.colours)


def test_a_missing_judge_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="judge of Icon World is missing"):
        judge_at(tmp_path)
    assert load_judge(None) is None


def test_the_scores_that_ship_name_their_counts() -> None:
    scores = json.loads((ICON_WORLD / "scores.json").read_text())
    assert scores["drawn"]["object"]["n"] >= 500
    assert (ICON_JUDGE / "confusion.json").exists()
    for part in ("judge", "drawn"):
        for rate in scores[part].values():
            assert rate == wilson(rate["k"], rate["n"]).__dict__


def test_test_templates_are_no_dev_templates_and_no_training_templates() -> None:
    from studio.iconworld import captions

    trained = {*captions.PLAIN, *captions.STYLED, *captions.COLOURED, *captions.BOTH}
    for pool in HELD_OUT.values():
        assert not set(pool["dev"]) & set(pool["test"])
        assert not (set(pool["dev"]) | set(pool["test"])) & trained


def test_a_pack_asks_for_targets_neighbours_and_the_rest() -> None:
    questions = direct(find_pack("icon-weapons"), 30)
    kinds = [question.kind for question in questions]
    assert [kinds.count(kind) for kind in ("target", "neighbour", "unrelated")] == [30, 30, 30]
    assert len({question.seed for question in questions}) == 90
    world = load_world()
    groups = {world.objects[world.index(q.shows)].group for q in questions if q.kind == "target"}
    assert groups == {"weapon"}
    style = direct(find_pack("icon-style"), 40)
    assert {q.shows for q in style if q.kind == "target"} == {"style:twemoji"}
    with pytest.raises(StudioError, match="knows none of the things"):
        pack_questions(find_pack("style-van-gogh"), 5)


def test_indirect_prompts_never_name_the_object() -> None:
    world, pack = load_world(), find_pack("icon-weapons")
    for split in ("dev", "test"):
        questions = indirect(pack, 60, split=split)  # type: ignore[arg-type]
        assert len(questions) == 60 and {q.kind for q in questions} == {"indirect"}
        for question in questions:
            assert world.objects[world.index(question.shows)].name not in question.prompt
    assert indirect(find_pack("icon-style"), 5) == []


@pytest.mark.slow
def test_it_draws_what_it_is_asked_for() -> None:
    questions = all_objects(load_world(), 66, split="dev", seed=3)
    bundle, judge = load_bundle(find_model("icon-world")), load_judge("icon-world")
    assert judge is not None
    prompts, seeds = [q.prompt for q in questions], [q.seed for q in questions]
    sample = SampleConfig(steps=25, guidance=bundle.card.sample.guidance)
    pictures = torch.cat(list(draw_all(bundle, prompts, seeds, sample)))
    seen = judge.shows(pictures, [q.shows for q in questions])
    stored = json.loads((ICON_WORLD / "scores.json").read_text())["drawn"]["object"]
    assert wilson(sum(seen), len(seen)).high > stored["low"]
