"""The processes that do the work: they outlive the page that starts them."""

import atexit
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from studio.world import ROOT

_children: list[subprocess.Popen[bytes]] = []


def worker_environment() -> dict[str, str]:
    """This process's environment, with what workers need before torch is imported."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {
        **os.environ,
        "OMP_WAIT_POLICY": "PASSIVE",  # without it torch crawls beside any other busy process
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",  # logs are read as UTF-8
        "PYTHONPATH": path,
    }


def launch(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> int:
    """Start a worker under a supervisor, in a session of its own; gives the supervisor's number.

    Args:
        log: file to which it appends whatever it says; an end that the worker could not write down
            itself is written into the folder of this file.
        environment: what to change of `worker_environment`.
    """
    supervised = [sys.executable, "-m", "studio.jobs.supervisor", str(log.parent.resolve())]
    with log.open("a") as opened:
        worker = spawn([*supervised, *command], opened, environment or {})
    _children.append(worker)
    return worker.pid


def spawn(
    command: Sequence[str], log: IO[str], environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, which lives on when this one ends."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env={**worker_environment(), **environment},
        start_new_session=True,
    )


def reap() -> None:
    """Forget workers that have ended, so that none stays behind as a zombie."""
    _children[:] = [child for child in _children if child.poll() is None]


@atexit.register
def _let_go() -> None:
    reap()
    for child in _children:
        child.returncode = 0  # else Python warns of each that goes on, as it is meant to
