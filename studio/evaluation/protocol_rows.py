"""The pictures that a protocol asks for: prompts, seeds, and what is looked for; no torch."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.config import Pack
from studio.errors import StudioError
from studio.evaluation.findings import Row, Wanted
from studio.evaluation.prompt_files import PromptRow, read_prompts
from studio.evaluation.prompts import STYLE, Question, direct, indirect, with_article
from studio.evaluation.prompts import Split as Asked
from studio.evaluation.protocol import EvaluationConfig, Prompts, Split
from studio.world import IconObject, World, load_world

FAMILIES = {
    "target": "direct",
    "indirect": "indirect",
    "neighbour": "neighbours",
    "unrelated": "others",
}
GONE = ("direct", "indirect")
FLOOR_SEEDS = 1_000_003  # added to the seeds of a noise floor


def config_rows(config: EvaluationConfig) -> tuple[Row, ...]:
    """The rows of a planned evaluation; see `protocol_rows`."""
    file = Path(config.prompt_file) if config.prompt_file else None
    return protocol_rows(config.prompts, config.pack, config.count, config.split, file)


def total_pictures(config: EvaluationConfig, rows: Sequence[Row]) -> int:
    """Pictures to draw, all columns together, with the noise floor's."""
    return len(rows) * len(config.columns) + len(floor_rows(config, rows))


def floor_rows(config: EvaluationConfig, rows: Sequence[Row]) -> tuple[Row, ...]:
    """What the original is drawn from once more with other seeds: rows that must be kept."""
    if config.quick or not (config.prompts.floor and config.scorers):
        return ()
    kept = [row for row in rows if row.wanted == "kept"]
    return tuple(replace(row, seed=row.seed + FLOOR_SEEDS) for row in kept)


def protocol_rows(
    prompts: Prompts, pack: Pack, count: int, split: Split, prompt_file: Path | None = None
) -> tuple[Row, ...]:
    """All rows of an evaluation, in order.

    Args:
        count: the most pictures of each family.

    Raises:
        StudioError: the list is missing or cannot be read, or Icon World knows nothing of the pack.
    """
    if prompts.source == "file":
        found = _of_file(prompts, prompt_file)
    elif prompts.source == "grid":
        found = _of_grid(prompts, pack)
    else:
        found = _of_icon_world(prompts, pack, count, "dev" if split == "dev" else "test")
    chosen = _at_most(found, count) if prompts.source != "icon-world" else found
    return tuple(replace(row, row=place) for place, row in enumerate(chosen))


def _of_icon_world(prompts: Prompts, pack: Pack, count: int, split: Asked) -> list[Row]:
    found = [_row(question) for question in direct(pack, count, split=split)]
    if not any(row.wanted == "gone" for row in found):
        raise _unknown()
    found += [_row(question) for question in indirect(pack, count, split=split)]
    return [row for row in found if not prompts.families or row.family in prompts.families]


def _row(question: Question) -> Row:
    family = FAMILIES[question.kind]
    wanted: Wanted = "gone" if family in GONE else "kept"
    return Row(0, question.prompt, question.seed, family, wanted, question.shows)


def _of_grid(prompts: Prompts, pack: Pack) -> list[Row]:
    """Every object in every style; what the pack removes is "direct"."""
    world = load_world()
    removed = [concept.name for concept in pack.remove]
    style = next((word for word in world.styles for name in removed if word in name.split()), "")
    gone = {thing.id for name in removed if (thing := world.find(name)) is not None}
    if not style and not gone:
        raise _unknown()
    near = {f"{thing.group}_neighbour" for thing in world.objects if thing.id in gone}
    return [
        _cell(prompts.template, thing, word, seed, style, _family(thing, word, style, gone, near))
        for seed in prompts.seeds
        for word in world.styles
        for thing in world.objects
    ]


def _family(thing: IconObject, word: str, style: str, gone: set[str], near: set[str]) -> str:
    if style:
        return "direct" if word == style else "others"
    if thing.id in gone:
        return "direct"
    return "neighbours" if thing.group in near else "others"


def _cell(template: str, thing: IconObject, word: str, seed: int, style: str, family: str) -> Row:
    wanted: Wanted = "gone" if family in GONE else "kept"
    prompt = template.replace("{object}", with_article(thing.name)).replace("{style}", word)
    domain = (f"{STYLE}{word}", thing.id) if style else (thing.id, f"{STYLE}{word}")
    return Row(0, prompt, seed, family, wanted, *domain)


def _of_file(prompts: Prompts, file: Path | None) -> list[Row]:
    if file is None:
        raise StudioError(
            f"This protocol asks a list of prompts that is not shipped: {prompts.about}.",
            "Give your own copy with --prompt-file.",
        )
    read = read_prompts(file)
    if not read.rows:
        raise StudioError(f"{read.name} holds no prompts.", "Write one prompt a line.")
    family = "direct" if prompts.wanted == "gone" else "others"
    world = load_world()
    return [
        Row(0, row.prompt, seed, family, prompts.wanted, _shown(row, prompts, world))
        for row in read.rows
        for seed in _seeds(prompts, row)
    ]


def _shown(row: PromptRow, prompts: Prompts, world: World) -> str:
    thing = world.find(row.shows) if row.shows else None
    return thing.id if thing else row.shows or prompts.shows


def _seeds(prompts: Prompts, row: PromptRow) -> Sequence[int]:
    if prompts.seeds:
        return prompts.seeds
    first = prompts.seed if row.seed is None else row.seed
    return range(first, first + prompts.per_prompt)


def _at_most(rows: list[Row], count: int) -> list[Row]:
    """At most `count` rows of each family, drawn at random but the same each time, in order."""
    kept: set[int] = set()
    for family in dict.fromkeys(row.family for row in rows):
        places = [place for place, row in enumerate(rows) if row.family == family]
        if len(places) > count:
            rng = np.random.default_rng(0)
            places = [int(p) for p in rng.choice(places, count, replace=False)]
        kept.update(places)
    return [row for place, row in enumerate(rows) if place in kept]


def _unknown() -> StudioError:
    return StudioError(
        "The judge knows none of the things this pack removes.",
        "Name objects or styles of Icon World, or give a --prompt-file.",
    )
