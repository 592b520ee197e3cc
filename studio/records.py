"""Plain records that cross layers; no torch."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class State(StrEnum):
    """Where a run is in its life."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DONE = "done"

    @property
    def alive(self) -> bool:
        """Whether a worker is or will be at it."""
        return self in (State.QUEUED, State.STARTING, State.RUNNING, State.STOPPING)


@dataclass(frozen=True)
class StepRecord:
    """One optimiser step."""

    step: int
    loss: float
    seconds: float


@dataclass(frozen=True)
class Rate:
    """k of n, with its 95 % Wilson interval; nothing measured is None, never 0."""

    k: int
    n: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CheckRecord:
    """What the judge saw in the probe pictures after `step` steps; step 0 is the original."""

    step: int
    target: Rate
    neighbour: Rate
    unrelated: Rate


@dataclass(frozen=True)
class Sample:
    """One probe picture: which probe (its place in the pack), after how many steps."""

    step: int
    probe: int
    path: Path
    shows: bool | None  # the judge still sees what the probe names; None: no judge


@dataclass(frozen=True)
class Status:
    """The content of `status.json`."""

    state: State
    step: int = 0
    total: int = 0
    seconds_per_step: float | None = None
    seconds_left: float | None = None
    memory_gb: float | None = None
    pid: int | None = None
    born: str = ""  # which process of that number; see `studio.lives.born`
    heartbeat: float = 0.0
    boot: str = ""  # which start of the machine `heard` counts from
    heard: float = 0.0  # the heartbeat in seconds since then, which no clock can change
    started: float | None = None
    ended: float | None = None
    prepared: int = 0  # picture triplets drawn so far
    to_prepare: int = 0
    what: str = ""  # of a failure: what happened
    way_out: str = ""  # and what to do
    exit_code: int | None = None  # of a process that could not write its end itself
    signal: str = ""  # that ended it, such as "SIGKILL"
    last_lines: tuple[str, ...] = ()  # of its log
    zero: bool = False  # every number of the adapter that was saved is 0
    outcome: str = ""  # of a run that was trained, see `studio.outcome.Outcome`
    # settings that need less memory, by "train" and "method", when it ran out
    smaller: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Behind:
    """What somebody waits for.

    Attributes:
        work: what kind of work it is, see `studio.jobs.queue_tables.Work`; empty where nothing is
            at work and the line is paused.
        step, total: how far it is, where that is known.
    """

    work: str
    title: str = ""
    title_zh: str = ""
    step: int | None = None
    total: int | None = None

    def title_in(self, lang: str) -> str:
        """What it is called in a language, "en" or "zh"."""
        return self.title_zh if lang == "zh" else self.title


@dataclass(frozen=True)
class Progress:
    """All that a page shows of one run, read from its folder."""

    run_id: str
    title: str
    title_zh: str
    method: str
    model: str
    model_zh: str
    status: Status
    steps: tuple[StepRecord, ...] = ()
    checks: tuple[CheckRecord, ...] = ()
    samples: tuple[Sample, ...] = ()
    log_tail: str = ""
    adapter: Path | None = None
    behind: Behind | None = None  # of a run that waits

    def title_in(self, lang: str) -> str:
        """What the run removes, in a language, "en" or "zh"."""
        return self.title_zh if lang == "zh" else self.title

    def model_in(self, lang: str) -> str:
        """The name of the model, in a language, "en" or "zh"."""
        return self.model_zh if lang == "zh" else self.model


@dataclass(frozen=True)
class Drawn:
    """A picture on disk with what was active when it was drawn.

    `column` is the label of what was active, "original" for nothing. `cover` is the blurred copy of
    a sensitive picture: it is what the page gets until somebody reveals the picture.
    """

    prompt: str
    seed: int
    column: str
    path: Path
    cover: Path | None = None
    shows: tuple[str, ...] | None = None  # object ids the judge sees; None: no judge
    style: str = ""  # the style the judge sees
    seconds: float | None = None  # what drawing it took
