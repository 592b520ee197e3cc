"""Runs, evaluations and rounds by their id or by the path of their folder, as commands print it."""

import argparse
from pathlib import Path

from studio.files import is_name, place_of
from studio.jobs.feedback_folder import FOLDER, ROUND
from studio.services.runs import DEMO

RUN, EVALUATION, FEEDBACK_ROUND = "config.yaml", "evaluation.yaml", ROUND
_BELOW = {RUN: "", EVALUATION: "evaluations", FEEDBACK_ROUND: FOLDER}


def named(args: argparse.Namespace, text: str, kind: str = RUN) -> str:
    """The id of what a person named; a path in another runs folder makes that one `--runs-dir`.

    Args:
        text: an id, or a path: absolute, relative, with ~, with a slash at its end, or ".".
        kind: the file that makes a folder one of this kind.

    Returns:
        The id; the text itself where it is no path of such a folder, for whoever looks it up.
    """
    if is_name(text) and (args.runs_dir / _BELOW[kind] / text / kind).exists():
        return text
    place = place_of(text)
    if not text.strip() or not (place / kind).is_file():
        return text
    whole = place.resolve()
    if kind == RUN and whole == DEMO.resolve():
        return DEMO.name
    root = whole.parents[1] if _BELOW[kind] else whole.parent
    if _BELOW[kind] and whole.parent.name != _BELOW[kind]:
        return text
    if root != args.runs_dir.resolve():
        args.runs_dir = root
    return whole.name


def work_key(runs_dir: Path, text: str) -> str:
    """The key of a piece of work in the line, by that key or by the path of its folder."""
    place = place_of(text)
    if is_name(text) or not place.is_dir():
        return text
    whole, root = place.resolve(), runs_dir.resolve()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else text
