"""`python docs/make_methods.py [--prompts 500] [--others 150] [--seeds 0 1 2] [--times]`.

Makes docs/methods.md: trains every method on the pack `icon-weapons` with each training seed, then
asks the judge about every column of the table.
What is done stays in build/methods and is not done again, unless the model or a setting changed.
`--times` trains and draws once more, only to take the time: give it a machine without other work.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from studio.config import AdapterUse, Column, Pack
from studio.evaluation.prompts import Question, direct
from studio.evaluation.quality.collapsed import MOST_FALL
from studio.evaluation.training_seeds import SEEDS, over_seeds
from studio.presets import find_model
from studio.records import Rate, State
from studio.safeguards import load_guidances
from studio.services.benchmark import drawing_networks, networks, own_seeds
from studio.services.benchmark_page import by_seed, seeds_told
from studio.services.columns import pack_concepts
from studio.services.compare import Compare, Request
from studio.services.judge import judge, pack_questions
from studio.services.runs import Runs
from studio.services.sheet import Cell, write_sheet
from studio.words import duration
from studio.world import ROOT

PACK = "icon-weapons"
Each = dict[str, list[Rate]]  # a row's rates by kind, one for each training seed
BUILD = ROOT / "build" / "methods"
TIMES, TIMED = BUILD / "times.json", 4  # prompts of each kind
PAGE, SHEET = ROOT / "docs" / "methods.md", ROOT / "docs" / "methods.jpg"
# name -> preset of presets/methods; the pack's own settings where there is none
TRAINED = {"sdd": "", "esd-x": "esd-x-icons", "esd-u": "esd-u-icons", "safegen": "safegen-icons"}
COLUMNS = (
    ("original", "", ""),
    ("negative prompt", "", "neg"),
    ("SLD medium", "", "sld-medium"),
    ("SLD strong", "", "sld-strong"),
    ("SLD max", "", "sld-max"),
    ("SEGA medium", "", "sega-medium"),
    ("SEGA strong", "", "sega-strong"),
    ("SEGA max", "", "sega-max"),
    ("SEGA as in SDD's table", "", "sega-sdd"),
    ("SEGA, each thing by itself (ours)", "", "sega-separate"),
    ("ESD-x", "esd-x", ""),
    ("ESD-u", "esd-u", ""),
    ("SDD", "sdd", ""),
    ("SafeGen", "safegen", ""),
    ("SafeGen + SLD strong", "safegen", "sld-strong"),
)
RATES = ("leak_direct", "leak_indirect", "neighbours", "keep")
HEADS = ("leak, named", "leak, only meant", "look-alikes kept", "harmless kept")


def trained(runs: Runs, name: str, seed: int) -> Path:
    """The adapter of a method with a training seed, trained now or before."""
    config = runs.plan(runs.pack(PACK), preset=TRAINED[name], overrides={"seed": seed})
    key = _key(config.model_dump(mode="json"), drawing_networks())
    note = BUILD / f"{name}-seed{seed}-{key}.txt"
    if not note.exists():
        run_id = runs.start(config)
        status = runs.wait(run_id, 3600)
        if status.state is not State.DONE:
            raise SystemExit(f"{name}, seed {seed}: {status.state}: {status.what}")
        note.write_text(run_id)
    return runs.folder(note.read_text()).adapter


def column(runs: Runs, adapter: str, guidance: str, seed: int = 0) -> Column:
    """A column of the table, with the adapter of one training seed where it has one."""
    file = str(trained(runs, adapter, seed)) if adapter else ""
    uses = (AdapterUse(name=f"{adapter}-seed{seed}", file=file),) if adapter else ()
    steer = load_guidances()[guidance] if guidance else None
    held = pack_concepts(runs.pack(PACK)) if guidance else ()
    return Column(adapters=uses, guidance=steer, concepts=held)


def take_times(runs: Runs, seed: int) -> None:
    """Seconds of a picture in each column and of each training, alone on this machine."""
    times: dict[str, dict[str, float]] = {"train": {}, "picture": {}}
    taken = time.strftime("%Y-%m-%d")

    def keep(kind: str, name: str, seconds: float) -> None:
        times[kind][name] = seconds
        TIMES.write_text(json.dumps({**times, "taken": taken}))
        print(name, f"{seconds:.2f} s", flush=True)

    pack = runs.pack(PACK)
    asked = questions(pack, TIMED, TIMED)
    for name, adapter, guide in COLUMNS:
        chosen = column(runs, adapter, guide, seed)
        found = judge(find_model(pack.model), [chosen], asked).summary["rows"][0]
        keep("picture", name, found["seconds_per_picture"])
    for name, preset in reversed(TRAINED.items()):
        run_id = runs.start(runs.plan(pack, preset=preset))
        status = runs.wait(run_id, 3600)
        keep("train", name, (status.ended or 0) - (status.started or 0))


def questions(pack: Pack, count: int, others: int) -> list[Question]:
    """`count` prompts that name what is removed, `others` of each other kind."""
    named = [q for q in pack_questions(pack, count) if q.kind == "target"]
    return named + [q for q in pack_questions(pack, others) if q.kind != "target"]


def row(runs: Runs, chosen: Column, count: int, others: int) -> dict[str, Any]:
    """The judge's counts for a column, made now or before."""
    pack = runs.pack(PACK)
    asked = questions(pack, count, others)
    told = {"column": chosen.model_dump(mode="json"), "asked": [asdict(q) for q in asked]}
    file = BUILD / f"row-{chosen.label}-{_key(told, networks())}.json"
    if not file.exists():
        print(chosen.label, flush=True)
        answer = judge(find_model(pack.model), [chosen], asked)
        file.write_text(json.dumps(answer.summary["rows"][0]))
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def over(found: list[dict[str, Any]]) -> Each:
    """Each rate of a row by training seed; one alone where nothing is trained."""
    names = ("k", "n", "rate", "low", "high")
    return {kind: [Rate(*(one[kind][key] for key in names)) for one in found] for kind in RATES}


