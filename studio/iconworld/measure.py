"""Measure the finished model and its judges on what no training saw."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import torch
from PIL import Image

from studio.evaluation.comparison import agreement
from studio.evaluation.judge import judge_at
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question, all_objects
from studio.evaluation.rates import wilson
from studio.iconworld import icons, judge, score
from studio.iconworld.scenes import Scene, draw_many
from studio.models.loading import load_bundle
from studio.presets import find_model
from studio.world import ICON_JUDGE, ICON_WORLD, ROOT, SECOND_JUDGE, load_world

SHEET = ROOT / "docs" / "icon-world.jpg"
HELD_OUT_RENDERS, HELD_OUT_SEED = 2000, 1001
Pictures = tuple[torch.Tensor, list[Scene]]


def _held_out(build: Path) -> tuple[Pictures, Pictures]:
    """Renders that no training saw, and renders of icons the judges do not know."""
    world = load_world()
    known, _, strange = icons.load_icons(world, build / "npm")
    drawn, scenes = draw_many(world, known, HELD_OUT_RENDERS, HELD_OUT_SEED)
    odd, nothing = judge.others(world, strange, 500, seed=1002)
    return (torch.from_numpy(drawn), scenes), (torch.from_numpy(odd), nothing)


def _drawn(questions: list[Question]) -> torch.Tensor:
    bundle = load_bundle(find_model("icon-world"))
    prompts, seeds = [q.prompt for q in questions], [q.seed for q in questions]
    return torch.cat(list(draw_all(bundle, prompts, seeds, bundle.card.sample)))


@torch.no_grad()
def score_second(build: Path, count: int = 264) -> None:
    """Measure the second judge on new renders, and how often it agrees on drawn pictures."""
    first, second = judge_at(ICON_JUDGE), judge_at(SECOND_JUDGE)
    (drawn, scenes), (odd, nothing) = _held_out(build)
    found = score.judge_on_renders(second, drawn, scenes)
    found["none"] = score.judge_on_renders(second, odd, nothing)["objects"]
    asked = all_objects(load_world(), count)
    pictures = _drawn(asked)
    said = [judged.shows(pictures, [q.shows for q in asked]) for judged in (first, second)]
    same = [a == b for a, b in zip(*said, strict=True)]
    summary = {name: asdict(rate) for name, rate in found.items()} | {
        "agrees": asdict(wilson(sum(same), len(same))),
        "kappa": agreement(*said),
        "shows": [sum(each) for each in said],
    }
    (SECOND_JUDGE / "scores.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps(summary, indent=1))


@torch.no_grad()
def score_all(build: Path, target: Path = ICON_WORLD, count: int = 528) -> None:
    """Measure judge and model: `scores.json`, `confusion.json`, and a sheet of all objects."""
    world, judged = load_world(), judge_at(ICON_JUDGE)
    (drawn, scenes), (odd, nothing) = _held_out(build)
    none = score.judge_on_renders(judged, odd, nothing)["objects"]
    rates = {"judge": score.judge_on_renders(judged, drawn, scenes)}
    rates["judge"]["none"] = none
    pixels, scenes = torch.cat([drawn, odd]), scenes + nothing
    table = score.confusion(judged, pixels, scenes)
    (ICON_JUDGE / "confusion.json").write_text(json.dumps(table, indent=1) + "\n")
    questions = all_objects(world, count)
    pictures = _drawn(questions)
    seen = judged.see(pictures)
    rates["drawn"] = score.drawn_rates(questions, seen)
    missed = Counter(
        q.shows for q, s in zip(questions, seen, strict=True) if q.shows not in s.objects
    )
    summary: dict[str, object] = {
        part: {name: asdict(rate) for name, rate in found.items()} for part, found in rates.items()
    }
    summary["missed"] = dict(missed.most_common())
    summary["sample"] = find_model("icon-world").sample.model_dump()
    (target / "scores.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps(summary, indent=1))
    sheet = score.contact_sheet(pictures[: len(world.objects)], 11)
    Image.fromarray(sheet.numpy()).save(SHEET, quality=92)
