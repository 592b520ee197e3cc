"""Workers and supervisors forked from a process that has torch loaded, instead of started anew.

They run the same code under the same supervision, each as a process of its own that can be killed;
only the imports are spared, so that kills fall into the work and a hundred take minutes, not hours.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from tqdm import tqdm

from studio.jobs import supervisor
from studio.jobs.run_folder import RunFolder
from studio.jobs.worker import Worker
from studio.services import processes

spawned: dict[str, int] = {}  # folder -> its newest supervisor


class Forked:
    """A child, with what of `subprocess.Popen` the studio uses."""

    def __init__(self, work: Callable[[], int]) -> None:
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            own_lock()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            code = 1
            try:
                code = work()
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)

    def wait(self) -> int:
        """Wait for its end; gives its code, below 0 for a signal."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def poll(self) -> int | None:
        """Its code once it has ended."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # psutil has waited for it
                pid, status = self.pid, 0
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal while it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


def own_lock(kind: type[tqdm] = tqdm) -> None:
    """Give progress bars a lock of this process alone.

    tqdm's own is shared by all forks: one that is killed while it holds it blocks them for ever.
    """
    kind.set_lock(threading.RLock())
    for other in kind.__subclasses__():  # each may have taken a lock of its own
        own_lock(other)


def _worker(command: Sequence[str]) -> Forked:
    def work() -> int:
        worker = Worker(RunFolder(Path(command[-1])))
        worker.run()
        return int(worker.untold)

    return Forked(work)


def _supervisor(command: Sequence[str], log: IO[str], environment: Mapping[str, str]) -> Forked:
    place = command.index("studio.jobs.supervisor") + 1

    def work() -> int:
        os.setsid()
        os.environ.update(environment)
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
        return abs(supervisor.supervise(Path(command[place]), command[place + 1 :]))

    found = Forked(work)
    spawned[command[place]] = found.pid
    return found


def fork_workers() -> None:
    """From now on workers of this process and of its children are forked."""
    own_lock()
    processes.spawn = _supervisor  # type: ignore[assignment]
    supervisor.start = _worker  # type: ignore[assignment]
