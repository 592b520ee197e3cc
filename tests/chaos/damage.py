"""What is done to runs: the worker is killed, the studio is killed, the disk is full."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.records import State
from studio.services.runs import Runs
from tests.chaos.forks import Forked
from tests.chaos.page import serve
from tests.chaos.runs import (
    PATIENCE_SECONDS,
    SECONDS_TO_TELL,
    Bench,
    Count,
    ended,
    finish,
    inspect,
    resume,
    workers,
)

KILLS_A_RUN = 6
BOTH_EVERY = 5  # of so many kills one takes the supervisor too
DISK_KB = 1024


def kill_workers(bench: Bench, kills: int, dice: random.Random, count: Count) -> None:
    """Kill workers at random moments of their lives, some runs several times."""
    runs, number = Runs(bench.place / "kills"), 0
    while count.done.get("worker killed", 0) < kills:
        config = bench.config(number)
        _, life = bench.undisturbed(config)
        folder = runs.folder(runs.start(config))
        number, count.started = number + 1, count.started + 1
        for _ in range(KILLS_A_RUN):
            left = 1 - folder.resumed_at() / config.train.steps
            time.sleep(dice.uniform(0, life * left))
            if count.done.get("worker killed", 0) == kills or not _kill(folder, count):
                break
            inspect(folder, count)
            resume(runs, folder, count)
        finish(runs, folder, bench, count)


def _kill(folder: RunFolder, count: Count) -> bool:
    """Kill the worker; False where the run had ended before."""
    found = workers(folder)
    if not found or not folder.status().state.alive:
        return False
    whole = len(found) > 1 and count.done.get("worker killed", 0) % BOTH_EVERY == BOTH_EVERY - 1
    began = time.monotonic()
    for process in reversed(found) if whole else found[:1]:
        _end(process)
    count.add("worker killed")
    if whole:
        count.add("supervisor killed with it")
    status = ended(folder, 3 * SECONDS_TO_TELL)
    while not whole and folder.stored_status().state.alive:  # until the supervisor wrote why
        if time.monotonic() - began > 3 * SECONDS_TO_TELL:
            break
        time.sleep(0.02)
    seconds = time.monotonic() - began
    count.slowest = max(count.slowest, round(seconds, 2))
    late = seconds > SECONDS_TO_TELL or status.state.alive or not folder.status().what
    count.late += late and folder.status().state is not State.DONE
    return True


def _end(process: psutil.Process) -> None:
    try:
        process.kill()
        process.wait(SECONDS_TO_TELL)
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        return


def kill_studios(bench: Bench, kills: int, dice: random.Random, count: Count) -> None:
    """Kill the process of the page at random moments of a run that it started; the run goes on."""
    runs = Runs(bench.place / "studios")
    for number in range(kills):
        config = bench.config(number)
        _, life = bench.undisturbed(config)
        said, says = os.pipe()
        page = Forked(lambda: serve(runs, config, says))  # noqa: B023 (it is called at once)
        os.close(says)
        with open(said) as heard:
            run_id = heard.readline().strip()
        if not run_id:
            raise RuntimeError("the studio did not start a run")
        time.sleep(dice.uniform(0, life))
        page.send_signal(signal.SIGKILL)
        page.wait()
        count.add("studio killed")
        count.started += 1
        folder = runs.folder(run_id)
        inspect(folder, count)
        status = ended(folder, PATIENCE_SECONDS)
        if status.state is not State.DONE:
            count.troubles.append(f"{folder.id} did not go on: {status.state}: {status.what}")
        finish(runs, folder, bench, count)


def fill_disks(bench: Bench, fills: int, dice: random.Random, count: Count) -> None:
    """Let the disk be full at some moment of a run, then make room again."""
    for number in range(fills):
        with small_disk(bench.place / "disk") as reason:
            if reason:
                count.skipped["disk full"] = reason
                return
            _fill(bench, number, dice, count)


def _fill(bench: Bench, number: int, dice: random.Random, count: Count) -> None:
    place = bench.place / "disk"
    runs, ballast, config = Runs(place / "runs"), place / "ballast", bench.config(number)
    bench.undisturbed(config)
    need = 1024 * dice.randrange(8, 320)
    ballast.write_bytes(bytes(DISK_KB * 1024 - need))
    count.started += 1
    count.add("disk filled")
    try:
        run_id = runs.start(config)
    except StudioError:  # told at once that there is no room
        ballast.unlink()
        run_id = runs.start(config)
    folder = runs.folder(run_id)
    status = ended(folder)
    if status.state is not State.DONE:
        count.add("disk full noticed")
        if not status.what or not status.way_out:
            count.troubles.append(f"{folder.id}: nothing was said of the full disk")
    ballast.unlink(missing_ok=True)
    inspect(folder, count)
    finish(runs, folder, bench, count)


@contextmanager
def small_disk(place: Path) -> Iterator[str]:
    """A file system of its own; gives why there can be none, "" where there is one."""
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        reason = done.stderr.strip() if done.returncode else ""
    except OSError as error:
        reason = str(error)
    try:
        yield reason
    finally:
        if not reason:
            subprocess.run(["umount", "-l", str(place)], check=False)
