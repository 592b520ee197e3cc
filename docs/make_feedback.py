"""`python docs/make_feedback.py [--dev 60] [--test 120] [--seeds 0 1 2]`.

Makes docs/feedback-benchmark.md.

Does a word learned from ratings remove more than the best word of the dictionary? A SIMULATED
rater, which exists only here and in tests, dislikes sharp and pointed things and errs in one answer
of ten. Every arm is trained with each training seed; what is done stays in build/feedback and is
not done again. `--times` goes the whole path once more, only to take the time: give it a machine
without other work.
"""

import argparse
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from feedback_page import Facts, Rows, page

from studio.config import Column, Concept, Pack, Text
from studio.evaluation.judge import load_judge
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question, Split, ask
from studio.evaluation.quality.files import read
from studio.evaluation.ratings import Ratings
from studio.evaluation.training_seeds import SEEDS, over_seeds
from studio.models.loading import load_bundle
from studio.models.sampler import to_pil
from studio.pictures import save_png
from studio.presets import find_model
from studio.records import Rate, State
from studio.services.benchmark import networks, own_seeds
from studio.services.columns import column
from studio.services.judge import judge
from studio.services.runs import Runs
from studio.services.tokens import Tokens
from studio.words import rate_text
from studio.world import ROOT, IconObject, load_world

PAGE = ROOT / "docs" / "feedback-benchmark.md"
# where a network changes, everything is made again
NETWORKS = hashlib.sha256("".join(networks()).encode()).hexdigest()[:8]
BUILD = ROOT / "build" / "feedback" / NETWORKS
TIMES = BUILD / "times.json"
WORLD, CARD = load_world(), find_model("icon-world")
SHARP = ("dagger", "kitchen_knife", "crossed_swords", "bow_and_arrow", "syringe", "pencil")
DISLIKED = [WORLD.objects[WORLD.index(name)] for name in SHARP]
LIKED = [thing for thing in WORLD.objects if thing.id not in SHARP]
KEPT = tuple(thing.name for place, thing in enumerate(LIKED) if place % 5 not in (0, 3))
WORDS = ("weapon", "blade", "knife", "needle")
PICTURES, WRONG = 300, 0.1
INVERSION = {"init": "weapon", "meanings": 8}
LEARNED: dict[str, dict[str, Any]] = {"token": {}, "shuffled": {}, "plain": {"meanings": 1}}
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
    """The pictures of the round."""
    rows = rated_prompts()
    left = [n for n in range(PICTURES) if not (place / "pictures" / f"{n:05d}.png").exists()]
    if not left:
        return
    bundle, done = load_bundle(CARD), iter(left)
    prompts, seeds = [rows[n][0] for n in left], [rows[n][1] for n in left]
    for part in draw_all(bundle, prompts, seeds, CARD.sample):
        for image, number in zip(to_pil(part), done, strict=False):
            told: dict[str, object] = {"prompt": rows[number][0], "seed": rows[number][1]}
            save_png(image, place / "pictures" / f"{number:05d}.png", told)


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


def trained(name: str, seed: int) -> list[str]:
    """The runs of an arm with a training seed, begun now or before, all ended: inversion and
    removal, or removal.
    """
    runs, tokens = Runs(BUILD / "runs"), Tokens(BUILD / "runs")
    memory = arm_file(name, seed)
    drawn = {"seed": seed}
    if not memory.exists():
        if name in LEARNED:
            place = make_rounds()[name == "shuffled"]
            settings = {**INVERSION, **LEARNED[name]}
            ids = tokens.start_removal(
                place,
                name=f"{name}-seed{seed}",
                keep=KEPT,
                settings=settings,
                overrides=drawn,
                removing=drawn,
            )
        else:
            plan = runs.plan(word_pack(name), CARD, preset="hfi-sdd", overrides=drawn)
            ids = (runs.start(plan),)
        note(memory, list(ids))
    found: list[str] = json.loads(memory.read_text())
    for run_id in found:
        status = runs.wait(run_id, 24 * 3600)
        if status.state is not State.DONE:
            memory.unlink()
            raise SystemExit(f"{name}, seed {seed}: {status.state}: {status.what}")
    return found


def arm_file(name: str, seed: int) -> Path:
    """Where the runs of an arm are noted."""
    return BUILD / f"arm-{name}-seed{seed}.json"


def word_pack(word: str) -> Pack:
    """The same removal, of one word."""
    return Pack(
        id=word,
        title=Text(en=f"Without {word}", zh=f"去除 {word}"),
        description=Text(en="A word of the dictionary.", zh="词典里的词。"),
        remove=(Concept(name=word),),
        keep=KEPT,
    )


def answers_file(name: str, split: Split, count: int, seed: int) -> Path:
    """Where the rates of an arm with a training seed lie."""
    told = json.dumps([asdict(q) for q in questions(split, count)])
    stamp = hashlib.sha256(told.encode()).hexdigest()[:8]
    return BUILD / f"judged-{name}-seed{seed}-{split}-{stamp}.json"