def sheet(runs: Runs, columns: list[tuple[str, Column]]) -> None:
    """A row for each of some test prompts, a column for each safeguard."""
    pack = runs.pack(PACK)
    asked = direct(pack, 500)
    kinds = ("target", "target", "target", "neighbour", "unrelated")
    chosen = [
        next(q for place, q in enumerate(asked) if q.kind == kind and place >= start)
        for start, kind in enumerate(kinds)
    ]
    model = find_model(pack.model)
    drawer = Compare(BUILD / "pictures")
    try:
        request = Request(
            model,
            model.sample,
            tuple(q.prompt for q in chosen),
            tuple(q.seed for q in chosen),
            tuple(column for _, column in columns),
        )
        *_, drawing = drawer.draw(request)
    finally:
        drawer.close()
    names = [name for _ in chosen for name, _ in columns]
    cells = [
        Cell(drawn.prompt, name, drawn.path)
        for drawn, name in zip(drawing.pictures, names, strict=True)
    ]
    with Image.open(write_sheet(cells, BUILD / "sheet.png")) as picture:
        half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
        half.save(SHEET, quality=90)


def page(
    rows: list[tuple[str, str, Each]], count: int, others: int, seeds: Sequence[int] = SEEDS
) -> str:
    """The page's Markdown; `rows` are names, adapters and rates by training seed."""
    chosen = "" if tuple(seeds) == SEEDS else f" --seeds {' '.join(map(str, seeds))}"
    times = json.loads(TIMES.read_text()) if TIMES.exists() else {"train": {}, "picture": {}}
    lines = [
        "# Every safeguard on the same prompts",
        "",
        f"Icon World, pack `{PACK}`: {count + 3 * others} held-out prompts, {count} of which name",
        f"what is removed and {others} are of each other kind, the same seeds in every row, and",
        "the judge's answers. A rate stands with its 95 % interval and its counts; prompts",
        "that only mean a thing use another name or a description.",
        *seeds_told(seeds),
        "Made by",
        "",
        "```bash",
        f"python docs/make_methods.py --prompts {count} --others {others}{chosen}",
        "```",
        "",
        f"| safeguard | {' | '.join(HEADS)} | s a picture | training |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    before = rows[0][2]["keep"][0].rate or 0.0
    when = f" ({times['taken']})" if "taken" in times else ""
    for name, adapter, found in rows:
        fell = before - (over_seeds(found["keep"]).rate or 0.0) > MOST_FALL
        rates = " | ".join(by_seed(over_seeds(found[kind]), found[kind]) for kind in RATES)
        pace, spent = times["picture"].get(name), times["train"].get(adapter)
        told = "none" if not adapter else duration(spent) if spent else "not timed alone"
        named = f"{name} (collapsed)" if fell else name
        lines.append(f"| {named} | {rates} | {f'{pace:.2f}' if pace else '-'} | {told} |")
    lines += [
        "",
        f"Collapsed: harmless things fell by more than {100 * MOST_FALL:.0f} points, so a small",
        "leak is no success. A guidance holds down all things of the pack at once here, as one",
        "text, as in its studies; its numbers were found on photographs at guidance scale 7.5.",
        "",
        f"Times: two CPU cores without other work{when}, {4 * TIMED} pictures a row,",
        "judging included; training with its checks, and with the triplets where it needs them",
        "(`--times`).",
        "",
        f"Five test prompts in every column; what is trained, with training seed {seeds[0]}:",
        "",
        "![Five test prompts in every column](methods.jpg)",
        "",
    ]
    return "\n".join(lines)


def _key(told: dict[str, Any], networks: Sequence[str]) -> str:
    text = json.dumps(told, sort_keys=True) + " ".join(networks)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def main() -> None:
    """Train, judge, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=500)
    parser.add_argument("--others", type=int, default=150)
    parser.add_argument("--seeds", type=int, nargs="+", default=[*SEEDS], help="of the trainings")
    parser.add_argument("--times", action="store_true", help="take the times, on a quiet machine")
    given = parser.parse_args()
    count, others, seeds = given.prompts, given.others, own_seeds(given.seeds)
    BUILD.mkdir(parents=True, exist_ok=True)
    runs = Runs(BUILD / "runs")
    if given.times:
        take_times(runs, seeds[0])
    rows, columns = [], []
    for name, adapter, guide in COLUMNS:
        chosen = [column(runs, adapter, guide, seed) for seed in (seeds if adapter else seeds[:1])]
        rows.append((name, adapter, over([row(runs, c, count, others) for c in chosen])))
        columns.append((name, chosen[0]))
    sheet(runs, columns)
    PAGE.write_text(page(rows, count, others, seeds), encoding="utf-8")


if __name__ == "__main__":
    main()
