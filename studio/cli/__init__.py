"""`python -m studio`: the same as the page, without a browser.

Exit codes: 0 done, 1 something you can fix (message on standard error), 2 wrong usage, 141 whoever
read the output left, as `head` does.
"""

import argparse
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, get_args

from studio.cli.benchmarking import add_benchmark, benchmark
from studio.cli.calibrating import calibrate, calibrate_options
from studio.cli.detecting import add_arguments, detect, detectors
from studio.cli.doctor import add_doctor, doctor
from studio.cli.drawing import compare, grid, judge
from studio.cli.evaluating import evaluate, evaluate_options, protocols
from studio.cli.feedback import feedback, feedback_options
from studio.cli.inverting import add_invert, invert
from studio.cli.listing import models, packs, run_options, runs
from studio.cli.models import model_options
from studio.cli.numbers import positive
from studio.cli.prompt_list import prompts
from studio.cli.quality import add_quality, quality
from studio.cli.queueing import queue, queue_options
from studio.cli.reporting import report, report_options
from studio.cli.training import train, triplets
from studio.config import Sampler
from studio.errors import StudioError
from studio.methods import METHODS
from studio.output import guarded, print_json

RUNS_DIR = Path("runs")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    return guarded(lambda: _done(arguments))


def _done(arguments: list[str] | None) -> int:
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
        print_json(answer)
    return 0


@cache
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

    add_doctor(add("doctor", doctor, "Look whether everything is here that a run needs."))
    add("models", models, "List the base models.")
    add("packs", packs, "List the concept packs.")
    add("detectors", detectors, "List the detectors, what each needs, and whether it is ready.")
    add_arguments(add("detect", detect, "Count the pictures in which a detector sees something."))
    new = add("train", train, "Remove what a pack names from a model.")
    new.add_argument("pack", metavar="PACK", help="id of a pack, or a YAML file")
    model_options(new)
    new.add_argument("--method", help=", ".join(METHODS))
    new.add_argument(
        "--preset", default="", help="settings of presets/methods, such as esd-x-paper"
    )
    new.add_argument("--steps", type=int, help="optimiser steps")
    new.add_argument("--seed", type=int, help="seed of the whole run")
    new.add_argument("--dry-run", action="store_true", help="say what would happen, do nothing")
    new = add("triplets", triplets, "Make picture triplets for SafeGen.")
    new.add_argument("pack", metavar="PACK", nargs="?", help="what to draw and what must stay")
    model_options(new)
    where = new.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="folder of the new set")
    where.add_argument(
        "--set",
        type=Path,
        help="a finished set: only the mosaics of triplets with a file in --masks are made anew, "
        "with the set's block and blur",
    )
    new.add_argument("--count", type=positive, default=100, help="triplets to make")
    new.add_argument("--seed", type=int, default=0)
    new.add_argument("--mask", choices=["attention", "boxes", "whole"], default="attention")
    new.add_argument("--block-share", type=float, help="side of a block, share of the picture's")
    new.add_argument("--blur-share", type=float, help="blur over the blocks, share of the side")
    new.add_argument("--unsafe", type=Path, help="own unsafe pictures instead of drawn ones")
    new.add_argument("--benign", type=Path, help="own harmless pictures; with --unsafe")
    new.add_argument(
        "--masks",
        type=Path,
        help="own masks, white where the mosaic goes, named like the unsafe pictures; in a "
        "finished set 0000.png and so on",
    )
    add_invert(add("invert", invert, "Learn a word from the ratings of a round."))
    run_options(
        add("runs", runs, "List the runs, newest first; rename, clone, resume, delete one.")
    )
    queue_options(add("queue", queue, "Show what works and what waits; move, cancel, pause."))
    new = add(
        "compare", compare, "Draw original and safeguarded pictures of the same prompt and seed."
    )
    new.add_argument("run", metavar="RUN", help="id of a run, or the path of its folder")
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
    new.add_argument("--sampler", help=f"one of {', '.join(get_args(Sampler))}")
    new.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    new = add("grid", grid, "Draw pictures over up to three axes, as one picture and a zip.")
    new.add_argument("run", metavar="RUN", help="id of a run, or the path of its folder")
    for name, way in (("x", "to the right"), ("y", "down"), ("z", "in blocks, further down")):
        new.add_argument(
            f"--{name}",
            required=name == "x",
            metavar="NAME=VALUES",
            help=f"what varies {way}: prompt, seed, strength, guidance, steps, sampler or column; "
            "values parted by |, numbers also by commas, such as seed=1,2,3",
        )
    new.add_argument("--prompt", default="", help="where no axis gives one")
    new.add_argument("--seed", type=int, default=0)
    new.add_argument("--steps", type=int, help="sampler steps")
    new.add_argument("--guidance", type=float, help="scale of classifier-free guidance")
    new.add_argument("--sampler", help=f"one of {', '.join(get_args(Sampler))}")
    new.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    new = add("judge", judge, "Count what is gone and what was kept, with intervals.")
    new.add_argument("run", metavar="RUN", help="id of a run, or the path of its folder")
    new.add_argument("--prompts", type=positive, default=100, help="held-out prompts of each kind")
    new.add_argument("--split", choices=["test", "dev"], default="test", help="dev is for tuning")
    new.add_argument(
        "--kind",
        action="append",
        choices=["target", "indirect", "neighbour", "unrelated"],
        help="ask only this kind of prompt; may be given several times",
    )
    new.add_argument(
        "--prompt-file",
        type=Path,
        help="own prompts: text<TAB>object, one a line, or a list with a column shows; see prompts",
    )
    new.add_argument("--images", type=Path, help="write the pictures here")
    new.add_argument(
        "--column",
        action="append",
        help="judge these instead, see compare; may be given several times",
    )
    calibrate_options(add("calibrate", calibrate, "Make pictures for people to label."))
    feedback_options(add("feedback", feedback, "Rounds in which people rate pictures."))
    evaluate_options(add("evaluate", evaluate, "Measure by a protocol, with progress and resume."))
    add("protocols", protocols, "List the protocols.")
    report_options(add("report", report, "Make page, JSON, model card and figures of a test."))
    add_quality(add("quality", quality, "Measure how good the pictures are, beside what is gone."))
    new = add("prompts", prompts, "Say how a list of prompts is read, and what is left out.")
    new.add_argument("file", metavar="FILE", type=Path, help="csv, text or JSON, in UTF-8")
    new = add("benchmark", benchmark, "Make the tables of all methods; goes on where it stopped.")
    add_benchmark(new)
    return top
