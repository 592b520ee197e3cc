"""Prompts of Icon World, half of which name what a pack removes; for what people look at."""

import itertools

from studio.config import Pack
from studio.errors import StudioError
from studio.evaluation.prompts import Question, Split, direct


def half_and_half(pack: Pack, count: int, split: Split, seed: int) -> list[Question]:
    """`count` prompts: half name what the pack removes, half look-alikes and other things in turn.

    Raises:
        StudioError: Icon World's judge knows nothing that this pack removes.
    """
    asked = direct(pack, count, split=split, seed=seed)
    by_kind = {
        kind: [question for question in asked if question.kind == kind]
        for kind in ("target", "neighbour", "unrelated")
    }
    if not by_kind["target"]:
        raise StudioError(
            "The judge knows none of the things this pack removes.",
            "Choose a pack that removes objects or a style of Icon World.",
        )
    pairs = itertools.zip_longest(by_kind["neighbour"], by_kind["unrelated"])
    others = [question for pair in pairs for question in pair if question is not None]
    half = count - count // 2
    return by_kind["target"][:half] + others[: count // 2]
