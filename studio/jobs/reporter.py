"""A worker that keeps its `status.json` true, to every end; no torch."""

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from studio import durable
from studio.errors import StudioError
from studio.jobs.supervisor import REFUSED
from studio.jobs.work_folder import LAST_LINES, Elsewhere, WorkFolder
from studio.lives import boot, born, uptime
from studio.records import State, Status

HEARTBEAT_SECONDS = 1.0
RESERVE_BYTES = 65_536  # room to say on a full disk that it is full


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
        self.untold = False  # an end that could not be written down

    def stop_if_asked(self) -> None:
        """Raise `Stopped` when somebody asked for it.

        Raises:
            StudioError: the folder was removed.
        """
        if self._folder.asked().get("stop"):
            raise Stopped
        if not self._folder.there:
            raise self._removed()

    @contextmanager
    def told(self, explain: Callable[[Exception], tuple[str, str]]) -> Iterator[None]:
        """Write down every failure of the work inside.

        Args:
            explain: what happened and what to do, for a failure nobody expected.
        """
        reserve = self._folder.path / f".reserve.{os.getpid()}.0{durable.WRITING}"
        try:
            durable.write_bytes(reserve, bytes(RESERVE_BYTES))
            yield
        except Elsewhere:
            self._folder.log("Another process is at this already; this one ends.")
            raise SystemExit(REFUSED) from None
        except StudioError as error:
            self._folder.log(f"Failed: {error}")
            self._fail(error.what, error.way_out)
        except MemoryError:
            self._fail(
                "The memory ran out.",
                "Choose a smaller batch, or close other programs.",
                self._smaller(),
            )
        except OSError as error:
            if not self._folder.there:
                gone = self._removed()
                self._fail(gone.what, gone.way_out)
                return
            durable.forget(reserve)
            self._folder.log(traceback.format_exc())
            self._fail(
                f"A file could not be written or read: {error.strerror or error}.",
                "Make room on the disk or choose another folder, then start again.",
            )
        except Exception as error:
            self._folder.log(traceback.format_exc())
            short = "out of memory" in str(error).lower()
            self._fail(*explain(error), self._smaller() if short else None)
        finally:
            durable.forget(reserve)

    def _smaller(self) -> dict[str, dict[str, int]]:
        """Settings that need less memory, as in `Status`."""
        return {}

    def _removed(self) -> StudioError:
        return StudioError(
            f"The folder of {self._folder.id} was removed while it was at work.",
            "Nothing of it is left; all other runs are as they were.",
        )

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

    def _fail(
        self, what: str, way_out: str, smaller: dict[str, dict[str, int]] | None = None
    ) -> None:
        try:
            self._say(
                state=State.FAILED,
                what=what,
                way_out=way_out,
                smaller=smaller or {},
                last_lines=tuple(self._folder.log_tail(LAST_LINES).splitlines()),
                ended=time.time(),
                seconds_left=None,
            )
        except OSError:
            self.untold = True
            print(f"{what} {way_out}", file=sys.stderr)
