"""The command that measures the quality of two folders of pictures."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.evaluation.prompt_files import read_prompts
from studio.pictures import read_parameters

if TYPE_CHECKING:
    from studio.evaluation.findings import Score

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
COVER = ".cover.jpg"


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

    original, safeguarded = pictures_in(args.original), pictures_in(args.safeguarded)
    floor = pictures_in(args.floor) if args.floor else None
    prompts = _prompts(args.prompt_file, original, safeguarded, floor)
    found = []
    chosen = dict.fromkeys(args.scorer) if args.scorer else None
    for score in scored(original, safeguarded, prompts, floor, names=chosen, weights=args.weights):
        found.append(score)
        print(score_line(score), file=sys.stderr if args.json else sys.stdout, flush=True)
    moved = moved_away(found)
    if moved and not args.json:
        print("Collapsed: KID is above five times its floor, so nothing gets a grade.")
    return {"pictures": len(original), "scores": [asdict(s) for s in found], "collapsed": moved}


def pictures_in(folder: Path) -> list[Path]:
    """Pictures of a folder by name; blurred copies are none.

    Raises:
        StudioError: there are none.
    """
    found = sorted(f for f in folder.glob("*") if f.suffix.lower() in ENDINGS)
    found = [file for file in found if not file.name.endswith(COVER)]
    if not found:
        raise StudioError(
            f"There are no pictures in {folder}.", "Give a folder with PNG, JPEG or WebP files."
        )
    return found


def _prompts(file: Path | None, *columns: Sequence[Path] | None) -> list[str]:
    """Prompts from the list, else from the pictures, which must then agree with each other."""
    if file is not None:
        read = read_prompts(file)
        if read.dropped:
            first = read.dropped[0]
            raise StudioError(
                f"{file.name}, line {first.number}: {first.reason}.",
                "Mend that row or take it out, so that nothing is left out unseen.",
            )
        return [row.prompt for row in read.rows]
    told = [[_prompt(picture) for picture in column] for column in columns if column is not None]
    for other in told[1:]:
        if other != told[0]:
            raise StudioError(
                "The pictures of the columns were drawn from different prompts.",
                "Give folders with the same prompts in the same order, or a --prompt-file.",
            )
    return told[0]


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
