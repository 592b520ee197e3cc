"""Findings as JSON on disk, and back."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from studio import durable
from studio.errors import StudioError
from studio.evaluation.findings import Findings


def write_findings(findings: Findings, file: Path) -> Path:
    """Write findings in one go."""
    return write_text(file, json.dumps(asdict(findings), ensure_ascii=False, indent=1) + "\n")


def read_findings(file: Path) -> Findings:
    """Findings that `write_findings` wrote.

    Raises:
        StudioError: they cannot be read.
    """
    try:
        found: Findings = _adapter().validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise StudioError(
            f"The findings {file.name} cannot be read.", "Make the report again."
        ) from error
    return found


def write_text(file: Path, text: str) -> Path:
    """Write a text in one go; gives its path.

    Raises:
        StudioError: the file cannot be written.
    """
    return write_bytes(file, text.encode())


def write_bytes(file: Path, content: bytes) -> Path:
    """Write a file in one go; gives its path.

    Raises:
        StudioError: the file cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        durable.write_bytes(file, content)
    except OSError as error:
        raise StudioError(
            f"{file} cannot be written: {error.strerror}.", "Choose another folder."
        ) from error
    return file


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(Findings)
