"""The tables of `queue.sqlite`, one file in each runs folder, and what a row of the line is."""

import os
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table

from studio.lives import boot, born, lives, uptime

FILE = "queue.sqlite"
GRACE_SECONDS = 20.0  # a process just launched may take so long until it enters itself

TABLES = MetaData()
LINE = Table(
    "line",
    TABLES,
    Column("key", String, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("work", String, nullable=False),
    Column("title", String, nullable=False),
    Column("title_zh", String, nullable=False),
    Column("device", String, nullable=False),
    Column("processes", Integer, nullable=False),
    Column("pid", Integer),
    Column("born", String),
    Column("working", Boolean, nullable=False),
    Column("launches", Integer, nullable=False),
    Column("boot", String, nullable=False),
    Column("since", Float, nullable=False),
)
SETTINGS = Table(
    "settings",
    TABLES,
    Column("name", String, primary_key=True),
    Column("value", Boolean, nullable=False),
)
OWNER = Table(
    "owner",
    TABLES,
    Column("one", Integer, primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("born", String, nullable=False),
)


@dataclass(frozen=True)
class Process:
    """A process by its number, and what tells it from others of that number; see `studio.lives`."""

    pid: int
    born: str

    @classmethod
    def of(cls, pid: int | None = None) -> "Process":
        """The process of a number, without one this process."""
        number = os.getpid() if pid is None else pid
        return cls(number, born(number))

    @property
    def lives(self) -> bool:
        """Whether it still runs."""
        return lives(self.pid, self.born)


class Work(StrEnum):
    """What waits in the line."""

    TRAIN = "train"
    EVALUATE = "evaluate"
    DRAW = "draw"
    TRIPLETS = "triplets"
    CALIBRATE = "calibrate"
    JUDGE = "judge"
    RATE = "rate"  # pictures that people will rate

    @property
    def started_again(self) -> bool:
        """Whether its folder says all that a new worker needs."""
        return self in (Work.TRAIN, Work.EVALUATE)


@dataclass(frozen=True)
class Entry:
    """A row of the line.

    Attributes:
        key: path of the work below the runs folder, such as "evaluations/ID"; a run's is its id.
        device: what it may use, see `device_asked`.
        processes: that share the work.
        process: who waits or works; None before the one that was launched has come.
        launches: how often a worker was launched that never had its turn.
        boot, since: when it was entered or last launched, see `studio.lives.uptime`.
    """

    key: str
    work: Work
    title: str
    title_zh: str
    device: str
    processes: int
    process: Process | None
    working: bool
    launches: int
    boot: str
    since: float

    @property
    def id(self) -> str:
        """The name of its folder."""
        return self.key.rpartition("/")[2]

    @property
    def alive(self) -> bool:
        """Whether somebody is at it, or was launched a moment ago."""
        if self.process is None:
            return self.boot == boot() and uptime() - self.since < GRACE_SECONDS
        return self.process.lives
