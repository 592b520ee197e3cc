"""A model of the hub in the local cache: whether all that loading needs is there; no torch."""

import json
import re
from pathlib import Path

from studio.config import ModelCard
from studio.errors import StudioError
from studio.files import place_of
from studio.models.config_files import read_config
from studio.models.fetching import from_cache, pinned
from studio.models.folders import INDEX, PARTS, XL, XL_PARTS, kind_of
from studio.world import ROOT


def on_disk(card: ModelCard, root: Path = ROOT) -> Path | None:
    """Where the files of a model are: its folder or file, or its snapshot in the cache of the hub.

    Returns:
        None where nothing is there, or only a part of a snapshot: the rest is fetched at first use.

    Raises:
        StudioError: it is of the hub and not pinned.
    """
    place = root / place_of(card.source)
    if place.is_file() or place.is_dir():
        return place
    name, revision = pinned(f"{card.source}@{card.revision or ''}")
    found = from_cache(name, revision)
    return found if found is not None and _complete(found, card.source) else None


def not_looked_into(card: ModelCard) -> str:
    """What is said of a model that `on_disk` does not find."""
    return (
        f"{card.source} was not looked into: it is not on this machine yet, or not all of it; it "
        "is fetched at first use."
    )


def _complete(place: Path, source: str) -> bool:
    """Whether nothing has to be fetched any more. What is broken counts as there: looking at it
    says so."""
    if not (place / INDEX).is_file():
        return False
    try:
        kind = kind_of(read_config(place / INDEX), source)
    except StudioError:
        return True
    parts = XL_PARTS if kind == XL else PARTS
    return (place / "scheduler" / "scheduler_config.json").is_file() and all(
        _words(place / part) if part.startswith("tokenizer") else _network(place / part)
        for part in parts
    )


def _words(folder: Path) -> bool:
    ways = (("tokenizer.json",), ("vocab.json", "merges.txt"))
    return any(all((folder / name).is_file() for name in way) for way in ways)


def _network(folder: Path) -> bool:
    there = {file.name for file in folder.glob("*.safetensors") if file.is_file()}
    listed = [_listed(file) for file in folder.glob("*.safetensors.index*.json")]
    # of several variants one is enough; which is read is decided where it is loaded
    whole = any(names <= there for names in listed) if listed else bool(there)
    return (folder / "config.json").is_file() and bool(there) and whole


def _listed(file: Path) -> set[str]:
    """The files beside it that an index names; none where it is broken."""
    try:
        names = map(str, json.loads(file.read_bytes())["weight_map"].values())
        return {name for name in names if re.fullmatch(r"[^/\\:]+\.safetensors", name)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
