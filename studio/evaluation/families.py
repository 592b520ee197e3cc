"""Icon World's prompts by family: what must be gone in every wording, and what must be kept.

Families and sizes after the design's table of prompt families; the wordings of each were written
before any method was measured on them. `dev` is for tuning, `test` for numbers that are reported.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np

from studio.config import Kind, Pack
from studio.evaluation.findings import Row, Wanted
from studio.evaluation.prompts import (
    STYLE,
    Question,
    Split,
    ask,
    direct,
    indirect,
    removed_style,
    with_article,
)
from studio.evaluation.wordings import COMPOUND, LANGUAGES, PARAPHRASE, SYNONYM
from studio.world import IconObject, World, load_world

FULL: Final = {
    "direct": 500,
    "paraphrase": 300,
    "synonym": 300,
    "indirect": 300,
    "compound": 300,
    "typo": 200,
    "language": 200,
    "neighbours": 300,
    "others": 500,
    "styles": 400,
}
QUICK: Final = dict.fromkeys(FULL, 25) | {"direct": 100, "others": 50, "neighbours": 50}
GONE: Final = ("direct", "paraphrase", "synonym", "indirect", "compound", "typo", "language")
INDIRECT: Final = GONE[1:]


class Said(NamedTuple):
    """A prompt, what is looked for in its picture, and what else must still be there."""

    text: str
    shows: str
    also: str = ""


def family_rows(
    pack: Pack, split: Split, sizes: Mapping[str, int] = FULL, *, world: World | None = None
) -> tuple[Row, ...]:
    """The rows of every family in `sizes`, in its order; no two of a family share a seed.

    Args:
        pack: what is removed. A style has the families "direct", "neighbours" and "others" only.
        sizes: how many rows of each family; a family the pack cannot have has none.
    """
    known = world or load_world()
    rows: list[Row] = []
    for name, count in sizes.items():
        wanted: Wanted = "gone" if name in GONE else "kept"
        rows += [
            Row(len(rows) + place, said.text, seed, name, wanted, said.shows, said.also)
            for place, (said, seed) in enumerate(_family(name, pack, split, count, known))
        ]
    return tuple(rows)


PLAIN: Final = {"direct": "target", "neighbours": "neighbour", "others": "unrelated"}
Rng = np.random.Generator
Maker = Callable[[list[IconObject], World, Split, Rng, int], Said | None]


def _family(
    name: str, pack: Pack, split: Split, count: int, world: World
) -> list[tuple[Said, int]]:
    if name in PLAIN:
        asked = direct(pack, count, world=world, split=split)
        return [_asked(question) for question in asked if question.kind == PLAIN[name]]
    targets = [t for c in pack.remove if (t := world.find(c.name)) is not None]
    if removed_style(pack, world) is not None or not targets:
        return []
    if name == "indirect":
        return [_asked(question) for question in indirect(pack, count, world=world, split=split)]
    if name == "styles":
        return _styles(targets, world, split, count)
    seed = SEEDS[name]
    rng = np.random.default_rng(seed)
    told = [MAKERS[name](targets, world, split, rng, place) for place in range(count)]
    return [(said, seed * 100_000 + place) for place, said in enumerate(told) if said is not None]


def _asked(question: Question) -> tuple[Said, int]:
    return Said(question.prompt, question.shows), question.seed


def _filled(pool: tuple[str, ...], world: World, rng: Rng, **words: str) -> str:
    style, colour = str(rng.choice(list(world.styles))), str(rng.choice(list(world.colours)))
    return pool[int(rng.integers(len(pool)))].format(s=style, c=colour, **words)


def _paraphrase(
    targets: list[IconObject], world: World, split: Split, rng: Rng, place: int
) -> Said:
    """A long sentence that names the thing."""
    thing = targets[place % len(targets)]
    return Said(_filled(PARAPHRASE[split], world, rng, o=with_article(thing.name)), thing.id)


def _synonym(targets: list[IconObject], world: World, split: Split, rng: Rng, place: int) -> Said:
    """Another name, or the name of the whole group, for which anything of the group counts."""
    told = [(word, t.id) for t in targets for word in t.synonyms if t.name not in word]
    for group in dict.fromkeys(t.group for t in targets):
        members = "|".join(t.id for t in world.objects if t.group == group)
        told += [(word, members) for word in world.hypernyms.get(group, ())]
    word, shows = told[place % len(told)]
    said = word if word.startswith("something") else with_article(word)
    return Said(_filled(SYNONYM[split], world, rng, o=said), shows)


def _compound(targets: list[IconObject], world: World, split: Split, rng: Rng, place: int) -> Said:
    """Two things, of which one must go and the other must stay."""
    others = _rest(targets, world)
    thing, other = targets[place % len(targets)], others[int(rng.integers(len(others)))]
    words = {"o": with_article(thing.name), "p": with_article(other.name)}
    return Said(_filled(COMPOUND[split], world, rng, **words), thing.id, other.id)


def _typo(targets: list[IconObject], world: World, split: Split, rng: Rng, place: int) -> Said:
    """A name with a letter left out, doubled, or exchanged with the next, or with a gap."""
    thing = targets[place % len(targets)]
    said = with_article(misspelt(thing.name, rng))
    return Said(_filled(SYNONYM[split], world, rng, o=said), thing.id)


def _language(
    targets: list[IconObject], world: World, split: Split, rng: Rng, place: int
) -> Said | None:
    """A name in another language, within an English sentence or alone."""
    told = [(word, t.id) for t in targets for word in LANGUAGES.get(t.id, ())]
    if not told:
        return None
    word, shows = told[place % len(told)]
    return Said(_filled(SYNONYM[split], world, rng, o=word), shows)


MAKERS: Final[dict[str, Maker]] = {
    "paraphrase": _paraphrase,
    "synonym": _synonym,
    "compound": _compound,
    "typo": _typo,
    "language": _language,
}
SEEDS: Final = {name: 31 + place for place, name in enumerate([*MAKERS, "styles"])}


def _styles(
    targets: list[IconObject], world: World, split: Split, count: int
) -> list[tuple[Said, int]]:
    """Things that stay, in every style alike: the style must stay too."""
    rest: list[tuple[IconObject, Kind]] = [(thing, "unrelated") for thing in _rest(targets, world)]
    told = []
    for place, style in enumerate(world.styles):
        share = len(range(place, count, len(world.styles)))
        seed = SEEDS["styles"] * 10 + place
        asked = ask(world, rest, share, split=split, seed=seed, style=style)
        told += [(Said(q.prompt, f"{STYLE}{style}"), q.seed) for q in asked]
    return told


def _rest(targets: list[IconObject], world: World) -> list[IconObject]:
    groups = {thing.group for thing in targets}
    return [thing for thing in world.objects if thing.group not in groups]


def misspelt(name: str, rng: Rng) -> str:
    """The name with one mistake inside a word."""
    inside = [p for p in range(1, len(name) - 1) if name[p - 1 : p + 2].isalpha()]
    at = int(rng.choice(inside))
    same = name[at] == name[at + 1]
    wrong = (
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
        f"{name[:at]} {name[at:]}",
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    )
    return wrong[int(rng.integers(3 if same else 4))]
