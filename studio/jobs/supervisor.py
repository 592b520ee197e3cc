"""`python -m studio.jobs.supervisor FOLDER COMMAND ...`: start a worker, wait, say how it ended.

A worker that is killed, or crashes inside a library, cannot write that down itself. This process is
small, loads no torch, and does it for it. What the worker wrote of its own end is left as it is.
A worker that hangs cannot hear that it is to stop; after some patience it is ended.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from studio.jobs.work_folder import LAST_LINES, WorkFolder
from studio.lives import boot, lives, uptime
from studio.records import State

REFUSED = 3  # exit code of a worker that left the folder to another one
LOOK_SECONDS = 2.0
# that a worker may say nothing after it was told to stop
PATIENCE_SECONDS = 60.0  # before its first step, where nothing can be lost
SAVING_SECONDS = 180.0  # later, when it may be saving
GENTLE_SECONDS = 10.0  # between asking the system to end it and making it
_CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE")
_ASKED = ("SIGTERM", "SIGINT", "SIGHUP")
_COUNTERS = (Path("/proc/vmstat"), Path("/sys/fs/cgroup/memory.events"))


@dataclass(frozen=True)
class Ending:
    """How a process ended that wrote down no end itself."""

    state: State
    what: str
    way_out: str
    code: int
    signal: str = ""
    out_of_memory: bool = False


class AnyFolder(WorkFolder):
    """A folder of whatever kind, as far as its status and its log go."""

    def _died(self) -> tuple[str, str]:
        return "The process ended without a message.", "Start it again."


def ending(code: int, memory_ran_out: bool) -> Ending:
    """What an exit code means; not 0; below it the number of a signal, as `subprocess` has it.

    Args:
        memory_ran_out: the kernel ended some process for want of memory meanwhile.
    """
    if code > 0:
        return Ending(
            State.FAILED,
            f"The process ended with exit code {code} and said no more.",
            "The last lines of the log may say why. Resume it, or report them.",
            code,
        )
    name = _signal(-code)
    if name in _CRASHES:
        return Ending(
            State.FAILED,
            f"The process crashed inside a library ({name}, exit code {code}).",
            "Resume it. If it crashes again, report the last lines of the log.",
            code,
            name,
        )
    if name == "SIGKILL" and memory_ran_out:
        return Ending(
            State.FAILED,
            f"The memory of this machine ran out, so the system ended the process ({name}).",
            "Choose a smaller batch, or close other programs.",
            code,
            name,
            out_of_memory=True,
        )
    way_out = "Resume it."
    if name == "SIGKILL":
        way_out = "Resume it. If nobody killed it, it may have run out of memory."
    elif name not in _ASKED:
        way_out = "Resume it. If it ends again, report the last lines of the log."
    return Ending(
        State.INTERRUPTED,
        f"The process was ended from outside ({name}, exit code {code}).",
        way_out,
        code,
        name,
    )


def kills_for_memory() -> int:
    """How often the kernel ended a process for want of memory, as far as it tells."""
    found = 0
    for file in _COUNTERS:
        try:
            lines = file.read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        found += sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return found


def write_down(folder: WorkFolder, end: Ending) -> None:
    """Put the end into the folder, unless the worker said it itself or another one is at work."""
    status = folder.stored_status()
    other = status.pid != os.getpid() and lives(status.pid, status.born)
    if not status.state.alive or other:
        return
    folder.log(f"Ended: {end.what} {end.way_out}")
    last = tuple(folder.log_tail(LAST_LINES).splitlines())
    now = replace(
        status,
        state=end.state,
        what=end.what,
        way_out=end.way_out,
        exit_code=end.code,
        signal=end.signal,
        last_lines=last,
        smaller=_smaller(folder.path) if end.out_of_memory else {},
        ended=time.time(),
        seconds_left=None,
        boot=boot(),
        heard=uptime(),
    )
    folder.write_status(now)


class Patience:
    """Ends a worker that was told to stop and says nothing: it hangs, or a library holds it."""

    def __init__(self, folder: Path, worker: "subprocess.Popen[bytes]") -> None:
        self._folder, self._worker = AnyFolder(folder), worker
        self._over = threading.Event()
        self.deaf = 0.0  # seconds without a word, where it had to be ended

    def __enter__(self) -> "Patience":
        threading.Thread(target=self._look, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _look(self) -> None:
        since: float | None = None
        while not self._over.wait(LOOK_SECONDS):
            if not self._folder.asked().get("stop"):
                since = None
                continue
            since = uptime() if since is None else since
            status = self._folder.stored_status()
            heard = status.heard if status.boot == boot() else 0.0
            silent = uptime() - max(since, heard)
            early = status.state in (State.QUEUED, State.STARTING)
            if silent >= (PATIENCE_SECONDS if early else SAVING_SECONDS):
                self.deaf = silent
                self._worker.send_signal(signal.SIGTERM)
                if not self._over.wait(GENTLE_SECONDS):
                    self._worker.send_signal(signal.SIGKILL)
                return


def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start the worker; it says what it says into the log of this process."""
    return subprocess.Popen(command)


def supervise(folder: Path, command: Sequence[str]) -> int:
    """Run a command to its end and write down an end that it could not write itself.

    Returns:
        The exit code of the command.
    """
    before, asked = kills_for_memory(), list[int]()
    worker: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _: FrameType | None) -> None:
        asked.append(number)
        if worker is not None:
            worker.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    worker = start(command)
    for early in asked:
        worker.send_signal(early)
    with Patience(folder, worker) as patience:
        code = worker.wait()
    if code in (0, REFUSED) or not folder.is_dir():  # 0: it said what there was to say
        return code
    end = ending(code, kills_for_memory() > before)
    if patience.deaf:
        end = replace(
            end,
            state=State.INTERRUPTED,
            what=f"It did not answer to Stop for {patience.deaf:.0f} seconds, so it was ended.",
            way_out="Resume it: it goes on from where it last saved.",
            out_of_memory=False,
        )
    try:
        if (folder / "status.json").exists():
            write_down(AnyFolder(folder), end)
        elif code < 0:
            print(f"Not done. {end.what} {end.way_out}", file=sys.stderr)
    except OSError as error:
        print(f"{end.what} It could not be written down: {error}", file=sys.stderr)
    return code


def _smaller(folder: Path) -> dict[str, dict[str, int]]:
    from studio.errors import StudioError
    from studio.jobs.run_folder import RunFolder
    from studio.jobs.smaller import smaller

    try:
        return smaller(RunFolder(folder).config)
    except StudioError:  # no run, but an evaluation
        return {}


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def main() -> int:
    """Supervise the command given after the folder."""
    if len(sys.argv) < 3:
        print("usage: python -m studio.jobs.supervisor FOLDER COMMAND ...", file=sys.stderr)
        return 2
    code = supervise(Path(sys.argv[1]), sys.argv[2:])
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    raise SystemExit(main())
