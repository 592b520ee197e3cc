"""One training at a time: each worker waits its turn, oldest first, and holds a lock."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.jobs.run_folder import RunFolder
from studio.records import State

POLL_SECONDS = 0.5


def folders(root: Path) -> list[RunFolder]:
    """All runs under `root`, newest first."""
    if not root.is_dir():
        return []
    found = [RunFolder(path.parent) for path in root.glob("*/config.yaml")]
    return sorted(found, key=lambda folder: folder.id, reverse=True)


def ahead_of(folder: RunFolder) -> list[RunFolder]:
    """Living runs that come before this one: older ones that wait, and whatever trains."""
    before = []
    for other in folders(folder.path.parent):
        state = other.status().state
        working = state in (State.STARTING, State.RUNNING, State.STOPPING)
        if other.id != folder.id and (working or (state is State.QUEUED and other.id < folder.id)):
            before.append(other)
    return before


@contextmanager
def turn(folder: RunFolder) -> Iterator[bool]:
    """Wait until it is this run's turn and hold the lock; False when it was stopped first."""
    with (folder.path.parent / ".lock").open("w") as lock:
        while not _take(lock.fileno(), folder):
            if folder.asked().get("stop"):
                yield False
                return
            time.sleep(POLL_SECONDS)
        try:
            yield True
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)


def _take(lock: int, folder: RunFolder) -> bool:
    if ahead_of(folder):
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
