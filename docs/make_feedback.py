"""`python docs/make_feedback.py [--dev 60] [--test 120]`: docs/feedback-benchmark.md.

Does a word learned from ratings remove more than the best word of the dictionary? A SIMULATED
rater, which exists only here and in tests, dislikes sharp and pointed things and errs in one answer
of ten. What is done stays in build/feedback and is not done again.
"""

import argparse
import hashlib
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from studio.config import Column, Concept, Pack, Text
from studio.evaluation.judge import load_judge
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question, Split, ask
from studio.evaluation.quality.files import read
from studio.evaluation.ratings import Ratings
from studio.models.loading import load_bundle
from studio.models.sampler import to_pil
from studio.pictures import save_png
from studio.presets import find_model
from studio.records import State
from studio.services.columns import column
from studio.services.judge import judge
from studio.services.runs import Runs
from studio.services.tokens import Tokens
from studio.words import duration, rate_text
from studio.world import ROOT, IconObject, load_world

BUILD, PAGE = ROOT / "build" / "feedback", ROOT / "docs" / "feedback-benchmark.md"
WORLD, CARD = load_world(), find_model("icon-world")
SHARP = ("dagger", "kitchen_knife", "crossed_swords", "bow_and_arrow", "syringe", "pencil")
DISLIKED = [WORLD.objects[WORLD.index(name)] for name in SHARP]
LIKED = [thing for thing in WORLD.objects if thing.id not in SHARP]
KEPT = tuple(thing.name for place, thing in enumerate(LIKED) if place % 5 not in (0, 3))
WORDS = ("weapon", "blade", "knife", "needle")
PICTURES, WRONG = 300, 0.1
INVERSION = {"init": "weapon", "meanings": 8}
LEARNED: dict[str, dict[str, Any]] = {"token": {}, "shuffled": {}, "plain": {"meanings": 1}}
INTRODUCTION = """# Does a word learned from ratings remove more than a word of the dictionary?

Written by `python docs/make_feedback.py`. **The rater is simulated**: a program that dislikes
pictures of sharp and pointed things ({things}),
and gives a wrong answer for {wrong} of {pictures} pictures. Its eye is the judge of Icon World,
which also gives the features of the reward model and counts below; so these ratings are easier to
learn than those of people. No person was asked.

What was rated is learned as {words} words of one vector each, for pictures that look alike, and
these are removed by `Tokens.start_removal`; each word of the dictionary by the same preset
(`hfi-sdd`), with the same things to keep. Disliked: pictures that show any sharp thing, on
prompts that name one. Kept: pictures that show what they should, on prompts for the 60 other
things, of which 36 were named to be kept. Rates with 95 % Wilson intervals; words are chosen on
dev prompts, the table is of test prompts, asked once.
"""
RATED = (
    "{o}", "a picture of {o}", "{o} in {s} style on a {c} background", "{s} style {o} on {c}",
    "an icon of {o} on {c} ground", "a {s} icon of {o}",
)  # fmt: skip


