"""Commands that list what there is."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from studio.cli.naming import named
from studio.errors import StudioError
from studio.outcome import run_outcome
from studio.presets import load_models
from studio.services.runs import Runs


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


def run_options(new: argparse.ArgumentParser) -> None:
    """Tell argparse what `runs` takes."""
    one = new.add_mutually_exclusive_group()
    one.add_argument("--rename", nargs=2, metavar=("RUN", "TITLE"), help="give a run a name")
    one.add_argument("--clone", metavar="RUN", help="a new run with its settings, into the queue")
    one.add_argument("--resume", metavar="RUN", help="go on with a run that did not end")
    one.add_argument("--delete", metavar="RUN", help="with its pictures and its adapter; see --yes")
    new.add_argument("--yes", action="store_true", help="delete without asking")
    new.add_argument("--steps", type=int, help="of a clone: optimiser steps")
    new.add_argument("--seed", type=int, help="of a clone: seed of the whole run")
    new.add_argument("--title", default="", help="of a clone: its name")


def runs(args: argparse.Namespace) -> dict[str, Any]:
    """Do what is asked with one run, then list the runs."""
    if args.rename:
        args.rename[0] = named(args, args.rename[0])
    for option in ("clone", "resume", "delete"):
        if text := getattr(args, option):
            setattr(args, option, named(args, text))
    studio = Runs(args.runs_dir)
    done = _changed(studio, args)
    found = studio.list()
    if not args.json:
        for run in found:
            far = f"{run.status.step}/{run.status.total}"
            outcome = run_outcome(run)
            nothing = "  (nothing changed)" if outcome and outcome.for_nothing else ""
            print(f"{run.run_id:40} {run.status.state:12} {far:>12}  {run.title}{nothing}")
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
    return {"runs": rows, **done}


def _changed(studio: Runs, args: argparse.Namespace) -> dict[str, Any]:
    if args.rename:
        studio.rename(*args.rename)
        return {"renamed": args.rename[0]}
    if args.clone:
        return {"cloned": studio.clone(args.clone, args.title, steps=args.steps, seed=args.seed)}
    if args.resume:
        studio.resume(args.resume)
        return {"resumed": args.resume}
    if args.delete:
        if not (args.yes or _sure(args.delete)):
            raise StudioError("Nothing was deleted.", "Add --yes to delete without being asked.")
        studio.delete(args.delete)
        return {"deleted": args.delete}
    return {}


def _sure(run_id: str) -> bool:
    if not sys.stdin.isatty():
        return False
    asked = f"Delete {run_id} with its pictures and its adapter? This cannot be undone. [y/N] "
    print(asked, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
