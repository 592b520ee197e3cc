"""Failures that a person can do something about."""

from pathlib import Path


class StudioError(Exception):
    """Says what happened and what to do, in two plain sentences.

    Anything that is not a `StudioError` is a bug and keeps its traceback.
    """

    def __init__(self, what: str, way_out: str) -> None:
        super().__init__(f"{what} {way_out}")
        self.what = what
        self.way_out = way_out


def not_writable(place: Path, error: OSError) -> StudioError:
    """What a person reads where a file or folder cannot be written."""
    return StudioError(
        f"Nothing can be written in {place}: {error.strerror}.",
        "Choose another folder (--runs-dir or --out), or make room on the disk.",
    )
