"""Draw the same prompts and seeds with several text encoders, and count what the judge sees."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from scipy.stats import binomtest
from transformers import CLIPTextModel

from studio.evaluation.judge import Seen, judge_at
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question, Split, all_objects
from studio.evaluation.rates import wilson
from studio.iconworld.score import drawn_rates
from studio.models.loading import load_bundle
from studio.presets import find_model
from studio.records import Rate
from studio.world import ICON_JUDGE, load_world


def seen_with(encoder: Path, questions: Sequence[Question]) -> list[Seen]:
    """What the judge sees in the pictures that Icon World draws when `encoder` reads the prompts.

    The model is loaded anew; the encoder is brought to half precision and back, as it would ship.
    """
    bundle = load_bundle(find_model("icon-world"))
    other = CLIPTextModel.from_pretrained(encoder).half().float().eval().requires_grad_(False)
    bundle = replace(copy.copy(bundle), text_encoder=other.to(bundle.device))
    prompts, seeds = [q.prompt for q in questions], [q.seed for q in questions]
    judge, seen = judge_at(ICON_JUDGE), []
    for part in draw_all(bundle, prompts, seeds, bundle.card.sample):
        seen += judge.see(part)
    return seen


def crowded(questions: Sequence[Question], seen: Sequence[Seen]) -> Rate:
    """Share of pictures that show a thing nobody named."""
    pairs = zip(questions, seen, strict=True)
    return wilson(sum(bool(set(s.objects) - {q.shows}) for q, s in pairs), len(questions))


def exact_sign(before: Sequence[bool], after: Sequence[bool]) -> dict[str, float]:
    """Pictures won and lost by the second of two, and the exact McNemar p-value."""
    won = sum(b and not a for a, b in zip(before, after, strict=True))
    lost = sum(a and not b for a, b in zip(before, after, strict=True))
    p = binomtest(won, won + lost).pvalue if won + lost else 1.0
    return {"won": won, "lost": lost, "p": float(p)}


def compare_encoders(
    encoders: Mapping[str, Path], *, split: Split = "dev", count: int = 264
) -> dict[str, object]:
    """Rates of each encoder on the same prompts, and of each against the first.

    Args:
        encoders: name -> folder of a `CLIPTextModel`.
    """
    questions = all_objects(load_world(), count, split=split)
    found: dict[str, object] = {"split": split, "count": count}
    first: list[bool] | None = None
    for name, folder in encoders.items():
        seen = seen_with(folder, questions)
        shown = [q.shows in s.objects for q, s in zip(questions, seen, strict=True)]
        rates = drawn_rates(questions, seen) | {"crowded": crowded(questions, seen)}
        told: dict[str, object] = {part: asdict(rate) for part, rate in rates.items()}
        if first is not None:
            told["against first"] = exact_sign(first, shown)
        first = first or shown
        found[name] = told
    return found


@torch.no_grad()
def score_encoders(build: Path, split: Split = "dev", count: int = 264) -> None:
    """The encoder before and after `retell`: `retell/SPLIT.json`."""
    encoders = {"before": build / "text_encoder", "retold": build / "retell" / "text_encoder"}
    found = compare_encoders(encoders, split=split, count=count)
    text = json.dumps(found, indent=1)
    (build / "retell" / f"{split}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
