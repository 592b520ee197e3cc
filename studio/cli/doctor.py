"""`doctor`: is everything here, and what to do where it is not."""

import argparse
from typing import Any

from studio.errors import StudioError
from studio.output import print_json
from studio.services.doctor import examine, told
from studio.services.doctor_findings import FAIL


def add_doctor(new: Any) -> None:
    """The options of `doctor`."""
    new.add_argument(
        "--model", action="append", default=[], help="look at this one too; several times"
    )
    new.add_argument("--port", type=int, help="the port that is wanted; default: one from 7860")


def doctor(args: argparse.Namespace) -> dict[str, Any]:
    """Look at everything that a run needs.

    Raises:
        StudioError: something is missing or broken; the lines are printed before.
    """
    found = examine(args.runs_dir, tuple(args.model), args.port)
    answer = {"checks": [finding.record() for finding in found]}
    if not args.json:
        print(told(found, "en"))
    broken = sum(finding.state == FAIL for finding in found)
    if broken:
        if args.json:
            print_json(answer)
        raise StudioError(f"{broken} checks failed.", "Do what the lines marked fail say.")
    return answer