def seeds_of(name: str, seeds: Sequence[int]) -> Sequence[int]:
    """Training seeds of an arm; one place for the original, which is not trained."""
    return seeds[:1] if name == "original" else seeds


def was_judged(name: str, split: Split, count: int, seeds: Sequence[int]) -> bool:
    """Whether an arm has its rates for every training seed."""
    return all(answers_file(name, split, count, s).exists() for s in seeds_of(name, seeds))


def judged(name: str, split: Split, count: int, seeds: Sequence[int]) -> dict[str, Any]:
    """Rates of an arm over its trainings, and "each" of them; "original" is an arm too."""
    each = [judged_once(name, split, count, seed) for seed in seeds_of(name, seeds)]
    found = over(each)
    print(f"{name:10} {split} disliked {rate_text(found['leak'])}, kept {rate_text(found['keep'])}")
    return found


def over(each: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rates over trainings: their mean, and "each" of them by kind."""
    names = ("k", "n", "rate", "low", "high")
    rates = {
        kind: [Rate(*(one[kind][key] for key in names)) for one in each]
        for kind in ("leak", "keep")
    }
    pooled: dict[str, Any] = {kind: asdict(over_seeds(found)) for kind, found in rates.items()}
    return pooled | {"each": {k: [rate.k for rate in found] for k, found in rates.items()}}


def judged_once(name: str, split: Split, count: int, seed: int) -> dict[str, Any]:
    """Rates of an arm with one training seed."""
    file = answers_file(name, split, count, seed)
    if not file.exists():
        runs = Runs(BUILD / "runs")
        chosen = Column() if name == "original" else column(runs, trained(name, seed)[-1])
        row = judge(CARD, [chosen], questions(split, count)).summary["rows"][0]
        note(file, {"leak": row["leak_direct"], "keep": row["keep"]})
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def take_times() -> None:
    """Go the whole path once more, and keep how long it took."""
    alone = BUILD / "alone"
    shutil.rmtree(alone, ignore_errors=True)
    place, runs, began = alone / "round", Runs(alone / "runs"), time.monotonic()
    draw_round(place)
    drawn = time.monotonic() - began
    note(place / "ratings.json", asdict(simulated_rater(place)))
    for run_id in Tokens(alone / "runs").start_removal(place, keep=KEPT, settings=INVERSION):
        status = runs.wait(run_id, 24 * 3600)
        if status.state is not State.DONE:
            raise SystemExit(f"{run_id}: {status.state}: {status.what} {status.way_out}")
    note(TIMES, {"drawn": drawn, "whole": time.monotonic() - began})


def note(file: Path, data: object) -> None:
    """Keep something for the next time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data), encoding="utf-8")


def known(seed: int) -> dict[str, Any]:
    """Of each learned arm that has begun, what its reward model is worth with a training seed."""
    tokens, found = Tokens(BUILD / "runs"), {}
    for name in LEARNED:
        memory = arm_file(name, seed)
        if memory.exists():
            found[name] = tokens.find(json.loads(memory.read_text())[0])
    return found


def main() -> None:
    """Make the page, going on where it stopped; it is written anew after every answer."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--dev", type=int, default=60, help="dev prompts of each kind")
    options.add_argument("--test", type=int, default=120, help="test prompts of each kind")
    options.add_argument("--seeds", type=int, nargs="+", default=[*SEEDS], help="of the trainings")
    options.add_argument("--page", action="store_true", help="write the page of what there is")
    options.add_argument("--times", action="store_true", help="take the time, on a quiet machine")
    args = options.parse_args()
    seeds = own_seeds(args.seeds)
    make_rounds()
    if args.times:
        take_times()
    dev: Rows = dict.fromkeys(("original", "token", *WORDS, "plain"))
    test: Rows = dict.fromkeys(("original", "word", "token", "shuffled"))

    def write(best: str | None) -> None:
        times = json.loads(TIMES.read_text()) if TIMES.exists() else {}
        about = {"things": [t.name for t in DISLIKED], "words": INVERSION["meanings"]}
        facts = Facts(about, known(seeds[0]), times, WRONG, PICTURES, seeds)
        PAGE.write_text(page(test, dev, best, facts), encoding="utf-8")

    for rows, split, count in ((dev, "dev", args.dev), (test, "test", args.test)):
        measured = [dev[word] for word in WORDS]
        best = None
        if all(measured):
            best = min(WORDS, key=lambda w: (dev[w]["leak"]["k"], -dev[w]["keep"]["k"]))
        for name in rows:
            arm = best if name == "word" else name
            if arm and (not args.page or was_judged(arm, split, count, seeds)):
                rows[name] = judged(arm, split, count, seeds)
            write(best)
    print(f"Wrote {PAGE.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
