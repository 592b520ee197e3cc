"""Failures that a person can do something about."""

import re
from pathlib import Path

from studio.limits import MESSAGE_LETTERS

# all that would move a cursor, hide or turn what follows
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class StudioError(Exception):
    """Says what happened and what to do, in two plain sentences.

    Anything that is not a `StudioError` is a bug and keeps its traceback. A text of other people
    in it cannot steer a terminal, and is shortened where it would fill the page.
    """

    def __init__(self, what: str, way_out: str) -> None:
        what, way_out = readable(what), readable(way_out)
        super().__init__(f"{what} {way_out}")
        self.what = what
        self.way_out = way_out


def readable(text: str) -> str:
    """A sentence without hidden letters and with its two ends, where it is too long."""
    half = MESSAGE_LETTERS // 2
    if len(text) > MESSAGE_LETTERS:
        text = f"{text[:half]} … {text[-half:]}"
    return _UNSEEN.sub(lambda found: f"U+{ord(found[0]):04X}", text)


def unreadable(error: OSError) -> StudioError:
    """What a person reads where the disk says no in a place that nobody thought of."""
    return StudioError(
        f"A file could not be written or read: {error}.",
        "Make room on the disk or choose another folder, then start again.",
    )


def not_writable(place: Path, error: OSError) -> StudioError:
    """What a person reads where a file or folder cannot be written."""
    return StudioError(
        f"Nothing can be written in {place}: {error.strerror}.",
        "Choose another folder (--runs-dir or --out), or make room on the disk.",
    )
