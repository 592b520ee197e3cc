"""How several processes share one evaluation: torchrun's and accelerate's RANK and WORLD_SIZE."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.errors import StudioError
from studio.evaluation.findings import Row
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.jobs.reporter import Stopped
from studio.lives import boot, lives, uptime
from studio.records import State

PATIENCE_SECONDS = 120.0  # a process that has said nothing for so long is gone


@dataclass(frozen=True)
class Share:
    """One process of several.

    Attributes:
        rank: from 0; the first one tells how far all are.
        world: how many there are.
        local: its number on its machine, which is the number of its GPU.
    """

    rank: int = 0
    world: int = 1
    local: int = 0

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Share":
        """What the launcher says; one process where there is no launcher."""
        rank, world = (int(environment.get(k, d)) for k, d in (("RANK", 0), ("WORLD_SIZE", 1)))
        return cls(rank, world, int(environment.get("LOCAL_RANK", rank)))

    def mine(self, rows: Sequence[Row]) -> list[Row]:
        """The rows of this process."""
        return [row for row in rows if row.row % self.world == self.rank]

    def take_device(self) -> None:
        """Draw on the GPU of this process, where there are GPUs."""
        import torch

        if self.world > 1 and torch.cuda.is_available():
            torch.cuda.set_device(self.local % torch.cuda.device_count())


def look_after(folder: EvaluationFolder, share: Share, since: float) -> None:
    """See whether the other processes are still at work; for the first one, while it waits.

    Args:
        since: when this process began to wait, see `uptime`.

    Raises:
        StudioError: one failed, with its words, or is gone.
        Stopped: one was stopped.
    """
    for rank in range(1, share.world):
        status = folder.rank_status(rank)
        here = status is not None and status.boot == boot()  # not on another machine
        last = max(since, status.heard if status and here else 0.0)
        if status and status.state is State.FAILED:
            raise StudioError(status.what, status.way_out)
        if status and status.state is State.STOPPED:
            raise Stopped
        gone = bool(status and here and not lives(status.pid, status.born))
        ended = bool(status and status.state is State.DONE)
        if not ended and (gone or uptime() - last > PATIENCE_SECONDS):
            raise StudioError(
                "One of the processes of this evaluation ended without a message.",
                "Resume it: pictures that are there are not drawn again.",
            )
