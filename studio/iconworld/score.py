"""How right the judge is on renders, and how well the model draws what it is asked for."""

from collections.abc import Sequence

import torch
from torch import Tensor

from studio.evaluation.judge import Judge, Seen
from studio.evaluation.prompts import Question
from studio.evaluation.rates import wilson
from studio.iconworld.scenes import Scene
from studio.iconworld.vae import to_floats
from studio.records import Rate


def judge_on_renders(judge: Judge, pixels: Tensor, scenes: list[Scene]) -> dict[str, Rate]:
    """Share of held-out renders judged right: all objects and no other, style, colour.

    Args:
        pixels: uint8 (N, H, W, 3).
        scenes: what they show.
    """
    seen = [s for part in pixels.split(256) for s in judge.see(to_floats(part))]
    objects = [set(s.objects) == set(w.objects) for s, w in zip(seen, scenes, strict=True)]
    pairs = list(zip(seen, scenes, strict=True))
    styles = [s.style == w.style for s, w in pairs if w.objects]
    colours = [s.colour == w.colour for s, w in pairs]
    return {
        "objects": wilson(sum(objects), len(objects)),
        "style": wilson(sum(styles), len(styles)),
        "colour": wilson(sum(colours), len(colours)),
    }


def drawn_rates(questions: Sequence[Question], seen: Sequence[Seen]) -> dict[str, Rate]:
    """Share of generated pictures that show the named object, style and colour."""
    pairs = list(zip(questions, seen, strict=True))
    objects = [q.shows in s.objects for q, s in pairs]
    styles = [q.style == s.style for q, s in pairs if q.style]
    colours = [q.colour == s.colour for q, s in pairs if q.colour]
    return {
        "object": wilson(sum(objects), len(objects)),
        "style": wilson(sum(styles), len(styles)),
        "colour": wilson(sum(colours), len(colours)),
    }


def confusion(judge: Judge, pixels: Tensor, scenes: list[Scene]) -> dict[str, dict[str, int]]:
    """Of renders with one object or none: what was there -> what the judge answered -> count."""
    table: dict[str, dict[str, int]] = {}
    seen = [s for part in pixels.split(256) for s in judge.see(to_floats(part))]
    for answer, scene in zip(seen, scenes, strict=True):
        if len(scene.objects) > 1:
            continue
        row = table.setdefault(scene.objects[0] if scene.objects else "none", {})
        said = "+".join(answer.objects) or "none"
        row[said] = row.get(said, 0) + 1
    return table


def contact_sheet(pictures: Tensor, columns: int) -> Tensor:
    """Pictures (N, 3, H, W) in -1..1 -> one uint8 (rows * H, columns * W, 3)."""
    pixels = ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1)
    rows = [torch.cat(list(part), 1) for part in pixels.split(columns) if len(part) == columns]
    return torch.cat(rows, 0)
