"""The command that measures the quality of two folders of pictures."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.evaluation.prompt_files import read_prompts
from studio.evaluation.quality.pairing import Pairing, paired, with_list
from studio.pictures import read_parameters

if TYPE_CHECKING:
    from studio.evaluation.findings import Score

SHOWN_LETTERS = 60


def add_quality(new: argparse.ArgumentParser) -> None:
    """The options of the command."""
    new.add_argument("--original", type=Path, required=True, help="pictures of the original model")
    new.add_argument(
        "--safeguarded", type=Path, required=True, help="the same prompts and seeds, safeguarded"
    )
    new.add_argument(
        "--floor", type=Path, help="the original again with other seeds: shows what chance does"
    )
    new.add_argument(
        "--prompt-file", type=Path, help="prompts in the pictures' order; else the pictures' own"
    )
    new.add_argument(
        "--scorer",
        action="append",
        help="measure only this, such as kid; may be given several times",
    )
    new.add_argument("--weights", type=Path, help="folder with CLIP, AlexNet or Inception")


def quality(args: argparse.Namespace) -> dict[str, Any]:
    """Measure how far the pictures moved, and whether they still follow their prompts."""
    from studio.evaluation.quality import scored
    from studio.evaluation.quality.collapsed import moved_away

    pairs = _with_prompts(paired(args.original, args.safeguarded, args.floor), args.prompt_file)
    prompts, (original, safeguarded, *others) = pairs.prompts, pairs.columns
    floor = others[0] if others else None
    for line in _pairing_lines(pairs):
        print(line, file=sys.stderr if args.json else sys.stdout, flush=True)
    found = []
    chosen = dict.fromkeys(args.scorer) if args.scorer else None
    for score in scored(original, safeguarded, prompts, floor, names=chosen, weights=args.weights):
        found.append(score)
        print(score_line(score), file=sys.stderr if args.json else sys.stdout, flush=True)
    moved = moved_away(found)
    if moved and not args.json:
        print("Collapsed: KID is above five times its floor, so nothing gets a grade.")
    return {
        "pictures": len(original),
        "pairing": pairs.shown(),
        "scores": [asdict(s) for s in found],
        "collapsed": moved,
    }


def _pairing_lines(pairs: Pairing) -> Iterator[str]:
    shown = pairs.shown()
    yield f"{shown['count']} rows, paired by {shown['by']}:"
    for end in ("first", "last"):
        row = shown[end]
        yield f"  {end:6}{' | '.join(row['pictures'])} | {row['prompt'][:SHOWN_LETTERS]}"
    if shown["other_prompts"]:
        yield (
            f"  {shown['other_prompts']} pictures say that they were drawn from another prompt "
            "than the list's."
        )


def _with_prompts(pairs: Pairing, file: Path | None) -> Pairing:
    """With prompts of the list, else of the pictures, which must then agree with each other."""
    if file is not None:
        read = read_prompts(file)
        if read.dropped:
            first = read.dropped[0]
            raise StudioError(
                f"{file.name}, line {first.number}: {first.reason}.",
                "Mend that row or take it out, so that nothing is left out unseen.",
            )
        return with_list(pairs, [row.prompt for row in read.rows], file.name)
    told = [[_prompt(picture) for picture in column] for column in pairs.columns]
    for other in told[1:]:
        if other != told[0]:
            raise StudioError(
                "The pictures of the columns were drawn from different prompts.",
                "Give folders with the same prompts in the same order, or a --prompt-file.",
            )
    return replace(pairs, prompts=tuple(told[0]))


def _prompt(picture: Path) -> str:
    told = read_parameters(picture).get("prompt")
    if not isinstance(told, str):
        raise StudioError(
            f"{picture.name} does not say from which prompt it was drawn.",
            "Give a --prompt-file with one prompt a line, in the order of the pictures.",
        )
    return told


def score_line(score: "Score") -> str:
    """A score with its interval, its floor and the number of pictures, or what is missing."""
    if score.value is None:
        return f"{score.name:40} not measured: {score.needs}"
    told = [f"{score.value:.4g}"]
    if score.low is not None and score.high is not None:
        told[0] += f" ({score.low:.4g} to {score.high:.4g})"
    if score.original is not None:
        told.append(f"original {score.original:.4g}")
    if score.change is not None and score.change[1] is not None:
        told.append("change {:+.4g} ({:+.4g} to {:+.4g})".format(*score.change))
    told.append("floor not measured" if score.floor is None else f"floor {score.floor:.4g}")
    if score.cut:
        told.append(f"of {score.cut} prompts only the start was read")
    told.append(f"{score.n} pictures, {score.better} is good")
    return f"{score.name:40} " + ", ".join(told)
