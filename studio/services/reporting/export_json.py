"""`report.json`: the findings, what each line was held against, and the points of the plot."""

import json
from dataclasses import asdict
from typing import Any

from studio import __version__, failures
from studio.evaluation.findings import Compared, Findings
from studio.evaluation.levels import check
from studio.services.reporting.levels_told import levels_told
from studio.services.reporting.summary import claim, foreign_notes, one_run, untested
from studio.services.reporting.tradeoff import Point
from studio.services.reporting.words import LANGUAGES, rate_said, text

FORMAT = 1


def findings_json(
    findings: Findings, points: tuple[Point, ...] = (), *, stale: bool = False
) -> str:
    """The report for programs; a rate that was not measured is null, never 0."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "studio": __version__,
        "stale": stale,
        "watermark": text("en", "quick") if findings.quick else "",
        "claim": {lang: claim(findings, lang) for lang in LANGUAGES},
        "training_runs": _runs(findings),
        "levels": [asdict(level) for level in levels_told(findings)],
        "not_tested": {lang: untested(findings, lang) for lang in LANGUAGES},
        "notes": {
            lang: [failures.told(note, lang) for note in foreign_notes(findings)]
            for lang in LANGUAGES
        },
        "checks": [_check(line) for line in findings.families],
        "trade_off": [asdict(point) for point in points],
        "findings": asdict(findings),
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _runs(findings: Findings) -> dict[str, Any]:
    """How many trainings the numbers stand on, and what that leaves open."""
    told = {lang: one_run(findings, lang) for lang in LANGUAGES}
    return {
        "count": 1 if told["en"] else 0,
        "seed": findings.about.get("train_seed"),
        "told": told,
    }


def _check(line: Compared) -> dict[str, Any]:
    found = check(line)
    return {
        "family": line.name,
        "limit": found.limit,
        "bound": found.bound,
        "held": found.held,
        "told": rate_said(line.safeguarded, "en"),
    }