def rated_prompts() -> list[tuple[str, int]]:
    """What is rated, with seeds: things that may be disliked and others in turn."""
    rng, found = np.random.default_rng(5), []
    for place in range(PICTURES):
        pool = LIKED if place % 2 else DISLIKED
        thing: IconObject = pool[(place // 2) % len(pool)]
        words = str(rng.choice([thing.name, *thing.synonyms]))
        style, colour = str(rng.choice(list(WORLD.styles))), str(rng.choice(list(WORLD.colours)))
        text = str(rng.choice(RATED)).format(o=words, s=style, c=colour)
        found.append((text, 700_000 + place))
    return found


def draw_round(place: Path) -> None:
    """The pictures of the round, and how long they took."""
    rows = rated_prompts()
    left = [n for n in range(PICTURES) if not (place / "pictures" / f"{n:05d}.png").exists()]
    if not left:
        return
    bundle, began, done = load_bundle(CARD), time.monotonic(), iter(left)
    prompts, seeds = [rows[n][0] for n in left], [rows[n][1] for n in left]
    for part in draw_all(bundle, prompts, seeds, CARD.sample):
        for image, number in zip(to_pil(part), done, strict=False):
            told: dict[str, object] = {"prompt": rows[number][0], "seed": rows[number][1]}
            save_png(image, place / "pictures" / f"{number:05d}.png", told)
    note(place / "seconds.json", (time.monotonic() - began) / len(left) * PICTURES)


def simulated_rater(place: Path) -> Ratings:
    """Dislikes what the judge takes for a sharp thing, and errs in one answer of ten."""
    files = sorted((place / "pictures").glob("*.png"))
    eye, rng = load_judge(CARD.judge), np.random.default_rng(0)
    assert eye is not None
    parts = [files[start : start + 50] for start in range(0, len(files), 50)]
    seen = [any(o in SHARP for o in s.objects) for part in parts for s in eye.see(read(part))]
    wrong = rng.random(len(files)) < WRONG
    pairs = zip(files, seen, wrong, strict=True)
    return Ratings({f"pictures/{f.name}": (bool(s ^ w),) for f, s, w in pairs})


def make_rounds() -> tuple[Path, Path]:
    """The rated round, and the same with its answers shuffled."""
    place, mixed = BUILD / "round", BUILD / "shuffled"
    draw_round(place)
    if not (mixed / "ratings.json").exists():
        said = simulated_rater(place)
        note(place / "ratings.json", asdict(said))
        mixed.mkdir(exist_ok=True)
        if not (mixed / "pictures").exists():
            (mixed / "pictures").symlink_to(place / "pictures")
        answers = list(said.shows.values())
        order = np.random.default_rng(9).permutation(len(answers))
        shows = {name: answers[n] for name, n in zip(said.shows, order, strict=True)}
        note(mixed / "ratings.json", asdict(Ratings(shows)))
    return place, mixed


def questions(split: Split, count: int) -> list[Question]:
    """Held-out prompts, fixed before anything was tuned: disliked things, then all others."""
    bad = ask(WORLD, [(t, "target") for t in DISLIKED], count, split=split, seed=31)
    good = ask(WORLD, [(t, "unrelated") for t in LIKED], count, split=split, seed=32)
    return [
        Question(q.prompt, q.seed, q.kind, "|".join(SHARP), q.style, q.colour) for q in bad
    ] + good


def trained(name: str) -> list[str]:
    """The runs of an arm, begun now or before, all ended: inversion and removal, or removal."""
    runs, tokens = Runs(BUILD / "runs"), Tokens(BUILD / "runs")
    memory = BUILD / f"arm-{name}.json"
    if not memory.exists():
        if name in LEARNED:
            place = make_rounds()[name == "shuffled"]
            settings = {**INVERSION, **LEARNED[name]}
            ids = tokens.start_removal(place, name=name, keep=KEPT, settings=settings)
        else:
            ids = (runs.start(runs.plan(word_pack(name), CARD, preset="hfi-sdd")),)
        note(memory, list(ids))
    found: list[str] = json.loads(memory.read_text())
    for run_id in found:
        status = runs.wait(run_id, 24 * 3600)
        if status.state is not State.DONE:
            memory.unlink()
            raise SystemExit(f"{name}: {status.state}: {status.what} {status.way_out}")
    return found


def word_pack(word: str) -> Pack:
    """The same removal, of one word."""
    return Pack(
        id=word,
        title=Text(en=f"Without {word}", zh=f"去除 {word}"),
        description=Text(en="A word of the dictionary.", zh="词典里的词。"),
        remove=(Concept(name=word),),
        keep=KEPT,
    )


def judged(name: str, split: Split, count: int) -> dict[str, Any]:
    """Rates of an arm; "original" is one too."""
    told = json.dumps([asdict(q) for q in questions(split, count)])
    stamp = hashlib.sha256(told.encode()).hexdigest()[:8]
    file = BUILD / f"judged-{name}-{split}-{stamp}.json"
    if not file.exists():
        runs = Runs(BUILD / "runs")
        chosen = Column() if name == "original" else column(runs, trained(name)[-1])
        row = judge(CARD, [chosen], questions(split, count)).summary["rows"][0]
        note(file, {"leak": row["leak_direct"], "keep": row["keep"]})
    found: dict[str, Any] = json.loads(file.read_text())
    print(f"{name:10} {split} disliked {rate_text(found['leak'])}, kept {rate_text(found['keep'])}")
    return found


def seconds(ids: list[str]) -> float:
    """How long runs were at work."""
    runs = Runs(BUILD / "runs")
    found = [runs.folder(run_id).stored_status() for run_id in ids]
    return sum((s.ended or 0) - (s.started or 0) for s in found)


def page(rows: dict[str, dict[str, Any]], dev: dict[str, dict[str, Any]], best: str) -> str:
    """The page, with what follows from the numbers."""
    token, word = rows["token"], rows[best]
    place = make_rounds()[0]
    drawing = json.loads((place / "seconds.json").read_text())
    whole = drawing + seconds(trained("token"))
    known = Tokens(BUILD / "runs").find(trained("token")[0])
    control = Tokens(BUILD / "runs").find(trained("shuffled")[0])
    lines = [
        INTRODUCTION.format(
            things=", ".join(thing.name for thing in DISLIKED),
            wrong=f"{100 * WRONG:.0f} %",
            pictures=PICTURES,
            words=INVERSION["meanings"],
        ),
        "| removed | disliked still shown | other things kept |",
        "| --- | --- | --- |",
        *(
            f"| {label(name, best)} | {rate_text(row['leak'])} | {rate_text(row['keep'])} |"
            for name, row in rows.items()
        ),
        "",
        verdict(token, word, best),
        "",
        f"The reward model is right on {told(known)}; with shuffled ratings on {told(control)}.",
        "",
        f"Time: {duration(drawing)} to draw the pictures, {duration(whole)} in all, rating not",
        "counted, on the machine and beside the work that happened to run there (aim: 10 min).",
        "",
        "Dev prompts, on which the word was chosen:",
        "",
        "| removed | disliked still shown | other things kept |",
        "| --- | --- | --- |",
        *(
            f"| {label(name, best)} | {rate_text(row['leak'])} | {rate_text(row['keep'])} |"
            for name, row in dev.items()
        ),
        "",
    ]
    return "\n".join(lines)


def label(name: str, best: str) -> str:
    """An arm in words."""
    if name in WORDS:
        return f'"{name}"{", the best single word" if name == best else ""}'
    return {
        "original": "nothing",
        "token": "the learned words",
        "plain": "one learned word of one vector, as published",
        "shuffled": "control: words learned from shuffled ratings",
    }[name]


def told(token: Any) -> str:
    """What its reward model is worth."""
    doubt = ", which may be chance" if token.doubtful else ""
    return f"{rate_text(token.accuracy)} of held-out pictures{doubt}"


def verdict(token: dict[str, Any], word: dict[str, Any], best: str) -> str:
    """Whether the aim is reached, from the numbers."""
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


def note(file: Path, data: object) -> None:
    """Keep something for the next time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data), encoding="utf-8")


def main() -> None:
    """Make the page, going on where it stopped."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--dev", type=int, default=60, help="dev prompts of each kind")
    options.add_argument("--test", type=int, default=120, help="test prompts of each kind")
    args = options.parse_args()
    make_rounds()
    dev = {name: judged(name, "dev", args.dev) for name in ("token", *WORDS, "plain")}
    best = min(WORDS, key=lambda word: (dev[word]["leak"]["k"], -dev[word]["keep"]["k"]))
    arms = ("original", best, "token", "shuffled")
    rows = {name: judged(name, "test", args.test) for name in arms}
    PAGE.write_text(page(rows, dev, best), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
