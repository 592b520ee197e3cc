"""What every long piece of work shares: a folder that page, command line and worker read and write.

status.json   state, step, pace (atomic)       control.json  what the page asks for
log.txt       what the worker said             environment.json  versions
made.json     when it was made, in seconds since 1970; the name tells local time
"""

import errno
import json
import os
import platform
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import ClassVar

from studio import durable
from studio.config import Text
from studio.errors import not_writable
from studio.lives import boot, lives, uptime
from studio.records import State, Status

MADE = "made.json"
STAMP = "%Y%m%d-%H%M%S"  # local time, which names begin with; never sorted by
LOG_LINES = 200
LAST_LINES = 40  # that a status keeps of the log of a process that died
PACKAGES = ("torch", "diffusers", "transformers", "peft", "safetensors", "safeguard-studio")
NOT_INSTALLED = "not installed"
GRACE_SECONDS = 20  # a new worker may take so long before it writes its pid


class Elsewhere(Exception):
    """Another living process is at this work."""


class WorkFolder(ABC):
    """One piece of work on disk.

    Attributes:
        work: what the line calls it, see `studio.jobs.queue_tables.Work`.
    """

    work: ClassVar[str]

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def there(self) -> bool:
        """Whether nobody removed it."""
        return (self.path / "status.json").exists()

    @property
    def root(self) -> Path:
        """The runs folder it belongs to; all but runs lie one folder deeper."""
        return self.path.parent.parent

    @property
    def key(self) -> str:
        """Its place below the runs folder, which names it in the line."""
        return self.path.relative_to(self.root).as_posix()

    def note_made(self) -> None:
        """Write down that it was made now."""
        self._write(self.path / MADE, json.dumps({"made": time.time()}))

    @property
    def age_key(self) -> tuple[float, str]:
        """By which folders are put in the order in which they were made."""
        return made_at(self.path), self.id

    def called(self) -> Text:
        """What people call it."""
        return Text(en=self.id, zh=self.id)

    @property
    def log_file(self) -> Path:
        """What the worker says."""
        return self.path / "log.txt"

    def write_status(self, status: Status) -> None:
        """Replace `status.json` in one go."""
        heard = status if status.heard else replace(status, boot=boot(), heard=uptime())
        self._write(self.path / "status.json", json.dumps(asdict(heard), indent=1))

    def stored_status(self) -> Status:
        """What was last written, whether or not its worker still lives."""
        return read_status(self.path / "status.json") or Status(
            State.FAILED, what="The run's status cannot be read.", way_out="Delete it."
        )

    def status(self) -> Status:
        """The truth: a state that needs a worker counts only while that worker lives."""
        status = self.stored_status()
        if not status.state.alive:
            return status
        if status.pid is None:
            if status.boot == boot() and uptime() - status.heard < GRACE_SECONDS:
                return status
        elif lives(status.pid, status.born):
            return status
        what, way_out = self._died()
        if not os.access(self.path, os.W_OK):
            blocked = not_writable(self.path, OSError(errno.EROFS, os.strerror(errno.EROFS)))
            what, way_out = blocked.what, blocked.way_out
        return replace(
            status, state=State.INTERRUPTED, what=what, way_out=way_out, seconds_left=None
        )

    def write_environment(self, device: str) -> None:
        """Write the versions of everything that matters, so that it can be done again.

        Args:
            device: what does the work, see `studio.models.loading.device_name`.
        """
        found = {"python": platform.python_version(), "platform": platform.platform()}
        found["device"] = device
        for name in PACKAGES:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                found[name] = NOT_INSTALLED
        self._write(self.path / "environment.json", json.dumps(found, indent=1))

    def environment(self) -> dict[str, str]:
        """What `write_environment` wrote; empty where nothing was written or it cannot be read."""
        try:
            return dict(json.loads((self.path / "environment.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    @abstractmethod
    def _died(self) -> tuple[str, str]:
        """What happened and what to do when the worker is gone without a word."""

    def log(self, text: str) -> None:
        """Add a line to the log; where it cannot be written, say it aloud."""
        try:
            durable.append(self.log_file, f"{time.strftime('%H:%M:%S')} {text}\n")
        except OSError:
            print(text, file=sys.stderr)

    def log_tail(self, lines: int = LOG_LINES) -> str:
        """The last lines of the log."""
        try:
            said = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(said[-lines:])

    def ask(self, what: str) -> None:
        """Ask the worker for something, such as "stop"."""
        asked = self.asked()
        asked[what] = True
        self._write(self.path / "control.json", json.dumps(asked))

    def asked(self) -> dict[str, bool]:
        """What was asked for and not yet answered."""
        try:
            found = json.loads((self.path / "control.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return dict(found) if isinstance(found, dict) else {}

    def answered(self, what: str) -> None:
        """Forget a request that was done."""
        left = {key: value for key, value in self.asked().items() if key != what}
        self._write(self.path / "control.json", json.dumps(left))

    @staticmethod
    def _write(file: Path, text: str) -> None:
        durable.write_text(file, text)


def read_status(file: Path) -> Status | None:
    """A status from its file; None where there is none that can be read."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        lines = tuple(data.get("last_lines", ()))
        return Status(**{**data, "state": State(data["state"]), "last_lines": lines})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def made_at(path: Path) -> float:
    """When a folder of work was made, seconds since 1970; 0 where nothing tells.

    Older folders have no `made.json`: their status says when they began, their name a local time.
    """
    try:
        return float(json.loads((path / MADE).read_text(encoding="utf-8"))["made"])
    except (OSError, ValueError, TypeError, KeyError):
        pass
    status = read_status(path / "status.json")
    if status is not None and status.started is not None:
        return status.started
    try:
        return time.mktime(time.strptime(path.name[:15], STAMP))
    except (ValueError, OverflowError):
        return 0.0


def new_folder(root: Path, name: str) -> Path:
    """An empty folder of this name under `root`; with a number after it where one is there."""
    root.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, 1000):
        path = root / (name if attempt == 1 else f"{name}-{attempt}")
        try:
            path.mkdir()
            return path
        except FileExistsError:
            continue
    raise FileExistsError(name)
