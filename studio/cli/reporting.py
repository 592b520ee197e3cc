"""The command that makes a report of an evaluation."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from studio.cli.naming import EVALUATION, named
from studio.evaluation.protocol import column_slug
from studio.services.runs import Runs


def report_options(parser: argparse.ArgumentParser) -> None:
    """The arguments of `report`."""
    parser.add_argument(
        "evaluation", metavar="EVALUATION", help="id of an evaluation, or the path of its folder"
    )
    parser.add_argument("--column", default="", help="only this one; default: all but the original")
    parser.add_argument("--out", type=Path, help="folder; default: the evaluation's own")


def report(args: argparse.Namespace) -> dict[str, Any]:
    """Work out what an evaluation found, and write page, JSON, model card and figures."""
    from studio.services.report import Exported, Reports
    from studio.services.reporting.export_json import findings_json
    from studio.services.reporting.summary import claim, foreign_notes, untested
    from studio.services.reporting.words import change_said, family_name, rate_said, text

    args.evaluation = named(args, args.evaluation, EVALUATION)
    reports = Reports(Runs(args.runs_dir))
    labels = (args.column,) if args.column else reports.columns(args.evaluation)
    told = []
    for label in labels or ("",):
        findings = reports.make(args.evaluation, label)
        out = args.out / column_slug(label) if args.out and len(labels) > 1 else args.out
        exported: Exported = reports.export(findings, out)
        stale = reports.stale(args.evaluation)
        answer = json.loads(findings_json(findings, reports.points(findings), stale=stale))
        for note in foreign_notes(findings):
            print(f"Note: {note}", file=sys.stderr)
        told.append({**answer, "files": [str(file) for file in exported.files]})
        if args.json:
            continue
        mark = f" ({text('en', 'quick')})" if findings.quick else ""
        print(f"{findings.column}: {text('en', f'l_{findings.level}')}{mark}")
        print(claim(findings, "en"))
        if stale:
            print(text("en", "stale_why"))
        for line in findings.families:
            change = change_said(line.difference, line.p_holm, "en")
            print(
                f"  {family_name(line.name, 'en'):14} {rate_said(line.original, 'en')} -> "
                f"{rate_said(line.safeguarded, 'en')}; {change}"
            )
        print(f"Not tested: {', '.join(untested(findings, 'en'))}")
        print("\n".join(str(file) for file in exported.files))
    return {"reports": told}
