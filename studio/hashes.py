"""SHA-256 of files: with what a number was measured, and whether a file is still what it was."""

import hashlib
from pathlib import Path

SHORT = 12  # hexadecimal digits, enough to tell files apart


def sha256(*parts: Path | bytes) -> str:
    """SHA-256 of files or bytes, one after the other, hexadecimal; OSError where one is missing."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, bytes):
            found.update(part)
            continue
        with part.open("rb") as opened:
            while piece := opened.read(1 << 20):
                found.update(piece)
    return found.hexdigest()


def short_sha256(*parts: Path | bytes) -> str:
    """The start of `sha256`, for people to read."""
    return sha256(*parts)[:SHORT]
