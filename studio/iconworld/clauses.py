"""Sentences of several clauses about one thing or two, and the plain captions that say the same.

`disturbed` puts foreign words around what is said. People also write whole clauses whose joints are
foreign ("... drawn in the style, against a background"), name things that Icon World does not
know, and part two things by words that no caption holds. So the number of things has to follow from
the things that are named, never from the number of clauses or of noun-like words.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np

from studio.evaluation.prompts import with_article
from studio.iconworld.captions import BOTH, COLOURED, JOINED, PLAIN, STYLED, naming
from studio.iconworld.robust import held_out_words
from studio.iconworld.scenes import Scene
from studio.world import World

TWO_SHARE = 0.35  # of sentences tell of two things
DECOY, SPLIT, JOINT = 0.4, 0.25, 0.35
WITH_STYLE, WITH_COLOUR = 0.7, 0.7

# {f} a foreign word, {s} the style word, {c} the colour word
STYLE_CLAUSES = (
    "{s}", "{s} style", "in {s} style", "in the {s} style", "in a {s} style", "the {s} style",
    "{s} {f}", "{f} {s}", "{f} {s} style", "{f} in {s} style", "{f} in the {s} style",
    "drawn in the {s} style", "{f} with the {s} style", "in the {f} of {s}", "{s} style {f}",
)  # fmt: skip
COLOUR_CLAUSES = (
    "{c}", "on {c}", "{c} background", "a {c} background", "on a {c} background",
    "the background is {c}", "the {f} is {c}", "{f} a {c} background", "{f} a {c} {f}",
    "{f} {c}", "{f} on {c}", "{f} on a {c} {f}", "on {c} {f}", "with a {c} {f}", "{c} {f}",
    "with {c} {f} it", "a {c} {f} with", "with a {c} background", "the background {f} {c}",
)  # fmt: skip
DECOYS = (
    "a {f}", "the {f}", "and a {f}", "with a {f}", "next to a {f}", "beside the {f}", "{f} of {f}",
    "and the {f} {f}", "my {f} {f}", "with {f}", "a {f} of", "the {f} {f} a {f}", "{f} and {f}",
)  # fmt: skip
JOINTS = ("and", ",", ", and", "{f}", "{f} {f}", ", {f}", "and {f}", ", the {f}", "{f} a", "with")
BETWEEN = (
    "and", "{f}", ",", "and {f}", "{f} and", "{f} {f}", ", {f}", "next to {f}", "with {f}",
    "beside", "{f} next to", "{f} with", ", and {f}", "{f} to the {f} of", "and a {f} and",
)  # fmt: skip
DETERMINERS = ("the", "my", "this", "one", "your", "some", "his", "another")
# foreign words that join; those that a held-out sentence uses are left out when they are used
JOINING = (
    "before", "beneath", "below", "between", "within", "without", "into", "onto", "inside",
    "across", "after", "because", "although", "but", "or", "when", "whose", "who", "than", "then",
    "having", "being", "are", "were", "been", "had", "have", "does", "did", "must", "may", "might",
    "shall", "its", "his", "her", "their", "those", "these", "such", "each", "every", "not", "no",
    "also", "against", "toward", "through", "behind", "from", "about", "off", "per", "via", "if",
    "yet", "shown", "seen", "set", "laid", "kept", "held", "standing", "lying", "hanging",
    "floating", "positioned", "printed", "sketched", "designed", "created", "coloured", "styled",
    "finished", "using", "featuring", "showing", "wearing", "covering", "please", "give", "let",
    "us", "want", "try", "think", "create", "produce", "render", "compose", "illustrate",
    "display", "present",
)  # fmt: skip


@cache
def joining_words() -> tuple[str, ...]:
    """Words that join clauses and that no held-out sentence uses."""
    tested = held_out_words()
    return tuple(word for word in JOINING if word not in tested)


def borrowed_words(world: World) -> tuple[str, ...]:
    """Words that captions know from descriptions alone ("against": an umbrella's).

    Elsewhere they say nothing. Where no sentence teaches that, "against a red background" is read
    as an umbrella. Words of test sentences are left out.
    """
    named: set[str] = {*world.styles, *world.colours}
    told: set[str] = set()
    for thing in world.objects:
        named |= set(" ".join((thing.name, *thing.synonyms)).split())
        told |= set(thing.description.split())
    for words in (*world.hypernyms.values(), PLAIN, STYLED, COLOURED, BOTH, JOINED):
        named |= set(" ".join(words).replace(",", "").split())
    return tuple(sorted(told - named - held_out_words(("test",))))


def named_scene(world: World, rng: np.random.Generator) -> Scene:
    """What a sentence tells of; no picture is needed."""
    count = 2 if rng.random() < TWO_SHARE else 1
    places = rng.choice(len(world.objects), size=count, replace=False).tolist()
    things = tuple(world.objects[place].id for place in places)
    return Scene(things, _one(tuple(world.styles), rng), _one(tuple(world.colours), rng))


def clauses(
    scene: Scene, world: World, rng: np.random.Generator, foreign: Sequence[str]
) -> tuple[str, str]:
    """A sentence with at least one foreign word, and the plain caption that says the same.

    Args:
        scene: one thing or two.
        foreign: words that say nothing; as often `joining_words` and `borrowed_words` are used.
    """
    told = [naming(world.objects[world.index(name)], world, rng)[0] for name in scene.objects]
    plain = " and ".join(told)
    groups = [[_determined(words, rng) for words in told]]
    parts: list[str] = []
    if rng.random() < WITH_STYLE:
        parts.append(_one(STYLE_CLAUSES, rng))
        plain += f", {scene.style} style"
    if rng.random() < WITH_COLOUR:
        parts.append(_one(COLOUR_CLAUSES, rng))
        plain += f", {scene.colour} background"
    things = groups[0][0]
    if len(told) == 2:
        middle = [_one(BETWEEN, rng)]
        if parts and rng.random() < SPLIT:
            middle.insert(0, parts.pop(int(rng.integers(len(parts)))))
        things = " ".join((things, *middle, groups[0][1]))
    parts.append(things)
    if rng.random() < DECOY:
        parts.append(_one(DECOYS, rng))
    shape = [_lead(rng)]
    for turn, place in enumerate(rng.permutation(len(parts)).tolist()):
        if turn:
            shape.append(_one(JOINTS, rng) if rng.random() < JOINT else _one(("", ",", "{f}"), rng))
        shape.append(parts[place])
    said = " ".join(part for part in shape if part)
    if "{f}" not in said:
        said = f"{{f}} {said}" if rng.random() < 0.5 else f"{said} {{f}}"
    pools = (foreign, joining_words(), borrowed_words(world))
    said = said.format_map(_Words(scene.style, scene.colour, pools, rng))
    return said.replace(" ,", ",").strip(" ,"), plain


class _Words(dict[str, str]):
    """`{f}` is another foreign word each time."""

    def __init__(
        self,
        style: str,
        colour: str,
        pools: tuple[Sequence[str], ...],
        rng: np.random.Generator,
    ) -> None:
        super().__init__(s=style, c=colour)
        self._pools, self._rng = pools, rng

    def __missing__(self, key: str) -> str:
        return _one(self._pools[int(self._rng.integers(len(self._pools)))], self._rng)


def _lead(rng: np.random.Generator) -> str:
    return " ".join(["{f}"] * int(rng.integers(0, 5)))


def _determined(words: str, rng: np.random.Generator) -> str:
    """The words as they are, or with another determiner before them."""
    if rng.random() > 0.3 or words.startswith(("something", "two ", "the ")):
        return words
    bare = words.removeprefix("a ").removeprefix("an ")
    if rng.random() < 0.3:
        return with_article(bare)
    return f"{_one(DETERMINERS, rng)} {bare}"


def _one(pool: Sequence[str], rng: np.random.Generator) -> str:
    return pool[int(rng.integers(len(pool)))]
