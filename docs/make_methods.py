"""`python docs/make_methods.py [--prompts 500] [--others 150] [--times]`: docs/methods.md.

Trains every method on the pack `icon-weapons`, then asks the judge about every column of the table.
What is done stays in build/methods and is not done again, unless the model or a setting changed.
`--times` trains and draws once more, only to take the time: give it a machine without other work.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from studio.config import AdapterUse, Column, Pack
from studio.evaluation.prompts import Question, direct
from studio.evaluation.quality.collapsed import MOST_FALL
from studio.presets import find_model
from studio.records import State
from studio.safeguards import load_guidances
from studio.services.columns import pack_concepts
from studio.services.compare import Compare, Request
from studio.services.judge import judge, pack_questions
from studio.services.runs import Runs
from studio.services.sheet import Cell, write_sheet
from studio.words import duration, rate_text
from studio.world import ICON_WORLD, ROOT

PACK = "icon-weapons"
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


def trained(runs: Runs, name: str) -> Path:
    """The adapter of a method, trained now or before."""
    config = runs.plan(runs.pack(PACK), preset=TRAINED[name])
    key = _key(config.model_dump(mode="json"))
    note = BUILD / f"{name}-{key}.txt"
    if not note.exists():
        run_id = runs.start(config)
        status = runs.wait(run_id, 3600)
        if status.state is not State.DONE:
            raise SystemExit(f"{name}: {status.state}: {status.what}")
        note.write_text(run_id)
    return runs.folder(note.read_text()).adapter


def column(runs: Runs, adapter: str, guidance: str) -> Column:
    """A column of the table."""
    uses = (AdapterUse(name=adapter, file=str(trained(runs, adapter))),) if adapter else ()
    steer = load_guidances()[guidance] if guidance else None
    held = pack_concepts(runs.pack(PACK)) if guidance else ()
    return Column(adapters=uses, guidance=steer, concepts=held)


def take_times(runs: Runs) -> None:
    """Seconds of a picture in each column and of each training, alone on this machine."""
    times: dict[str, dict[str, float]] = {"train": {}, "picture": {}}

    def keep(kind: str, name: str, seconds: float) -> None:
        times[kind][name] = seconds
        TIMES.write_text(json.dumps(times))
        print(name, f"{seconds:.2f} s", flush=True)

    pack = runs.pack(PACK)
    asked = questions(pack, TIMED, TIMED)
    for name, adapter, guide in COLUMNS:
        chosen = column(runs, adapter, guide)
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
    told = chosen.model_dump(mode="json") | {"count": count, "others": others}
    file = BUILD / f"row-{chosen.label}-{_key(told)}.json"
    if not file.exists():
        pack = runs.pack(PACK)
        print(chosen.label, flush=True)
        answer = judge(find_model(pack.model), [chosen], questions(pack, count, others))
        file.write_text(json.dumps(answer.summary["rows"][0]))
    found: dict[str, Any] = json.loads(file.read_text())
    return found


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


def page(rows: list[tuple[str, str, dict[str, Any]]], count: int, others: int) -> str:
    """The page's Markdown; `rows` are names, adapters and counts."""
    times = json.loads(TIMES.read_text()) if TIMES.exists() else {"train": {}, "picture": {}}
    lines = [
        "# Every safeguard on the same prompts",
        "",
        f"Icon World, pack `{PACK}`: {count + 3 * others} held-out prompts, {count} of which name",
        f"what is removed and {others} are of each other kind, the same seeds in every row, and",
        "the judge's answers. A rate stands with its 95 % Wilson interval and its counts; prompts",
        "that only mean a thing use another name or a description. Made by",
        "",
        "```bash",
        f"python docs/make_methods.py --prompts {count} --others {others}",
        "```",
        "",
        f"| safeguard | {' | '.join(HEADS)} | s a picture | training |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    before = rows[0][2]["keep"]["rate"]
    for name, adapter, found in rows:
        fell = before - found["keep"]["rate"] > MOST_FALL
        rates = " | ".join(rate_text(found[rate]) for rate in RATES)
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
        f"Times: two CPU cores without other work, {4 * TIMED} pictures a row, judging included;",
        "training with its checks, and with the triplets where it needs them (`--times`).",
        "",
        "![Five test prompts in every column](methods.jpg)",
        "",
    ]
    return "\n".join(lines)


def _key(told: dict[str, Any]) -> str:
    weights = (ICON_WORLD / "unet" / "diffusion_pytorch_model.safetensors").read_bytes()
    text = json.dumps(told, sort_keys=True) + hashlib.sha256(weights).hexdigest()
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def main() -> None:
    """Train, judge, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=500)
    parser.add_argument("--others", type=int, default=150)
    parser.add_argument("--times", action="store_true", help="take the times, on a quiet machine")
    given = parser.parse_args()
    count, others = given.prompts, given.others
    BUILD.mkdir(parents=True, exist_ok=True)
    runs = Runs(BUILD / "runs")
    if given.times:
        take_times(runs)
    rows, columns = [], []
    for name, adapter, guide in COLUMNS:
        chosen = column(runs, adapter, guide)
        rows.append((name, adapter, row(runs, chosen, count, others)))
        columns.append((name, chosen))
    sheet(runs, columns)
    PAGE.write_text(page(rows, count, others), encoding="utf-8")


if __name__ == "__main__":
    main()
