"""A worker that keeps its `status.json` true, to every end; no torch."""

import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from studio.errors import StudioError
from studio.jobs.supervisor import REFUSED
from studio.jobs.work_folder import Elsewhere, WorkFolder
from studio.lives import boot, born, uptime
from studio.records import State, Status

HEARTBEAT_SECONDS = 1.0


class Stopped(Exception):
    """Somebody asked the worker to stop."""


class Reporter:
    """Writes what happens into the folder of the work, and looks there for what it is asked."""

    def __init__(self, folder: WorkFolder, total: int) -> None:
        now = time.time()
        self._folder = folder
        pid = os.getpid()
        self.status = Status(
            State.QUEUED, total=total, pid=pid, born=born(pid), started=now, heartbeat=now
        )
        self._written = 0.0

    def stop_if_asked(self) -> None:
        """Raise `Stopped` when somebody asked for it."""
        if self._folder.asked().get("stop"):
            raise Stopped

    @contextmanager
    def told(self, explain: Callable[[Exception], tuple[str, str]]) -> Iterator[None]:
        """Write down every failure of the work inside.

        Args:
            explain: what happened and what to do, for a failure nobody expected.
        """
        try:
            yield
        except Elsewhere:
            self._folder.log("Another process is at this already; this one ends.")
            raise SystemExit(REFUSED) from None
        except StudioError as error:
            self._folder.log(f"Failed: {error}")
            self._fail(error.what, error.way_out)
        except MemoryError:
            self._fail("The memory ran out.", "Choose a smaller batch, or close other programs.")
        except OSError as error:
            self._folder.log(traceback.format_exc())
            self._fail(
                f"A file could not be written or read: {error.strerror or error}.",
                "Make room on the disk or choose another folder, then start again.",
            )
        except Exception as error:
            self._folder.log(traceback.format_exc())
            self._fail(*explain(error))

    def _say(self, *, quietly: bool = False, **changes: object) -> None:
        self.status = replace(
            self.status,
            heartbeat=time.time(),
            boot=boot(),
            heard=uptime(),
            **changes,  # type: ignore[arg-type]
        )
        if quietly and time.monotonic() - self._written < HEARTBEAT_SECONDS:
            return
        self._written = time.monotonic()
        self._write_status()

    def _write_status(self) -> None:
        self._folder.write_status(self.status)

    def _fail(self, what: str, way_out: str) -> None:
        self._say(
            state=State.FAILED, what=what, way_out=way_out, ended=time.time(), seconds_left=None
        )
