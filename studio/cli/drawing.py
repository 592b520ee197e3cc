"""Commands that draw and judge."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from studio.cli.naming import named
from studio.cli.waiting import turn_of, waiting_text
from studio.cli.warning import tell_cut
from studio.config import Column, RunConfig, SampleConfig
from studio.errors import StudioError
from studio.jobs.queue_tables import Work
from studio.jobs.run_folder import RunFolder
from studio.services.columns import column, edit_seconds, once, pack_concepts, run_adapter
from studio.services.compare import Compare, Drawing, Request, sampled
from studio.services.grid import Gridded, Point, axis, draw_grid, legend
from studio.services.runs import Runs
from studio.services.sheet import write_sheet, write_zip
from studio.services.test_split import note_opening
from studio.words import change_text, rate_text

RATES = ("leak", "leak_direct", "leak_indirect", "neighbours", "keep")


def compare(args: argparse.Namespace) -> dict[str, Any]:
    """Draw pictures through the drawer."""
    args.run = named(args, args.run)
    studio = Runs(args.runs_dir)
    folder = studio.folder(args.run)
    config = folder.config
    drawer = Compare(args.out, studio.queue)
    try:
        chosen = [Column(), *_columns(studio, folder, args.strength, args.column)]
        request = Request(
            config.model,
            _sample(config, args),
            tuple(args.prompt),
            (args.seed,),
            once(chosen),
        )
        pictures: list[dict[str, Any]] = []
        for drawing in drawer.draw(request):
            print(_far(drawing), file=sys.stderr)
            pictures = [{**asdict(drawn), "path": str(drawn.path)} for drawn in drawing.pictures]
    finally:
        drawer.close()
    if not args.json:
        for row in pictures:
            print(f"{row['column']}: {row['path']}  {row['prompt']}")
    return {"pictures": pictures}


def grid(args: argparse.Namespace) -> dict[str, Any]:
    """Draw an X/Y/Z grid as one picture and a zip."""
    args.run = named(args, args.run)
    studio = Runs(args.runs_dir)
    folder = studio.folder(args.run)
    config = folder.config
    whole = Column(adapters=(run_adapter(studio, folder.id),))
    sample = _sample(config, args)
    start = Point(args.prompt, args.seed, whole, sample)
    axes = [axis(text) for text in (args.x, args.y, args.z) if text]
    drawer = Compare(args.out / "pictures", studio.queue)
    try:
        for done in draw_grid(studio, drawer, folder.id, start, axes):
            print(f"\r{_far(done)}", end="", file=sys.stderr, flush=True)
    finally:
        drawer.close()
    print(file=sys.stderr)
    told = legend(start, axes)
    sheet = write_sheet(done.cells, args.out / "grid.png", told)
    packed = write_zip(done.cells, args.out / "grid.zip", told)
    if not args.json:
        print(f"{len(done.cells)} pictures: {sheet}, {packed}")
    return {"pictures": len(done.cells), "sheet": str(sheet), "zip": str(packed)}


def _far(done: Drawing | Gridded) -> str:
    return waiting_text(done.behind) if done.behind else f"{done.done}/{done.total} pictures"


def _sample(config: RunConfig, args: argparse.Namespace) -> SampleConfig:
    return sampled(config.sample, steps=args.steps, guidance=args.guidance, sampler=args.sampler)


def _columns(
    studio: Runs, folder: RunFolder, weights: list[float] | None, texts: list[str] | None
) -> list[Column]:
    own = [] if texts and not weights else weights or [1.0]
    found = [Column(adapters=(run_adapter(studio, folder.id, weight),)) for weight in own]
    concepts = pack_concepts(folder.config.pack)
    return found + [column(studio, text, concepts) for text in texts or []]


def judge(args: argparse.Namespace) -> dict[str, Any]:
    """Count what is gone and what was kept."""
    from studio.services.judge import judge as judge_columns
    from studio.services.judge import judge_run, pack_questions, read_prompt_file

    args.run = named(args, args.run)
    studio = Runs(args.runs_dir)
    folder = studio.folder(args.run)
    config = folder.config
    if args.prompt_file:
        questions = read_prompt_file(args.prompt_file)
    else:
        questions = pack_questions(config.pack, args.prompts, args.split)
        questions = [q for q in questions if not args.kind or q.kind in args.kind]
        if not questions:
            raise StudioError(
                f"{config.pack.id} has no prompts of this kind.", "Ask another --kind, or all."
            )

    if args.split == "test" and not args.prompt_file:
        asked = [(q.prompt, q.seed) for q in questions]
        note_opening(args.runs_dir, config.pack.id, args.run, asked)

    def say(done: int, total: int) -> None:
        print(f"\r{done}/{total} pictures", end="", file=sys.stderr, flush=True)

    if args.column:
        concepts = pack_concepts(config.pack)
        columns = [column(studio, text, concepts) for text in args.column]
        with turn_of(args, Work.JUDGE, folder.called()):
            answer = judge_columns(
                config.model, columns, questions, images=args.images, on_picture=say
            )
        for row, chosen in zip(answer.summary["rows"], columns, strict=True):
            row["edit_seconds"] = edit_seconds(studio, chosen)
        rows = {row["column"]: row for row in answer.summary["rows"]}
    else:
        with turn_of(args, Work.JUDGE, folder.called()):
            answer = judge_run(folder, questions, images=args.images, on_picture=say)
        change = {"difference": answer.summary["difference"]}
        rows = {
            "original": answer.summary["original"],
            "safeguarded": answer.summary["safeguarded"] | change,
        }
    print(file=sys.stderr)
    tell_cut(answer.summary.get("cut_prompts", 0))
    if not args.json:
        for name, rates in rows.items():
            told = [f"{key} {rate_text(rates[key])}" for key in RATES if key in rates]
            if broken := rates.get("not_measured"):
                told.append(f"not measured {broken}, no numbers (NaN)")
            print(f"{name:24} " + "  ".join(told))
            change = rates.get("difference", {})
            told = [f"{key} {change_text(change[key])}" for key in RATES if key in change]
            if told:
                print(f"{'  against the original':24} " + "  ".join(told))
    return {**answer.summary, "lines": answer.lines} if args.prompt_file else answer.summary
