"""The command for rating rounds: make one, list them, files in and out, agreement."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.cli.models import chosen_model, model_options
from studio.cli.naming import FEEDBACK_ROUND, named
from studio.cli.numbers import positive
from studio.cli.warning import tell_broken, tell_cut
from studio.config import Text
from studio.errors import StudioError
from studio.evaluation.rater_agreement import Alpha
from studio.jobs.rating_files import export_ratings, import_ratings
from studio.presets import find_model
from studio.records import State
from studio.services.feedback import Feedback, reference_pictures, suggested_prompts
from studio.services.feedback_results import round_result
from studio.services.runs import Runs

POLL_SECONDS = 1.0


def feedback_options(new: argparse.ArgumentParser) -> None:
    """Tell argparse what `feedback` takes: a word, and what belongs to it."""
    doing = new.add_subparsers(required=True, metavar="WHAT")

    def add(name: str, command: Callable[[argparse.Namespace], Any], about: str) -> Any:
        inner = doing.add_parser(name, help=about, description=about)
        # the options of every command, also behind the second word
        inner.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        inner.add_argument("--runs-dir", type=Path, default=argparse.SUPPRESS)
        inner.set_defaults(feedback=command)
        return inner

    one = add("make", _make, "Draw the pictures of a new round; Ctrl+C stops, resume goes on.")
    one.add_argument("title", metavar="TITLE", help="what the round is about, in a few words")
    one.add_argument("--pack", help="whose prompts are drawn, where --prompt gives none")
    one.add_argument("--prompt", action="append", help="drawn in turn; may be given several times")
    one.add_argument("--kind", choices=["binary", "ranking"], default="binary")
    one.add_argument("--question", help="what raters are asked; default: whether it shows TITLE")
    one.add_argument("--label", action="append", help="what may apply to a picture; default: TITLE")
    one.add_argument("--count", type=positive, default=100, help="pictures")
    one.add_argument("--times", type=positive, default=1, help="rankings that show each picture")
    one.add_argument("--references", type=Path, help="a picture, or a folder of up to five")
    model_options(one)
    one.add_argument("--shows", help="what raters will see; they read it before the first picture")
    one.add_argument("--sensitive", action="store_true", help="blur until a rater reveals")
    one.add_argument("--seed", type=int, default=0, help="of the first picture, and of the order")
    one = add("resume", _resume, "Go on drawing a round that was stopped or broke off.")
    one.add_argument("round", metavar="ROUND")
    add("list", _list, "List the rounds, newest first.")
    for name, command, about in (
        ("export", _export, "Write the ratings of a round as .csv or .parquet."),
        ("import", _import, "Add the ratings of a .csv or .parquet file, all or none."),
    ):
        one = add(name, command, about)
        one.add_argument("round", metavar="ROUND")
        one.add_argument("file", metavar="FILE", type=Path)
    one = add("agreement", _agreement, "Say how far the raters of a round agree.")
    one.add_argument("round", metavar="ROUND")


def feedback(args: argparse.Namespace) -> dict[str, Any]:
    """Do what was asked of the rating rounds."""
    if getattr(args, "round", None):
        args.round = named(args, args.round, FEEDBACK_ROUND)
    return dict(args.feedback(args))


def _make(args: argparse.Namespace) -> dict[str, Any]:
    rounds = Feedback(args.runs_dir)
    pack = Runs(args.runs_dir).pack(args.pack) if args.pack else None
    if not pack and not args.prompt:
        raise StudioError(
            "A round needs prompts.", "Give --pack PACK, or --prompt TEXT once or several times."
        )
    title = _both(args.title)
    asked = "Does it show this: {}?" if args.kind == "binary" else "Which shows most of this: {}?"
    config = rounds.plan(
        title,
        _both(args.question or asked.format(args.title)),
        args.kind,
        args.prompt or (suggested_prompts(pack) if pack else ()),
        args.count,
        model=chosen_model(args) or find_model(pack.model if pack else "icon-world"),
        labels=[_both(label) for label in args.label or [args.title]],
        pack=pack,
        sensitive=args.sensitive or bool(pack and pack.sensitivity == "sensitive"),
        shows=_both(args.shows) if args.shows else (pack.shows if pack else None),
        times=args.times,
        seed=args.seed,
    )
    references = reference_pictures(args.references) if args.references else []
    return _follow(args, rounds, rounds.start(config, references))


def _resume(args: argparse.Namespace) -> dict[str, Any]:
    rounds = Feedback(args.runs_dir)
    rounds.resume(args.round)
    return _follow(args, rounds, args.round)


def _follow(args: argparse.Namespace, rounds: Feedback, name: str) -> dict[str, Any]:
    """Wait for the end of a drawing; Ctrl+C stops it, and what is drawn stays."""
    folder = rounds.folder(name)
    try:
        while rounds.wait(name, POLL_SECONDS).state.alive:
            status = folder.status()
            told = f"\r{status.step}/{status.total} pictures"
            print(told, end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        rounds.stop(name)
        rounds.wait(name, 60)
    print(file=sys.stderr)
    status = folder.status()
    if status.state not in (State.DONE, State.STOPPED):
        raise StudioError(status.what, status.way_out)
    cut, broken, drawn = (
        len(folder.noted("cut")),
        len(folder.noted("broken")),
        len(folder.drawn()),
    )
    tell_cut(cut)
    tell_broken(broken)
    if not args.json:
        print(f"{drawn} of {status.total} pictures in {folder.path}")
        print("Rate them in the tab Feedback.")
    odd = {"cut_prompts": cut, "not_measured": broken}
    said = {key: count for key, count in odd.items() if count}
    return {"round": name, "pictures": drawn, "state": str(status.state), **said}


def _list(args: argparse.Namespace) -> dict[str, Any]:
    rounds, told = Feedback(args.runs_dir), []
    for row in rounds.list():
        raters = rounds.folder(row.id).store.raters()
        told.append({**asdict(row), "raters": raters})
        if not args.json:
            rated = ", ".join(f"{name} {count}" for name, count in raters.items()) or "nobody"
            print(f"{row.id}  {row.kind}  {row.drawn}/{row.pictures} pictures  rated by: {rated}")
    return {"rounds": told}


def _export(args: argparse.Namespace) -> dict[str, Any]:
    rows = export_ratings(Feedback(args.runs_dir).folder(args.round), args.file)
    if not args.json:
        print(f"{rows} ratings in {args.file}")
    return {"rows": rows, "file": str(args.file)}


def _import(args: argparse.Namespace) -> dict[str, Any]:
    added = import_ratings(Feedback(args.runs_dir).folder(args.round), args.file)
    if not args.json:
        print(f"{added} ratings added")
    return {"added": added}


def _agreement(args: argparse.Namespace) -> dict[str, Any]:
    folder = Feedback(args.runs_dir).folder(args.round)
    found, labels = round_result(folder), folder.config.labels
    if not args.json:
        raters = ", ".join(f"{name} {count}" for name, count in found.raters.items())
        print(f"{found.answered} of {found.questions} questions answered; {raters or 'nobody'}")
        for row in found.labels:
            told = f"{row.yes} yes, {row.no} no, {row.split} undecided"
            print(f"  {labels[row.label].en}: {told}; alpha {_told(row.agreement)}")
        if found.agreement is not None:
            print(f"  ranks: alpha {_told(found.agreement)}")
    return asdict(found)


def _told(found: Alpha) -> str:
    if found.value is None:
        return "not measured" + (" (everybody always said the same)" if found.same else "")
    if found.low is None or found.high is None:
        return f"{found.value:.2f} ({found.shared} shared)"
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f}, {found.shared} shared)"


def _both(text: str) -> Text:
    said = text.strip()
    if not said:
        raise StudioError("The round has no text.", "Write one, then try again.")
    return Text(en=said, zh=said)
