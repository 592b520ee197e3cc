"""Configs of other people's models: small JSON objects, read once with patience; no torch."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.files import read_text
from studio.limits import CONFIG_LIST, CONFIG_MB

Config = dict[str, Any]


def named(file: Path) -> str:
    """How a file of a part is called in a sentence: PART/FILE."""
    return f"{file.parent.name}/{file.name}"


def read_config(file: Path, most_mb: float = CONFIG_MB) -> Config:
    """A JSON object from a file.

    Raises:
        StudioError: there is no such file, it is too large, a pipe or a device, or no JSON object.
    """
    try:
        found = json.loads(read_text(file, most_mb, marked=False))
    except (ValueError, RecursionError) as error:
        raise StudioError(
            f"{named(file)} cannot be read: it is no JSON, or lists stand too deep in it.",
            "Get the file again.",
        ) from error
    if not isinstance(found, dict):
        raise StudioError(
            f"{named(file)} cannot be read: it is no JSON object.", "Get the file again."
        )
    return found


def wrong(file: str, field: str, value: object, needed: str) -> StudioError:
    """What is said of a setting that cannot be right."""
    return StudioError(
        f"{file} says {field} {_short(value)}; {needed} is needed.",
        "Correct that file, or get the model again.",
    )


@dataclass(frozen=True)
class Number:
    """What a number of a config may be.

    Attributes:
        low, high: both may be reached. whole: no fractions. null: it may be null. many: a list of
            such numbers, or lists of them, will do too. must: it may not be left out.
    """

    field: str
    low: float
    high: float
    whole: bool = True
    null: bool = False
    many: bool = False
    must: bool = False

    @property
    def needed(self) -> str:
        """In words."""
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.low:g} to {self.high:g}"

    def holds(self, value: object) -> bool:
        """Whether a value is such a number."""
        if value is None:
            return self.null
        if isinstance(value, list):
            return self.many and 0 < len(value) <= CONFIG_LIST and all(map(self.holds, value))
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            return False
        try:
            return math.isfinite(value) and self.low <= value <= self.high
        except OverflowError:
            return False


def check_numbers(config: Mapping[str, Any], numbers: Iterable[Number], file: str) -> None:
    """Refuse a config with a number that cannot be right.

    Raises:
        StudioError: names file, field and value.
    """
    for number in numbers:
        if number.field not in config and not number.must:
            continue
        value = config.get(number.field)
        if not number.holds(value):
            raise wrong(file, number.field, value, number.needed)


def check_choice(
    config: Mapping[str, Any], field: str, choices: tuple[str, ...], file: str
) -> None:
    """Refuse a word that is not one of these.

    Raises:
        StudioError: names file, field and value.
    """
    if field in config and config[field] not in choices:
        raise wrong(file, field, config[field], f"one of {', '.join(choices)}")


def _short(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except ValueError:
        text = str(value)
    return text if len(text) <= 60 else f"{text[:40]}..."
