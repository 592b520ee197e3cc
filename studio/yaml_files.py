"""YAML files -> checked records, with clear messages; what every kind of preset is read with."""

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from studio.config import Frozen
from studio.errors import StudioError
from studio.files import read_text
from studio.limits import NAME_LETTERS, YAML_MB
from studio.yaml_guard import Refused, SafeLoader, guard

Record = TypeVar("Record", bound=Frozen)
Made = TypeVar("Made")


def read_yaml(text: str, name: str) -> dict[str, Any]:
    """A YAML file's mapping.

    Raises:
        StudioError: it is no YAML, no mapping, or asks for too much; says the line.
    """
    if len(text) > YAML_MB * 1e6:
        raise StudioError(
            f"{name} has {len(text) / 1e6:.1f} MB; files of this kind are read up to "
            f"{YAML_MB:g} MB.",
            "Take out the part that you need.",
        )
    try:
        guard(text)
        data = yaml.load(text, Loader=SafeLoader)
    except Refused as error:
        raise _broken(name, f" in line {error.line}", error.why) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise _broken(name, line, getattr(error, "problem", None) or "no YAML") from error
    except (ValueError, OverflowError, RecursionError) as error:  # of a date, a number, a letter
        raise _broken(name, "", "a value is not possible") from error
    if not isinstance(data, dict):
        raise StudioError(f"{name} holds no keys.", "Start from one of the packs in presets/packs.")
    return data


def read_yaml_file(file: Path) -> dict[str, Any]:
    """The mapping of a YAML file.

    Raises:
        StudioError: see `read_text` and `read_yaml`.
    """
    return read_yaml(read_text(file, YAML_MB), file.name)


def _broken(name: str, line: str, why: str) -> StudioError:
    return StudioError(
        f"{name} is broken{line}: {why}.",
        "Mend that line; indentation and quotes are the usual causes.",
    )


def check(record: type[Record], data: dict[str, Any], name: str) -> Record:
    """Data -> record.

    Raises:
        StudioError: a key is unknown, missing or has a wrong value; names the first.
    """
    return explained(lambda: record.model_validate(data), record, name)


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
        key = str(first["loc"][-1])[:NAME_LETTERS]
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
    "string_too_long": "at most {max_length} letters are allowed",
    "string_pattern": "small letters, digits and - are needed",
    "string_unicode": "it is no text of letters",
    "string_": "a text is needed; put it in quotation marks",
    "too_short": "it must not be empty",
    "too_long": "at most {max_length} entries are allowed",
    "tuple_": "a list is needed",
    "list_": "a list is needed",
    "dict_": "keys with values are needed",
    "model_": "keys with values are needed",
    "bool_": "true or false is needed",
    "finite_number": "a number with an end is needed",
    "invalid_key": "its name must be a text",
}


def _keys(record: type[BaseModel]) -> list[str]:
    return list(record.model_fields)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A way out for a name that is not known: the nearest that is, else all of them."""
    names = sorted(known)
    name = name[:NAME_LETTERS]  # comparing takes time
    near = difflib.get_close_matches(name, names, 1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Choose one of: {', '.join(names)}."
