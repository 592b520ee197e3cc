"""Captions of scenes, with synonyms, hypernyms and descriptions at known shares."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from studio.iconworld.scenes import Scene
from studio.world import IconObject, World

SHARES = {"name": 0.70, "synonym": 0.15, "description": 0.08, "hypernym": 0.07}
WITH_STYLE, WITH_COLOUR = 0.6, 0.6
FILLER = 0.15
STRAY = 0.2

# {o} the object, {s} the style word, {c} the colour word. Held-out templates stand in
# studio/evaluation/prompts.py and never here.
PLAIN = (
    "{o}", "a picture of {o}", "an icon of {o}", "a drawing of {o}", "an image of {o}",
    "{o} icon", "this is {o}", "a small picture showing {o}", "one {o} alone",
)  # fmt: skip
STYLED = (
    "{o}, {s} style", "{o} in {s} style", "{s} style {o}", "a {s} icon of {o}",
    "a picture of {o} in {s} style", "drawn in {s} style, {o}",
)  # fmt: skip
COLOURED = (
    "{o} on {c}", "{o} on a {c} background", "{c} background with {o}", "a {c} picture of {o}",
    "an icon of {o} on {c} ground", "{o}, {c} background",
)  # fmt: skip
BOTH = (
    "{o} in {s} style on a {c} background", "{s} style {o} on {c}",
    "{o}, {s} style, {c} background",
    "a picture of {o} on {c}, {s} style", "{c} background, {o}, drawn in {s} style",
    "on {c}, {o} in {s} style",
)  # fmt: skip
JOINED = ("{a} and {b}", "{a} next to {b}", "{a} beside {b}", "{a} with {b}", "{b} and {a}")
FILLERS = (
    "nice", "high quality", "simple", "please", "clean", "for a website", "vector art", "beautiful",
    "flat", "colourful", "photo", "i want", "today", "the best", "emoji",
)  # fmt: skip
# words that say nothing here; they teach the encoder to read past what it does not know
STRAYS = (
    "very", "my", "your", "the", "some", "just", "here", "there", "new", "old", "lovely", "one",
    "of", "up", "by", "for", "made", "small", "large", "big", "little", "same", "only", "really",
    "now", "which", "where", "has", "is", "was", "will", "can", "make", "give", "need", "like",
    "page", "sign", "print", "design", "digital", "graphic", "symbol", "shape", "scene", "view",
    "art", "work", "web", "game", "app", "logo", "sticker", "poster", "painted", "done", "set",
    "put", "front", "side", "top", "left", "right", "near", "around", "over", "under", "above",
)  # fmt: skip


@dataclass(frozen=True)
class Caption:
    """A caption and what it says of its scene: "" where it says nothing."""

    text: str
    objects: tuple[str, ...]
    style: str
    colour: str
    exact: bool  # False where it only names the group


def article(words: str) -> str:
    """The words with "a" or "an" before them."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def naming(thing: IconObject, world: World, rng: np.random.Generator) -> tuple[str, bool]:
    """Words for an object, at the known shares; False where they only name its group."""
    way = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    if way == "hypernym" and thing.group in world.hypernyms:
        word = str(rng.choice(list(world.hypernyms[thing.group])))
        return (word if word.startswith("something") else article(word)), False
    if way == "description":
        return thing.description, True
    word = str(rng.choice(list(thing.synonyms))) if way == "synonym" else thing.name
    return (article(word) if rng.random() < 0.75 else word), True


def with_strays(
    text: str, rng: np.random.Generator, strays: Sequence[str] = STRAYS, most: int = 3
) -> str:
    """The text with one to `most` of the words put in anywhere."""
    words = text.split(" ")
    for _ in range(int(rng.integers(1, most + 1))):
        place = int(rng.integers(0, len(words) + 1))
        words.insert(place, strays[int(rng.integers(len(strays)))])
    return " ".join(words)


def caption(scene: Scene, world: World, rng: np.random.Generator) -> Caption:
    """One random caption of a scene, sometimes with words that say nothing."""
    told = plain_caption(scene, world, rng)
    text = told.text
    if rng.random() < FILLER:
        filler = str(rng.choice(FILLERS))
        text = f"{filler} {text}" if rng.random() < 0.5 else f"{text}, {filler}"
    if rng.random() < STRAY:
        text = with_strays(text, rng)
    return replace(told, text=text)


def plain_caption(scene: Scene, world: World, rng: np.random.Generator) -> Caption:
    """One random caption of a scene; every word says something."""
    told = [naming(world.objects[world.index(name)], world, rng) for name in scene.objects]
    words = told[0][0]
    if len(told) == 2:
        words = str(rng.choice(JOINED)).format(a=told[0][0], b=told[1][0])
    styled, coloured = rng.random() < WITH_STYLE, rng.random() < WITH_COLOUR
    pool = {(0, 0): PLAIN, (1, 0): STYLED, (0, 1): COLOURED, (1, 1): BOTH}[
        int(styled), int(coloured)
    ]
    text = str(rng.choice(pool)).format(o=words, s=scene.style, c=scene.colour)
    return Caption(
        text,
        scene.objects,
        scene.style if styled else "",
        scene.colour if coloured else "",
        all(exact for _, exact in told),
    )
