"""Commands that wait in the line, and say for what."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.config import Text
from studio.errors import StudioError
from studio.jobs.queue_tables import Work
from studio.jobs.work_folder import Elsewhere
from studio.records import Behind
from studio.services.queue import Queue
from studio.services.waiting import Turn, in_turn

CALLED = {
    "": "a paused queue",
    Work.TRAIN: "the training {title!r}",
    Work.EVALUATE: "the test of {title!r}",
    Work.DRAW: "pictures that are drawn",
    Work.TRIPLETS: "triplets of {title!r}",
    Work.CALIBRATE: "a calibration set of {title!r}",
    Work.JUDGE: "the judging of {title!r}",
    Work.RATE: "pictures to rate of {title!r}",
}


def waiting_text(behind: Behind) -> str:
    """What is waited for, in words."""
    called = CALLED[behind.work].format(title=behind.title)
    far = f" ({behind.step} of {behind.total})" if behind.step is not None else ""
    return f"waits behind {called}{far}"


@contextmanager
def turn_of(
    args: argparse.Namespace, work: Work, title: Text, out: Path | None = None
) -> Iterator[None]:
    """Hold the turn for work of this command.

    Args:
        out: where its files go.

    Raises:
        StudioError: another command works for the same folder, or somebody took this one out of
            the line.
    """
    with _place(args.runs_dir, work, title, out) as place:
        said = ""
        for behind in place.waiting():
            if (line := waiting_text(behind)) != said:
                print(line, file=sys.stderr, flush=True)
                said = line
        if not place.mine:
            raise StudioError(
                "This work was taken out of the queue.", "Start it again if it is still wanted."
            )
        yield


@contextmanager
def _place(root: Path, work: Work, title: Text, out: Path | None) -> Iterator[Turn]:
    inside = out is not None and out.resolve().is_relative_to(root.resolve())
    key = out.resolve().relative_to(root.resolve()).as_posix() if out and inside else ""
    try:
        with in_turn(Queue(root), work=work, title=title, key=key) as place:
            yield place
    except Elsewhere as error:
        raise StudioError(
            f"Another process works for {out} already.", "Wait for its end, or give another --out."
        ) from error
