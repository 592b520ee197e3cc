"""The words of docs/feedback-benchmark.md, made from its numbers; see make_feedback.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studio.services.benchmark_page import seeds_told
from studio.words import duration, rate_text

Rows = dict[str, dict[str, Any] | None]
INTRODUCTION = """# Does a word learned from ratings remove more than a word of the dictionary?

Written by `python docs/make_feedback.py`. **The rater is simulated**: a program that dislikes
pictures of sharp and pointed things ({things}), and gives a wrong answer for {wrong} of {pictures}
pictures. Its eye is the judge of Icon World, which also gives the features of the reward model and
counts below; so these ratings are easier to learn than those of people. No person was asked.

What was rated is learned as {words} words of one vector each, for pictures that look alike, and
these are removed by `Tokens.start_removal`; each word of the dictionary by the same preset
(`hfi-sdd`), with the same things to keep. Disliked: pictures that show any sharp thing, on prompts
that name one. Kept: pictures that show what they should, on prompts for the 60 other things, of
which 36 were named to be kept. Rates with 95 % intervals; the word is chosen on dev prompts, and
the test prompts are asked once.
{seeds}
"""
NAMES = {
    "original": "nothing",
    "word": "the best single word",
    "token": "the learned words",
    "plain": "one learned word of one vector, as published",
    "shuffled": "control: words learned from shuffled ratings",
}
HEAD = ("| removed | disliked still shown | other things kept |", "| --- | --- | --- |")


@dataclass(frozen=True)
class Facts:
    """What the page tells besides rates.

    Attributes:
        about: "things" that are disliked, "words" that are learned. known: learned arms.
        times: seconds to have the pictures "drawn", and for the "whole" path; empty: not measured.
        wrong: share of wrong answers. pictures: how many were rated.
        seeds: of the trainings of each arm.
    """

    about: dict[str, Any]
    known: dict[str, Any]
    times: dict[str, float]
    wrong: float
    pictures: int
    seeds: Sequence[int]


def page(test: Rows, dev: Rows, best: str | None, facts: Facts) -> str:
    """The page, with what follows from the numbers."""
    told = [f"{NAMES[name]}: {worth(token)}" for name, token in facts.known.items()]
    lines = [
        INTRODUCTION.format(
            things=", ".join(facts.about["things"]),
            words=facts.about["words"],
            wrong=f"{100 * facts.wrong:.0f} %",
            pictures=facts.pictures,
            seeds="\n".join(seeds_told(facts.seeds)),
        ),
        "## Test prompts",
        "",
        *HEAD,
        *(row(name, rates, best) for name, rates in test.items()),
        "",
        verdict(test["token"], test["word"], best),
        "",
        f"What the reward models are right on: {'; '.join(told)}.",
        "",
        time_of(facts),
        "",
        "## Dev prompts, on which the word was chosen",
        "",
        *HEAD,
        *(row(name, rates, best) for name, rates in dev.items()),
        "",
    ]
    return "\n".join(lines)


def row(name: str, rates: dict[str, Any] | None, best: str | None) -> str:
    """A line of a table."""
    shown = NAMES.get(name, f'"{name}"')
    if name == "word" and best:
        shown += f', "{best}"'
    if rates is None:
        return f"| {shown} | not measured | not measured |"
    cells = [rate_text(rates[kind]) + by_seed(rates, kind) for kind in ("leak", "keep")]
    return f"| {shown} | {cells[0]} | {cells[1]} |"


def by_seed(rates: dict[str, Any], kind: str) -> str:
    """How many each training showed, where there were several."""
    each = rates.get("each", {}).get(kind, ())
    return f"; by seed {', '.join(map(str, each))}" if len(each) > 1 else ""


def worth(token: Any) -> str:
    """What a reward model is worth."""
    if token.accuracy is None:
        return "not measured"
    doubt = ", which may be chance" if token.doubtful else ""
    return f"{rate_text(token.accuracy)} of held-out pictures{doubt}"


def time_of(facts: Facts) -> str:
    """How long it took, rating not counted."""
    if not facts.times:
        return "Time of the whole path: not measured (aim: 10 min on two cores)."
    return (
        f"Time on two CPU cores without other work: {duration(facts.times['drawn'])} to draw the "
        f"pictures, {duration(facts.times['whole'])} in all, rating not counted (aim: 10 min)."
    )


def verdict(token: dict[str, Any] | None, word: dict[str, Any] | None, best: str | None) -> str:
    """Whether the aim is reached, from the numbers."""
    if token is None or word is None:
        return "Not all arms are measured yet: run the command again, it goes on where it stopped."
    half = token["leak"]["rate"] <= word["leak"]["rate"] / 2
    kept = token["keep"]["rate"] >= word["keep"]["rate"]
    apart = token["leak"]["high"] < word["leak"]["low"]
    parts = [
        f'Against "{best}" the learned words leave '
        f"{'at most half of' if half else 'more than half of'} the disliked pictures",
        f"and keep {'as much or more' if kept else 'less'}.",
        f"The intervals of the disliked pictures {'do not overlap' if apart else 'overlap'}.",
        f"The aim, half at equal or better keep, is {'reached' if half and kept else 'missed'}.",
    ]
    return " ".join(parts)
