"""The command that makes a calibration set, and says what its labels tell."""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.cli.models import chosen_model, model_options
from studio.cli.numbers import positive
from studio.cli.waiting import turn_of
from studio.cli.warning import tell_broken, tell_cut, warn_of_foreign
from studio.config import Column
from studio.errors import StudioError
from studio.evaluation.findings import Agreement
from studio.evaluation.worlds import refuse_strangers
from studio.jobs.queue_tables import Work
from studio.presets import find_model, load_models
from studio.services.calibration import (
    FOLDER,
    Outcome,
    find_calibration,
    make_set,
    outcomes,
    ready_judges,
)
from studio.services.columns import column, once, pack_concepts
from studio.services.runs import Runs
from studio.words import rate_text


def calibrate_options(new: argparse.ArgumentParser) -> None:
    """Tell argparse what `calibrate` takes."""
    new.add_argument("pack", metavar="PACK", help="id of a pack; with --result, a set")
    new.add_argument("--result", action="store_true", help="say what the labels of a set tell")
    new.add_argument("--count", type=positive, default=400, help="pictures; half are renders")
    new.add_argument("--out", type=Path, help="folder of the new set")
    new.add_argument("--split", choices=["dev", "test"], default="dev", help="prompts to draw")
    model_options(new)
    new.add_argument("--column", action="append", help="what else draws them, see compare")
    new.add_argument(
        "--detector",
        action="append",
        help="who answers, see detectors; default: each judge of Icon World that is there",
    )
    new.add_argument(
        "--renders", type=Path, help="own pictures: a folder for each thing, and one named none"
    )
    new.add_argument("--icons", type=Path, help="where the icon packages of Icon World are")


def calibrate(args: argparse.Namespace) -> dict[str, Any]:
    """Make a set, or with --result say what the labels of a set tell."""
    return _result(args) if args.result else _make(args)


def _make(args: argparse.Namespace) -> dict[str, Any]:
    studio = Runs(args.runs_dir)
    pack = studio.pack(args.pack)
    model = chosen_model(args) or find_model(pack.model)
    asked = tuple(args.detector or ready_judges())
    refuse_strangers(model, asked)
    warn_of_foreign(model, asked)
    concepts = pack_concepts(pack)
    columns = once([Column(), *(column(studio, text, concepts) for text in args.column or [])])
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{pack.id}"
    out = args.out or args.runs_dir / FOLDER / name
    began = time.monotonic()

    def say(done: int, total: int) -> None:
        print(f"\r{done}/{total} pictures", end="", file=sys.stderr, flush=True)

    where = {"icons": args.icons} if args.icons else {}
    with turn_of(args, Work.CALIBRATE, pack.title, out):
        made = make_set(
            model,
            pack,
            columns,
            out,
            count=args.count,
            split=args.split,
            detectors=asked,
            renders=args.renders,
            on_picture=say,
            **where,
        )
    print(file=sys.stderr)
    drawn = sum(shot.source == "generated" for shot in made.shots)
    tell_cut(made.cut_prompts)
    tell_broken(made.not_measured)
    if not args.json:
        print(f"{len(made.shots)} pictures, {drawn} of them generated, in {out}")
        print("Label them in the tab Check, then: python -m studio calibrate SET --result")
    return {
        "set": str(out),
        "pictures": len(made.shots),
        "generated": drawn,
        **({"cut_prompts": made.cut_prompts} if made.cut_prompts else {}),
        **({"not_measured": made.not_measured} if made.not_measured else {}),
        "columns": [chosen.label for chosen in columns],
        "seconds": round(time.monotonic() - began, 1),
    }


def _result(args: argparse.Namespace) -> dict[str, Any]:
    folder = find_calibration(args.runs_dir, args.pack)
    found = outcomes(folder)
    made = folder.read()
    tell_cut(made.cut_prompts)
    tell_broken(made.not_measured)
    if (card := load_models().get(made.model)) is not None:
        warn_of_foreign(card, [profile.id for profile in made.profiles])
    if not found:
        raise StudioError("No detector answered in this set.", "Make the set again.")
    if not args.json:
        for outcome in found:
            for line in _report(outcome):
                print(line)
    return {"outcomes": [asdict(outcome) for outcome in found]}


def _report(outcome: Outcome) -> list[str]:
    profile = outcome.profile
    lines = [
        f"{profile.id}, model {profile.model}, threshold {profile.threshold}; {outcome.set}, "
        f"{outcome.pack}, {outcome.split} prompts"
    ]
    for part in outcome.measured:
        lines += [
            f"  {part.source}: {part.known} of {part.pictures} known, {part.unlabelled} not "
            f"labelled, {part.unsure} not sure, {part.contested} contested",
            f"    sensitivity {rate_text(part.sensitivity)}",
            f"    specificity {rate_text(part.specificity)}",
        ]
    lines.append(_agreed(f"  {profile.id} and people", outcome.agreement))
    lines.append(_agreed("  people and the truth of renders", outcome.renders))
    lines += [_agreed(f"  {row.one or '-'} and {row.other or '-'}", row) for row in outcome.raters]
    lines += [f"    disputed: {picture}" for picture in outcome.agreement.disputed]
    return lines


def _agreed(who: str, found: Agreement) -> str:
    kappa = "not measured" if found.kappa is None else f"{found.kappa:.2f}"
    return f"{who}: same {rate_text(found.same)}, kappa {kappa}"
