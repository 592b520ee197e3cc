"""Prompts in JSON: a list of texts, of {concept: [prompts]}, or of rows with named columns."""

import json
import re
from typing import Any

from studio.errors import StudioError
from studio.evaluation.prompt_columns import Field, find_columns
from studio.evaluation.prompt_layouts import Raw, Reason, Table

WRAPPERS = ("annotations", "data", "prompts", "rows", "captions", "items", "examples")
_STARTS_LIKE_JSON = re.compile(r'\s*(?:\[\s*\{?|\{)\s*"')


def read_json(text: str, name: str) -> Table | None:
    """The rows of a JSON text, or of JSON objects one a line; None where the text is no JSON.

    Args:
        name: of the file, for messages.

    Raises:
        StudioError: the text starts like JSON and breaks off, or is JSON and no list of prompts.
    """
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        rows = _objects_by_line(text)
        if rows is not None:
            return _of_objects(rows, name)
        if _STARTS_LIKE_JSON.match(text):
            raise StudioError(
                f"{name} starts like JSON and breaks off in line {getattr(error, 'lineno', 1)}.",
                "Mend that line, or write one prompt a line.",
            ) from error
        return None
    data = _unwrapped(data)
    items = list(enumerate(data if isinstance(data, list) else [data], start=1))
    objects = [(number, item) for number, item in items if isinstance(item, dict)]
    if objects:
        return _of_objects(objects, name)
    if items and not any(isinstance(item, str) for _, item in items):
        raise _no_prompts(name)
    return Table("json texts", {"prompt": "text"}, [_text(number, item) for number, item in items])


def _unwrapped(data: object) -> object:
    """The list inside an object that holds one: COCO captions, and what datasets are sent as."""
    if not isinstance(data, dict):
        return data
    for key in WRAPPERS:
        inner = data.get(key)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict | str):
            return [
                item["row"]
                if isinstance(item, dict) and isinstance(item.get("row"), dict)
                else item
                for item in inner
            ]
    return data


def _no_prompts(name: str) -> StudioError:
    return StudioError(
        f"{name} is JSON, but no list of prompts.",
        "Write a list of texts, of {concept: [prompts]}, or of rows with a prompt.",
    )


def _objects_by_line(text: str) -> list[tuple[int, dict[str, Any]]] | None:
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                item = json.loads(line)
            except (ValueError, RecursionError):
                return None
            if not isinstance(item, dict):
                return None
            found.append((number, item))
    return found


def _of_objects(objects: list[tuple[int, dict[str, Any]]], name: str) -> Table:
    columns = find_columns(list(dict.fromkeys(key for _, item in objects for key in item)))
    prompt = columns.get("prompt", "")
    if any(isinstance(item.get(prompt), str) for _, item in objects):
        return Table(
            "json rows", columns, [_row(number, item, columns) for number, item in objects]
        )
    groups = [(key, texts) for _, item in objects for key, texts in item.items()]
    if not any(isinstance(texts, list) for _, texts in groups):
        raise _no_prompts(name)
    pairs = [
        (key, text)
        for key, texts in groups
        for text in (texts if isinstance(texts, list) else [texts])
    ]
    rows = [_text(number, text, key) for number, (key, text) in enumerate(pairs, start=1)]
    return Table("json by concept", {"prompt": "text", "categories": "concept"}, rows)


def _text(number: int, item: object, concept: str = "") -> Raw:
    cells = {"text": _cell(item)} | ({"concept": _cell(concept)} if concept else {})
    fault: Reason | None = None if isinstance(item, str) else "the prompt is no text"
    return Raw(number, cells, fault, (cells["concept"],) if concept else ())


def _row(number: int, item: dict[str, Any], columns: dict[Field, str]) -> Raw:
    cells = {_cell(key): _cell(value) for key, value in item.items()}
    prompt = item.get(columns["prompt"])
    fault: Reason | None = (
        None if prompt is None or isinstance(prompt, str) else "the prompt is no text"
    )
    told = item.get(columns.get("categories", ""))
    several = tuple(map(_cell, told)) if isinstance(told, dict | list) else ()
    return Raw(number, cells, fault, several)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")
