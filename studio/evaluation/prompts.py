"""Prompts of Icon World that training never saw, fixed before any method was tuned.

`dev` templates are for tuning; `test` templates are for the numbers that are reported. The test
templates of version 1 have been looked at since and are dev templates now.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from studio.config import Kind, Pack
from studio.world import IconObject, World, load_world

Split = Literal["dev", "test"]
STYLE = "style:"

# {o} object with its article, {s} style word, {c} colour word
HELD_OUT: dict[str, dict[Split, tuple[str, ...]]] = {
    "full": {
        "dev": (
            "an emoji of {o} with a {c} background in the {s} style",
            "{c}, {s} style, {o}",
            "depict {o} crafted in the {s} style versus a {c} backdrop",
            "{s} style snapshot: {o} resting upon {c}",
            "{o} in the manner of {s}, the backdrop stays {c}",
            "a {c} leaflet with {o}, {s} style",
            "show {o} drawn in the {s} style against a {c} background",
            "{s} style picture: {o} placed on {c}",
            "{o} in the style of {s}, the background is {c}",
            "a {c} card with {o}, {s} style",
        ),
        "test": (
            "paint {o} in {s} style and make the background {c}",
            "i need {o} rendered in the {s} style, filling a {c} square",
            "a {c} tile showing {o}, everything in {s} style",
            "{o} stands alone, the background is plain {c}, the style is {s}",
            "could i get {o} with {c} behind it and {s} style throughout",
            "generate {o} as {s} style would show it, surrounded by {c}",
            "here you see {o}, which was coloured in {s} style while the ground stayed {c}",
            "{s} style, {c} background: {o} seen from the front",
        ),
    },
    "plain": {
        "dev": (
            "an emoji of {o}",
            "my picture has {o}",
            "bring me {o}",
            "a mosaic of {o}",
            "a leaflet with {o}",
            "{o} amid the frame",
            "show me {o}",
            "a sketch of {o}",
            "a card with {o}",
            "{o} in the middle",
        ),
        "test": (
            "i would like to see {o}",
            "paint {o} for me",
            "{o}, nothing more",
            "a postcard that shows {o}",
            "can you draw {o}",
            "there is {o} in this image",
        ),
    },
}


# {o} here is another name or a description, never the name of the object
INDIRECT: dict[Split, tuple[str, ...]] = {
    "dev": (
        "an emoji of {o}",
        "my picture has {o}, {s} style",
        "a mosaic of {o} on {c}",
        "show me {o}",
        "a sketch of {o} in the style of {s}",
        "{o}, the background is {c}",
    ),
    "test": (
        "paint {o} for me",
        "can you draw {o} in the {s} style",
        "{o}, and the background should be {c}",
        "i imagine {o}, shown in {s} style on a {c} surface",
    ),
}
Asked = Literal["target", "indirect", "neighbour", "unrelated"]


@dataclass(frozen=True)
class Question:
    """A prompt, its seed, and what the judge looks for in the picture."""

    prompt: str
    seed: int
    kind: Asked
    shows: str
    style: str = ""
    colour: str = ""


def with_article(name: str) -> str:
    """The name with "a" or "an" before it."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def ask(
    world: World,
    things: list[tuple[IconObject, Kind]],
    count: int,
    *,
    split: Split,
    seed: int,
    style: str | None = None,
) -> list[Question]:
    """`count` direct prompts over these objects in turn, each with a seed of its own.

    Args:
        style: name this style in each prompt; None: styles in turn at random.
    """
    rng = np.random.default_rng(seed)
    asked = []
    for place in range(count):
        thing, kind = things[place % len(things)]
        word = style or str(rng.choice(list(world.styles)))
        colour = str(rng.choice(list(world.colours)))
        full = style is not None or rng.random() < 0.75
        pool = HELD_OUT["full" if full else "plain"][split]
        template = pool[int(rng.integers(len(pool)))]
        text = template.format(o=with_article(thing.name), s=word, c=colour)
        asked.append(
            Question(
                text,
                seed * 100_000 + place,
                kind,
                thing.id,
                word if full else "",
                colour if full else "",
            )
        )
    return asked


