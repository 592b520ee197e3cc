"""The line of a runs folder as people see it: what is at work, what waits, and for what."""

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from studio.errors import StudioError
from studio.jobs.desk import Desk
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.jobs.line import ANY, BESIDE, CPU, PAUSED, Line
from studio.jobs.queue_tables import Entry, Work
from studio.jobs.run_folder import RunFolder
from studio.jobs.work_folder import WorkFolder
from studio.records import Behind, State, Status
from studio.services.processes import launch

SHOWN_STATES = (State.STARTING, State.RUNNING, State.STOPPING)


@dataclass(frozen=True)
class Queued:
    """A line of the queue: what it is, how far it is, and what can be done with it."""

    key: str
    work: Work
    title: str
    title_zh: str
    state: State
    step: int | None
    total: int | None
    up: bool
    down: bool
    stoppable: bool

    def title_in(self, lang: str) -> str:
        """What it is called in a language, "en" or "zh"."""
        return self.title_zh if lang == "zh" else self.title


class Queue:
    """The line of a runs folder.

    Attributes:
        desk: of a studio with a page; None may always change things.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.line = Path(root), Line(root)
        self.desk: Desk | None = None

    def list(self) -> tuple[Queued, ...]:
        """What is at work, then what waits, in order."""
        found = [entry for entry in self._known() if _shown(entry)]
        movable = [e.key for e in found if not e.working and e.work is not Work.DRAW]
        return tuple(self._queued(entry, movable) for entry in found)

    def behind(self, key: str) -> Behind | None:
        """What an entry waits for; None where it waits for nothing."""
        entry = next((entry for entry in self._known() if entry.key == key), None)
        if entry is None or entry.working:
            return None
        ahead = self.line.ahead(key)
        if not ahead:
            held = entry.work is not Work.DRAW and self.line.setting(PAUSED)
            return Behind("") if held else None
        first = ahead[0]
        status = self._status(first)
        known = status if status and status.state in SHOWN_STATES and status.total else None
        return Behind(
            first.work,
            first.title,
            first.title_zh,
            known.step if known else None,
            known.total if known else None,
        )

    @property
    def paused(self) -> bool:
        """Whether nothing that waits may begin, drawings apart."""
        with suppress(StudioError):
            return self.line.setting(PAUSED)
        return False

    @property
    def beside(self) -> bool:
        """Whether drawings are made at once, beside what is at work."""
        with suppress(StudioError):
            return self.line.setting(BESIDE)
        return False

    def pause(self, value: bool) -> None:
        """Let nothing that waits begin, or go on; what is at work is not touched.

        Raises:
            StudioError: this studio is a viewer, or nothing can be written.
        """
        self.may_change()
        self.line.set(PAUSED, value)

    def draw_beside(self, value: bool) -> None:
        """Let drawings be made at once; see `pause` for what it raises."""
        self.may_change()
        self.line.set(BESIDE, value)

    def move(self, key: str, *, up: bool) -> None:
        """Move waiting work one place.

        Raises:
            StudioError: it does not wait or is at that end already; or see `pause`.
        """
        self.may_change()
        if not self.line.move(key, up=up):
            raise StudioError(
                f"{key!r} cannot be moved further.", "Only what waits has a place in the queue."
            )

    def cancel(self, key: str) -> None:
        """End work that waits, or ask work to stop that has begun.

        Raises:
            StudioError: see `pause`.
        """
        self.may_change()
        entry = self.line.find(key)
        if entry is None:
            return
        folder = self._folder(entry)
        if folder is None:  # its process looks whether it is still in the line
            if not entry.working:
                self.line.leave(key)
            return
        folder.ask("stop")
        status = folder.stored_status()
        if not entry.working and not entry.alive:
            self.line.leave(key)
            folder.write_status(replace(status, state=State.STOPPED, ended=time.time()))

    def keep_going(self) -> bool:
        """Launch what waits without a worker, in the studio that may; whether this is a viewer.

        Where the line cannot be read nothing is launched: what a person then tries says why.
        """
        if self.desk is not None and not self.desk.mine():
            return True
        with suppress(StudioError):
            self.revive()
        return False

    def revive(self) -> int:
        """Launch workers for what waits and has none any more; gives how many.

        Raises:
            StudioError: the line cannot be read or written.
        """
        given = self.line.left_alone()
        for entry in given:
            folder = self._folder(entry)
            if folder is None or not folder.path.is_dir():
                self.line.leave(entry.key)
                continue
            launch_worker(folder, entry.processes, entry.device)
        return len(given)

    def waits(self) -> dict[str, Entry]:
        """What waits, by key."""
        return {entry.key: entry for entry in self._known() if not entry.working}

    def busy(self) -> bool:
        """Whether anything works or waits for a device."""
        return any(entry.alive for entry in self._known())

    def may_change(self) -> None:
        """Let nothing change where this studio only shows.

        Raises:
            StudioError: another studio works on the same folder.
        """
        if self.desk is not None:
            self.desk.refuse_viewer()

    def _known(self) -> Sequence[Entry]:
        """The line; empty where it cannot be read: the page then still shows the runs."""
        with suppress(StudioError):
            return self.line.entries()
        return ()

    def _folder(self, entry: Entry) -> WorkFolder | None:
        if entry.work is Work.TRAIN:
            return RunFolder(self.root / entry.key)
        if entry.work is Work.EVALUATE:
            return EvaluationFolder(self.root / entry.key)
        return None

    def _status(self, entry: Entry) -> Status | None:
        folder = self._folder(entry)
        return folder.stored_status() if folder else None

    def _queued(self, entry: Entry, movable: Sequence[str]) -> Queued:
        status = self._status(entry) if entry.working else None
        working = State.RUNNING if entry.working else State.QUEUED
        at = movable.index(entry.key) if entry.key in movable else -1
        return Queued(
            entry.key,
            entry.work,
            entry.title,
            entry.title_zh,
            status.state if status and status.state in SHOWN_STATES else working,
            status.step if status else None,
            status.total if status and status.total else None,
            up=at > 0,
            down=0 <= at < len(movable) - 1,
            stoppable=not entry.working or entry.work.started_again,
        )


def launch_worker(folder: WorkFolder, processes: int = 1, device: str = ANY) -> int:
    """Start the worker of a folder that is in the line already; gives its process number."""
    shared = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    many = shared if processes > 1 else []
    module = "studio.jobs.worker" if folder.work == Work.TRAIN else "studio.jobs.evaluator"
    command = [sys.executable, *many, "-m", module, str(folder.path.resolve())]
    visible = {} if device == ANY else {"CUDA_VISIBLE_DEVICES": "" if device == CPU else device}
    pid = launch(command, folder.log_file, visible)
    Line(folder.root).launched(folder.key, pid)
    return pid


def truth(status: Status, waits: bool) -> Status:
    """Work in the line waits, even while it has no worker: the studio launches one."""
    if waits and status.state is State.INTERRUPTED:
        return replace(status, state=State.QUEUED, what="", way_out="")
    return status


def _shown(entry: Entry) -> bool:
    return entry.alive or (not entry.working and entry.work.started_again)
