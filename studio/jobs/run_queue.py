"""Folders of work in the line: each worker enters its own, waits its turn, and leaves."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from studio.errors import StudioError
from studio.jobs.line import Line
from studio.jobs.queue_tables import Entry, Process, Work
from studio.jobs.run_folder import RunFolder
from studio.jobs.work_folder import WorkFolder
from studio.records import State

POLL_SECONDS = 0.5


def folders(root: Path) -> list[RunFolder]:
    """All runs under `root`, newest first."""
    if not root.is_dir():
        return []
    found = [RunFolder(path.parent) for path in root.glob("*/config.yaml")]
    return sorted(found, key=lambda folder: folder.age_key, reverse=True)


def enter(folder: WorkFolder, *, processes: int = 1, worker: Process | None = None) -> None:
    """Enter the work of a folder; see `Line.enter`."""
    Line(folder.root).enter(
        folder.key, Work(folder.work), folder.called(), processes=processes, worker=worker
    )


@contextmanager
def in_line(folder: WorkFolder) -> Iterator[None]:
    """Be in the line, as the one process that is at the work of a folder.

    Raises:
        Elsewhere: another living process is.
    """
    enter(folder, worker=Process.of())
    try:
        yield
    finally:
        _leave(Line(folder.root), folder.key)


def ahead_of(folder: RunFolder) -> list[Entry]:
    """What comes before a run; waiting runs that were not entered yet are, oldest first."""
    line = Line(folder.root)
    known = {entry.key for entry in line.entries()}
    for other in reversed(folders(folder.root)):
        if other.key not in known and other.status().state is State.QUEUED:
            enter(other)
    return line.ahead(folder.key)


@contextmanager
def turn(folder: WorkFolder) -> Iterator[bool]:
    """Wait until it is this work's turn and hold it; False when it was stopped first."""

    def stopped() -> bool:
        return bool(folder.asked().get("stop"))

    with waited(Line(folder.root), folder.key, stopped) as mine:
        yield mine


@contextmanager
def waited(line: Line, key: str, stopped: Callable[[], bool]) -> Iterator[bool]:
    """Wait for the turn of an entry and hold it; False when it was stopped, or taken out."""
    try:
        while not (mine := line.take(key)):
            if mine is None or stopped():
                break
            time.sleep(POLL_SECONDS)
        yield bool(mine)
    finally:
        _leave(line, key)


def _leave(line: Line, key: str) -> None:
    """Leave; where that cannot be written, the line takes out the dead by itself."""
    with suppress(StudioError):
        line.leave(key)
