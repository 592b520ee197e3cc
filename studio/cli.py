"""`python -m studio`: the same as the page, without a browser.

Exit codes: 0 done, 1 something you can fix (message on standard error), 2 wrong usage.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.config import Column, SampleConfig
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.presets import find_model, load_models
from studio.records import Progress, State
from studio.services.columns import column, edit_seconds, once, pack_concepts, run_adapter
from studio.services.compare import Compare, Request
from studio.services.runs import Runs
from studio.words import duration, rate_text

RUNS_DIR = Path("runs")
RATES = ("leak", "leak_direct", "leak_indirect", "neighbours", "keep")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    args = parser().parse_args(arguments)
    try:
        answer = args.command(args)
    except StudioError as error:
        print(f"Not done. {error.what}\n{error.way_out}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m studio", description=__doc__.split("\n")[0])
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], Any], about: str) -> Any:
        new = commands.add_parser(name, help=about, description=about)
        new.add_argument("--json", action="store_true", help="one JSON object on standard output")
        new.add_argument("--runs-dir", type=Path, default=RUNS_DIR, help="where runs are kept")
        new.set_defaults(command=command)
        return new

    add("models", models, "List the base models.")
    add("packs", packs, "List the concept packs.")
    new = add("train", train, "Remove what a pack names from a model.")
    new.add_argument("pack", metavar="PACK", help="id of a pack, or a YAML file")
    new.add_argument("--model", help="card, folder, .safetensors file or hub id")
    new.add_argument("--method", help="sdd")
    new.add_argument("--steps", type=int, help="optimiser steps")
    new.add_argument("--seed", type=int, help="seed of the whole run")
    new.add_argument("--dry-run", action="store_true", help="say what would happen, do nothing")
    add("runs", runs, "List the runs, newest first.")
    new = add(
        "compare", compare, "Draw original and safeguarded pictures of the same prompt and seed."
    )
    new.add_argument("run", metavar="RUN")
    new.add_argument("--prompt", action="append", required=True, help="may be given several times")
    new.add_argument("--seed", type=int, default=0)
    new.add_argument("--strength", type=float, action="append", help="of the adapter; default 1")
    new.add_argument(
        "--column",
        action="append",
        help="what else to draw with: a guidance such as sld-max, a run, an adapter or stack file, "
        "several joined with +, such as RUN*0.8+sld-medium; may be given several times",
    )
    new.add_argument("--steps", type=int, help="sampler steps")
    new.add_argument("--guidance", type=float, help="scale of classifier-free guidance")
    new.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    new = add("judge", judge, "Count what is gone and what was kept, with intervals.")
    new.add_argument("run", metavar="RUN")
    new.add_argument("--prompts", type=positive, default=100, help="held-out prompts of each kind")
    new.add_argument("--split", choices=["test", "dev"], default="test", help="dev is for tuning")
    new.add_argument("--prompt-file", type=Path, help="own prompts: text<TAB>object, one a line")
    new.add_argument("--images", type=Path, help="write the pictures here")
    new.add_argument(
        "--column",
        action="append",
        help="judge these instead, see compare; may be given several times",
    )
    return top


def positive(text: str) -> int:
    """A whole number above 0, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def models(args: argparse.Namespace) -> dict[str, Any]:
    """List the base models."""
    cards = load_models()
    if not args.json:
        for card in cards.values():
            print(f"{card.id:12} {card.title.en} ({card.source})")
    return {"models": [card.model_dump(mode="json") for card in cards.values()]}


def packs(args: argparse.Namespace) -> dict[str, Any]:
    """List the concept packs."""
    found = Runs(args.runs_dir).packs()
    if not args.json:
        for pack in found.values():
            print(f"{pack.id:15} {pack.title.en}: {', '.join(c.name for c in pack.remove)}")
    return {"packs": [pack.model_dump(mode="json") for pack in found.values()]}


def train(args: argparse.Namespace) -> dict[str, Any]:
    """Train a run and follow it to its end; Ctrl+C asks it to stop."""
    studio = Runs(args.runs_dir)
    pack = studio.pack(args.pack)
    config = studio.plan(
        pack,
        find_model(args.model) if args.model else None,
        method={"name": args.method} if args.method else None,
        overrides={"steps": args.steps, "seed": args.seed},
    )
    if args.dry_run:
        names = ", ".join(concept.name for concept in config.pack.remove)
        plan = (
            f"Would train {config.method['name'].upper()} on {config.model.title.en}: {names}; "
            f"{config.train.steps} steps, batch {config.train.batch}, rank {config.train.rank}, "
            f"seed {config.train.seed}."
        )
        print(plan, file=sys.stderr if args.json else sys.stdout)
        return {"plan": config.model_dump(mode="json")}
    began = time.monotonic()
    run_id = studio.start(config)
    progress = _follow(studio, run_id)
    status = progress.status
    if status.state in (State.FAILED, State.INTERRUPTED):
        raise StudioError(status.what, status.way_out)
    path = str(studio.folder(run_id).path)
    seconds = round(time.monotonic() - began, 1)
    if not args.json:
        print(f"{status.state}: {status.step} steps in {duration(seconds)}. {path}")
    return {"run": path, "steps": status.step, "seconds": seconds, "state": str(status.state)}


