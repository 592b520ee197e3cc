"""The command that makes a benchmark's tables."""

import argparse
import sys
from pathlib import Path
from typing import Any

from studio.benchmarks import find_benchmark
from studio.cli.numbers import positive, processes, seed
from studio.errors import not_writable
from studio.evaluation.training_seeds import SEEDS
from studio.services.benchmark import Benchmarking
from studio.services.benchmark_page import as_json, write_page
from studio.services.runs import Runs


def benchmark(args: argparse.Namespace) -> dict[str, Any]:
    """Train, evaluate, write; what is done is not done again."""
    found = find_benchmark(args.name)
    page = _ready(args.out or Path(f"benchmark-{found.id}.md"))
    work = Benchmarking(
        Runs(args.runs_dir),
        found,
        count=args.prompts,
        processes=args.processes,
        split=args.split,
        steps=args.steps,
        seeds=args.seeds,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )
    made = work.make()
    command = f"python -m studio benchmark {found.id} --prompts {args.prompts} --out {page.name}"
    command += f" --split {args.split}" if args.split != "test" else ""
    command += f" --steps {args.steps}" if args.steps else ""
    command += f" --seeds {' '.join(map(str, args.seeds))}" if args.seeds != [*SEEDS] else ""
    files = write_page(found, made, page, command)
    if not args.json:
        print(page.read_text(encoding="utf-8"))
    return {"files": [str(file) for file in files], "tables": as_json(made)}


def _ready(page: Path) -> Path:
    """The page, once its folder is there: hours of work must not end at a wrong path."""
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(page.parent, error) from error
    return page


def add_benchmark(new: argparse.ArgumentParser) -> None:
    """Its options."""
    new.add_argument("name", metavar="NAME", help="such as icon-world")
    new.add_argument("--prompts", type=positive, default=300, help="pictures of each family")
    new.add_argument("--split", choices=["test", "dev"], default="test", help="dev is for tuning")
    new.add_argument("--steps", type=positive, help="train fewer steps, to try it out")
    new.add_argument(
        "--seeds", type=seed, nargs="+", default=[*SEEDS], help="of the trainings of each method"
    )
    new.add_argument("--processes", type=processes, default=1, help="that share the drawing")
    new.add_argument("--out", type=Path, help="the page; default benchmark-NAME.md")
