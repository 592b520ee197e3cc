"""Commands that list what there is."""

import argparse
from dataclasses import asdict
from typing import Any

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


def runs(args: argparse.Namespace) -> dict[str, Any]:
    """List the runs."""
    found = Runs(args.runs_dir).list()
    if not args.json:
        for run in found:
            print(f"{run.run_id:40} {run.status.state:12} {run.status.step}/{run.status.total}")
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
    return {"runs": rows}