def _follow(studio: Runs, run_id: str) -> Progress:
    said = ""
    while True:
        try:
            progress = studio.progress(run_id)
            line = _line(progress)
            if line != said:
                print(line, file=sys.stderr, flush=True)
                said = line
            if not progress.status.state.alive:
                return progress
            time.sleep(0.5)
        except KeyboardInterrupt:
            print("Asked to stop; what there is will be kept.", file=sys.stderr)
            studio.stop(run_id)


def _line(progress: Progress) -> str:
    status = progress.status
    parts = [f"{status.state} {status.step}/{status.total}"]
    if status.seconds_per_step and status.seconds_left is not None:
        parts.append(f"{status.seconds_per_step:.2f} s/step, {duration(status.seconds_left)} left")
    if progress.checks:
        check = progress.checks[-1]
        parts.append(f"still shows {rate_text(check.target)}, kept {rate_text(check.unrelated)}")
    return " | ".join(parts)


def runs(args: argparse.Namespace) -> dict[str, Any]:
    """List the runs."""
    found = Runs(args.runs_dir).list()
    if not args.json:
        for run in found:
            print(f"{run.run_id:40} {run.status.state:12} {run.status.step}/{run.status.total}")
    rows = [
        {
            "run": run.run_id,
            "pack": run.title,
            "method": run.method,
            "model": run.model,
            "adapter": str(run.adapter) if run.adapter else None,
            **asdict(run.status),
        }
        for run in found
    ]
    return {"runs": rows}


def compare(args: argparse.Namespace) -> dict[str, Any]:
    """Draw pictures through the drawer."""
    studio = Runs(args.runs_dir)
    folder = studio.folder(args.run)
    config = folder.config
    given = {"steps": args.steps, "guidance": args.guidance}
    sample = config.sample.model_dump() | {k: v for k, v in given.items() if v is not None}
    drawer = Compare(args.out)
    try:
        chosen = [Column(), *_columns(studio, folder, args.strength, args.column)]
        request = Request(
            config.model,
            _sample(sample),
            tuple(args.prompt),
            (args.seed,),
            once(chosen),
        )
        pictures: list[dict[str, Any]] = []
        for drawing in drawer.draw(request):
            print(f"{drawing.done}/{drawing.total} pictures", file=sys.stderr)
            pictures = [{**asdict(drawn), "path": str(drawn.path)} for drawn in drawing.pictures]
    finally:
        drawer.close()
    if not args.json:
        for row in pictures:
            print(f"{row['column']}: {row['path']}  {row['prompt']}")
    return {"pictures": pictures}


def _columns(
    studio: Runs, folder: RunFolder, weights: list[float] | None, texts: list[str] | None
) -> list[Column]:
    own = [] if texts and not weights else weights or [1.0]
    found = [Column(adapters=(run_adapter(studio, folder.id, weight),)) for weight in own]
    concepts = pack_concepts(folder.config.pack)
    return found + [column(studio, text, concepts) for text in texts or []]


def _sample(values: dict[str, Any]) -> SampleConfig:
    from studio.presets import check

    return check(SampleConfig, values, "Settings")


def judge(args: argparse.Namespace) -> dict[str, Any]:
    """Count what is gone and what was kept."""
    from studio.services.judge import judge as judge_columns
    from studio.services.judge import judge_run, pack_questions, read_prompt_file

    studio = Runs(args.runs_dir)
    folder = studio.folder(args.run)
    config = folder.config
    if args.prompt_file:
        questions = read_prompt_file(args.prompt_file)
    else:
        questions = pack_questions(config.pack, args.prompts, args.split)

    def say(done: int, total: int) -> None:
        print(f"\r{done}/{total} pictures", end="", file=sys.stderr, flush=True)

    if args.column:
        concepts = pack_concepts(config.pack)
        columns = [column(studio, text, concepts) for text in args.column]
        answer = judge_columns(config.model, columns, questions, images=args.images, on_picture=say)
        for row, chosen in zip(answer.summary["rows"], columns, strict=True):
            row["edit_seconds"] = edit_seconds(studio, chosen)
        rows = {row["column"]: row for row in answer.summary["rows"]}
    else:
        answer = judge_run(folder, questions, images=args.images, on_picture=say)
        rows = {name: answer.summary[name] for name in ("original", "safeguarded")}
    print(file=sys.stderr)
    if not args.json:
        for name, rates in rows.items():
            told = [f"{key} {rate_text(rates[key])}" for key in RATES if key in rates]
            print(f"{name:24} " + "  ".join(told))
    return {**answer.summary, "lines": answer.lines} if args.prompt_file else answer.summary
