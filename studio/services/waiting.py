"""Work of this very process in the line: drawings of the page, and commands."""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from studio.config import Text
from studio.jobs.queue_tables import Process, Work
from studio.jobs.run_queue import POLL_SECONDS
from studio.records import Behind
from studio.services.queue import Queue

PICTURES = Text(en="Pictures", zh="图片")
_numbers = itertools.count(1)


class Turn:
    """A place in the line.

    Attributes:
        mine: whether its turn has come; stays False for work that was stopped or taken out.
    """

    def __init__(self, queue: Queue | None, key: str, stopped: Callable[[], bool]) -> None:
        self._queue, self._key, self._stopped = queue, key, stopped
        self.mine = queue is None

    def waiting(self) -> Iterator[Behind]:
        """Again and again what is waited for, until the turn has come or never will."""
        while self._queue is not None and not self._stopped():
            taken = self._queue.line.take(self._key)
            if taken or taken is None:
                self.mine = bool(taken)
                return
            behind = self._queue.behind(self._key)
            if behind is not None:
                yield behind
            time.sleep(POLL_SECONDS)


@contextmanager
def in_turn(
    queue: Queue | None,
    stopped: Callable[[], bool] = lambda: False,
    *,
    work: Work = Work.DRAW,
    title: Text = PICTURES,
    key: str = "",
) -> Iterator[Turn]:
    """Be in the line, and hold the turn once it was waited for.

    Args:
        queue: None: there is no line, so nothing is waited for.
        stopped: looked at while waiting. key: of the entry; empty: one of its own.
    """
    name = key or f"{work}/{os.getpid()}-{next(_numbers)}"
    if queue is not None:
        queue.line.enter(name, work, title, worker=Process.of())
    try:
        yield Turn(queue, name, stopped)
    finally:
        if queue is not None:
            queue.line.leave(name)
