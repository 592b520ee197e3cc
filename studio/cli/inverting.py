"""The command that learns a word from a rating round."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from studio.cli.models import chosen_model, model_options
from studio.cli.numbers import positive
from studio.cli.training import follow
from studio.cli.warning import look_into
from studio.errors import StudioError
from studio.records import State
from studio.services.runs import Runs
from studio.services.tokens import Tokens
from studio.words import duration, rate_text

SETTINGS = ("init", "meanings", "vectors", "top", "label", "features")


def add_invert(new: argparse.ArgumentParser) -> None:
    """The options of the command."""
    new.add_argument("round", metavar="ROUND", type=Path, help="a rating round, or its folder")
    new.add_argument("--name", default="", help="of the token; default: that of the round")
    new.add_argument("--init", help="the word at which the token starts; the nearest you know")
    new.add_argument(
        "--meanings", type=positive, help="words to learn, one for each kind of thing; default 4"
    )
    new.add_argument("--vectors", type=positive, help="vectors of each word")
    new.add_argument("--top", type=positive, help="pictures of the highest reward to learn from")
    new.add_argument("--label", type=int, help="which label of a binary round counts, from 0")
    new.add_argument("--features", help="folder or hub id of the CLIP that looks at pictures")
    model_options(new, "card, folder or hub id; default: the one that drew the round")
    new.add_argument("--steps", type=int, help="optimiser steps")
    new.add_argument("--seed", type=int, help="seed of the whole run")
    new.add_argument("--remove", action="store_true", help="then remove the token with SDD")
    new.add_argument("--keep", action="append", default=[], help="with --remove: what must stay")
    new.add_argument("--dry-run", action="store_true", help="say what would happen, do nothing")


def invert(args: argparse.Namespace) -> dict[str, Any]:
    """Learn a word, and remove it where that was asked; follow both to their end."""
    studio, tokens = Runs(args.runs_dir), Tokens(args.runs_dir)
    given = {name: value for name in SETTINGS if (value := getattr(args, name)) is not None}
    common: dict[str, Any] = {
        "name": args.name,
        "model": chosen_model(args),
        "settings": given,
        "overrides": {"steps": args.steps, "seed": args.seed},
    }
    if args.dry_run:
        config = tokens.plan(args.round, **common)
        note = look_into(config.model)
        name = config.pack.remove[0].name
        print(
            f"Would learn {name} for {config.model.title.en} from {config.method['round']}; "
            f"{config.train.steps} steps, batch {config.train.batch}, seed {config.train.seed}.",
            file=sys.stderr if args.json else sys.stdout,
        )
        return {"plan": config.model_dump(mode="json"), "note": note}
    began = time.monotonic()
    ids: tuple[str, ...]
    if args.remove:
        ids = tokens.start_removal(args.round, keep=args.keep, **common)
    else:
        ids = (tokens.start(args.round, **common),)
    for run_id in ids:
        status = follow(studio, run_id).status
        if status.state in (State.FAILED, State.INTERRUPTED):
            raise StudioError(status.what, status.way_out)
    known = tokens.find(ids[0])
    if not args.json:
        worth = "not measured" if known.accuracy is None else rate_text(known.accuracy)
        print(f"{known.name} in {duration(time.monotonic() - began)}; its reward model: {worth}.")
        print("\n".join(map(str, known.files)))
    return {
        "token": known.name,
        "files": [str(file) for file in known.files],
        "runs": [str(studio.folder(run_id).path) for run_id in ids],
        "doubtful": known.doubtful,
        "seconds": round(time.monotonic() - began, 1),
    }
