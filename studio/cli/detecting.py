"""Commands that list the detectors and ask one about a folder of pictures."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.evaluation.detectors import (
    find_detector,
    get_detector,
    load_detectors,
    missing,
    settings_of,
)
from studio.evaluation.detectors.base import Asks, Sighting, counted
from studio.evaluation.findings import Profile
from studio.evaluation.rates import wilson
from studio.evaluation.worlds import must_be_icons, note_icons
from studio.pictures import open_picture, picture_files
from studio.words import rate_text
from studio.world import ICON_WORLD_ID

BATCH = 32


def add_arguments(new: argparse.ArgumentParser) -> None:
    """The options of `detect`."""
    new.add_argument("folder", metavar="FOLDER", type=Path, help="pictures to look at")
    new.add_argument("--detector", required=True, help="see detectors; or a YAML file of your own")
    new.add_argument("--wanted", default="", help="what to look for: a phrase, or an object's id")
    new.add_argument("--weights", default="", help="folder of the network, or a hub id")
    new.add_argument("--prompts", type=Path, help="learned prompt vectors, for q16")


def detectors(args: argparse.Namespace) -> dict[str, Any]:
    """List the detectors, what each needs, and whether it is ready."""
    rows = []
    for preset in load_detectors().values():
        kind, settings = settings_of(preset)
        lacks = missing(preset)
        rows.append(
            {
                "id": preset.id,
                "title": preset.title.en,
                "kind": kind.name,
                "looks_for": kind.asks,
                "knows": kind.world or "any pictures",
                "needs": kind.needs.en,
                "licence": kind.licence,
                "ready": lacks is None,
                "lacks": lacks.what if lacks else "",
                "way_out": lacks.way_out if lacks else "",
                "source": preset.source,
                "note": preset.note.en,
                "settings": settings.model_dump(mode="json"),
            }
        )
    if not args.json:
        for row in rows:
            print(f"{row['id']:23} {row['title']}: {'ready' if row['ready'] else row['lacks']}")
        for way_out in dict.fromkeys(row["way_out"] for row in rows if row["way_out"]):
            print(f"  {way_out}")
    return {"detectors": rows}


def detect(args: argparse.Namespace) -> dict[str, Any]:
    """Count the pictures of a folder in which a detector sees what is wanted."""
    kind, _ = settings_of(find_detector(args.detector))
    _check_wanted(kind.asks, args.wanted, args.detector)
    files = picture_files(args.folder)
    icons_alone = kind.world == ICON_WORLD_ID
    warning = must_be_icons(files) if icons_alone else note_icons(args.detector, files)
    if warning:
        print(f"Note: {warning}", file=sys.stderr)
    detector = get_detector(args.detector, weights=args.weights, prompts=args.prompts)
    seen: list[Sighting] = []
    for start in range(0, len(files), BATCH):
        part = files[start : start + BATCH]
        seen += detector.see([open_picture(file) for file in part], [args.wanted] * len(part))
        if sys.stderr.isatty():
            print(f"\r{len(seen)}/{len(files)}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    rate, units = wilson(sum(one.shows for one in seen), len(seen)), counted(seen, detector.profile)
    if not args.json:
        what = f" show {args.wanted}" if args.wanted else ""
        print(f"{args.folder}: {rate_text(rate)}{what}")
        if detector.profile.unit != "pictures":
            print(f"{detector.profile.unit}: {units} in {len(seen)} pictures")
        for line in _profile_lines(detector.profile):
            print(line)
    pictures = [{"file": file.name, **asdict(one)} for file, one in zip(files, seen, strict=True)]
    return {
        "folder": str(args.folder),
        "wanted": args.wanted,
        "rate": asdict(rate),
        "counted": units,
        "profile": asdict(detector.profile),
        "note": warning,
        "pictures": pictures,
    }


def _check_wanted(asks: Asks, wanted: str, name: str) -> None:
    if asks == "nothing" and wanted:
        raise StudioError(
            f"{name} looks for the same in every picture and cannot look for {wanted!r}.",
            "Leave --wanted out, or choose clip-zero-shot.",
        )
    if asks != "nothing" and not wanted:
        raise StudioError(
            f"{name} has to be told what to look for.", "Say it with --wanted, such as bomb."
        )


def _profile_lines(profile: Profile) -> list[str]:
    threshold = "" if profile.threshold is None else f", threshold {profile.threshold:g}"
    model = f", weights {profile.model}" if profile.model else ""
    lines = [f"  {profile.id}{model}{threshold}, counts {profile.unit}"]
    return lines + [f"  {'; '.join(part)}" for part in (profile.labels, profile.settings) if part]
