"""YAML files -> checked records, with clear messages; what every kind of preset is read with."""

import difflib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from studio.config import Frozen
from studio.errors import StudioError

Record = TypeVar("Record", bound=Frozen)
Made = TypeVar("Made")


def read_yaml(text: str, name: str) -> dict[str, Any]:
    """A YAML file's mapping.

    Raises:
        StudioError: it is no YAML, or no mapping; says the line.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise StudioError(
            f"{name} is broken{line}: {getattr(error, 'problem', None) or 'no YAML'}.",
            "Mend that line; indentation and quotes are the usual causes.",
        ) from error
    if not isinstance(data, dict):
        raise StudioError(f"{name} holds no keys.", "Start from one of the packs in presets/packs.")
    return data


def check(record: type[Record], data: dict[str, Any], name: str) -> Record:
    """Data -> record.

    Raises:
        StudioError: a key is unknown, missing or has a wrong value; names the first.
    """
    return explained(lambda: record(**data), record, name)


def explained(make: Callable[[], Made], record: type[BaseModel], name: str) -> Made:
    """What `make` gives.

    Raises:
        StudioError: a value of the record is not right; names the first.
    """
    try:
        return make()
    except ValidationError as error:
        raise StudioError(*_explain(record, error, name)) from error


def _explain(record: type[BaseModel], error: ValidationError, name: str) -> tuple[str, str]:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        near = difflib.get_close_matches(key, _keys(record), 1)
        hint = f"Did you mean {near[0]!r}?" if near else "Take it out."
        return f"{name} has a key that nothing reads: {place}.", hint
    if first["type"] == "missing":
        return f"{name} lacks {place}.", "Add it; the packs in presets/packs show how."
    if place == "remove" and first["type"] == "too_short":
        return f"{name} removes nothing.", "Name at least one concept to remove."
    return f"{name}: {place} is not right: {_reason(first)}.", "Correct that value."


def _reason(found: ErrorDetails) -> str:
    limits = found.get("ctx", {})
    for name, words in _REASONS.items():
        if found["type"].startswith(name):
            return words.format(**limits)
    return str(found["msg"]).removeprefix("Value error, ")


_REASONS = {
    "greater_than_equal": "at least {ge} is needed",
    "greater_than": "more than {gt} is needed",
    "less_than_equal": "at most {le} is allowed",
    "less_than": "less than {lt} is allowed",
    "int_": "a whole number is needed",
    "float_": "a number is needed",
    "literal_error": "one of {expected} is needed",
    "string_too_short": "it must not be empty",
    "too_short": "it must not be empty",
}


def _keys(record: type[BaseModel]) -> list[str]:
    return list(record.model_fields)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A way out for a name that is not known: the nearest that is, else all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Choose one of: {', '.join(names)}."
