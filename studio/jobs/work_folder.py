"""What every long piece of work shares: a folder that page, command line and worker read and write.

status.json   state, step, pace (atomic)       control.json  what the page asks for
log.txt       what the worker said             environment.json  versions
"""

import json
import os
import platform
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from studio.records import State, Status

LOG_LINES = 200
PACKAGES = ("torch", "diffusers", "transformers", "peft", "safetensors", "safeguard-studio")
GRACE_SECONDS = 20  # a new worker may take so long before it writes its pid


class WorkFolder(ABC):
    """One piece of work on disk."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def log_file(self) -> Path:
        """What the worker says."""
        return self.path / "log.txt"

    def write_status(self, status: Status) -> None:
        """Replace `status.json` in one go."""
        self._write(self.path / "status.json", json.dumps(asdict(status), indent=1))

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
            if time.time() - status.heartbeat < GRACE_SECONDS:
                return status
        elif process_lives(status.pid, self.path):
            return status
        what, way_out = self._died()
        return replace(
            status, state=State.INTERRUPTED, what=what, way_out=way_out, seconds_left=None
        )

    def write_environment(self) -> None:
        """Write the versions of everything that matters, so that it can be done again."""
        found = {"python": platform.python_version(), "platform": platform.platform()}
        for name in PACKAGES:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                found[name] = "not installed"
        self._write(self.path / "environment.json", json.dumps(found, indent=1))

    @abstractmethod
    def _died(self) -> tuple[str, str]:
        """What happened and what to do when the worker is gone without a word."""

    def log(self, text: str) -> None:
        """Add a line to the log."""
        with self.log_file.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%H:%M:%S')} {text}\n")

    def log_tail(self) -> str:
        """The last lines of the log."""
        try:
            lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-LOG_LINES:])

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
        writing = file.with_suffix(f".{os.getpid()}.writing")
        writing.write_text(text, encoding="utf-8")
        writing.replace(file)


def read_status(file: Path) -> Status | None:
    """A status from its file; None where there is none that can be read."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Status(**{**data, "state": State(data["state"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def process_lives(pid: int, folder: Path) -> bool:
    """Whether this process exists and is the worker of this folder, not a later one's number."""
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and any(folder.name in part for part in process.cmdline())
    except psutil.Error:
        return False


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