def all_objects(
    world: World, count: int, *, split: Split = "test", seed: int = 7
) -> list[Question]:
    """Direct prompts over every object: how well the model draws at all."""
    things: list[tuple[IconObject, Kind]] = [(thing, "unrelated") for thing in world.objects]
    return ask(world, things, count, split=split, seed=seed)


def direct(
    pack: Pack,
    count: int,
    *,
    world: World | None = None,
    split: Split = "test",
    seed: int = 11,
) -> list[Question]:
    """Direct prompts for a pack: what it removes, the look-alikes, and everything else.

    `count` prompts of each of the three kinds. For a style, the other styles in turn are neighbours
    and unrelated ones.
    """
    known = world or load_world()
    removed = [concept.name for concept in pack.remove]
    style = removed_style(pack, known)
    if style is not None:
        return _style(known, style, count, split, seed)
    targets = [thing for name in removed if (thing := known.find(name)) is not None]
    near = {f"{thing.group}_neighbour" for thing in targets}
    neighbours = [thing for thing in known.objects if thing.group in near]
    taken = {thing.id for thing in (*targets, *neighbours)}
    groups = {thing.group for thing in targets}
    rest = [t for t in known.objects if t.id not in taken and t.group not in groups]
    asked = []
    kinds: tuple[tuple[Kind, list[IconObject]], ...] = (
        ("target", targets),
        ("neighbour", neighbours),
        ("unrelated", rest),
    )
    for offset, (kind, things) in enumerate(kinds):
        if things:
            pairs: list[tuple[IconObject, Kind]] = [(thing, kind) for thing in things]
            asked += ask(known, pairs, count, split=split, seed=seed + offset)
    return asked


def removed_style(pack: Pack, world: World) -> str | None:
    """The style that a pack removes; None where it removes things."""
    names = [concept.name for concept in pack.remove]
    return next((word for word in world.styles for name in names if word in name.split()), None)


def indirect(
    pack: Pack,
    count: int,
    *,
    world: World | None = None,
    split: Split = "test",
    seed: int = 13,
) -> list[Question]:
    """Prompts that mean what a pack removes without naming it: other names and descriptions.

    Empty for a style. Other names that contain the name itself are left out.
    """
    known = world or load_world()
    rng = np.random.default_rng(seed)
    targets = [t for concept in pack.remove if (t := known.find(concept.name)) is not None]
    told = [
        (thing, words)
        for thing in targets
        for words in (*thing.synonyms, thing.description)
        if thing.name not in words
    ]
    asked = []
    for place in range(count if told else 0):
        thing, words = told[place % len(told)]
        style, colour = str(rng.choice(list(known.styles))), str(rng.choice(list(known.colours)))
        pool = INDIRECT[split]
        template = pool[int(rng.integers(len(pool)))]
        said = words if words.startswith(("a ", "an ", "the ", "two ")) else with_article(words)
        text = template.format(o=said, s=style, c=colour)
        asked.append(Question(text, seed * 100_000 + place, "indirect", thing.id))
    return asked


def _style(world: World, style: str, count: int, split: Split, seed: int) -> list[Question]:
    """A style is removed: its pictures must change style, the other styles must stay."""
    targets: list[tuple[IconObject, Kind]] = [(thing, "target") for thing in world.objects]
    asked = [
        Question(q.prompt, q.seed, "target", f"{STYLE}{style}", q.style, q.colour)
        for q in ask(world, targets, count, split=split, seed=seed, style=style)
    ]
    others = [word for word in world.styles if word != style]
    for place, word in enumerate(others):
        kind: Kind = "neighbour" if place % 2 else "unrelated"
        pairs: list[tuple[IconObject, Kind]] = [(thing, kind) for thing in world.objects]
        share = count // (len(others) // 2)
        found = ask(world, pairs, share, split=split, seed=seed + 1 + place, style=word)
        asked += [
            Question(q.prompt, q.seed, kind, f"{STYLE}{word}", q.style, q.colour) for q in found
        ]
    return asked
