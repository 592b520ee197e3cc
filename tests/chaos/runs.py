"""Short runs, how they end undisturbed, and what must hold of each whatever was done to it."""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
import yaml
from PIL import Image

from studio.config import ModelCard, RunConfig, SampleConfig, Text
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.jobs.states import States
from studio.models.adapters import read_adapter
from studio.presets import parse_pack, resolve
from studio.records import State, Status
from studio.services.runs import Runs
from tests.chaos.forks import spawned
from tests.conftest import PACK
from tests.tiny import save_tiny

SECONDS_TO_TELL = 10.0
SECONDS_TO_COME = 30.0
PATIENCE_SECONDS = 300.0
METHODS = (
    {"name": "sdd", "rollouts": 3, "levels": 3, "rollout_steps": 4},
    {"name": "esd", "rollouts": 3, "levels": 3, "rollout_steps": 4},
    {"name": "safegen", "count": 3, "mask": "whole", "flip": True},
)
STEPS = 16


@dataclass
class Count:
    """What came of it.

    Attributes:
        started: runs. survived: of them, with the very bytes of an undisturbed one in the end.
        resumed: times that a run was resumed. corrupted: files that could not be read, or an
            adapter that differs. lost: runs that could not be resumed or finished.
        done: what was done to them, by its kind. skipped: what was not, and why.
        slowest: most seconds until a death was told. late: deaths told after more than 10 s.
        troubles: of the corrupted and lost, in words.
    """

    started: int = 0
    survived: int = 0
    resumed: int = 0
    corrupted: int = 0
    lost: int = 0
    done: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    slowest: float = 0.0
    late: int = 0
    troubles: list[str] = field(default_factory=list)

    def add(self, kind: str) -> None:
        """One more of a kind of damage."""
        self.done[kind] = self.done.get(kind, 0) + 1

    def as_json(self) -> str:
        """All of it on one line."""
        return json.dumps(asdict(self), ensure_ascii=False)


class Bench:
    """A tiny random model, the configs of short runs on it, and how each ends undisturbed."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._card = ModelCard(
            id="tiny",
            title=Text(en="Tiny", zh="小"),
            source=str(save_tiny(place)),
            sample=SampleConfig(steps=3, guidance=3.0),
        )
        self._known: dict[str, tuple[bytes, float]] = {}

    def config(self, number: int) -> RunConfig:
        """The config of a run: the methods in turn."""
        config = resolve(parse_pack(PACK, "tiny.yaml"), self._card)
        every = {"steps": STEPS, "check_every": 8, "save_every": 6}
        train = config.train.model_copy(update=every)
        method = METHODS[number % len(METHODS)]
        return config.model_copy(update={"method": method, "train": train})

    def undisturbed(self, config: RunConfig) -> tuple[bytes, float]:
        """The bytes of the adapter that such a run leaves, and the seconds it takes."""
        name = str(config.method["name"])
        if name not in self._known:
            runs, began = Runs(self.place / "undisturbed"), time.monotonic()
            run_id = runs.start(config)
            status = ended(runs.folder(run_id))
            if status.state is not State.DONE:
                raise RuntimeError(f"an undisturbed run failed: {status.what}")
            seconds = time.monotonic() - began
            self._known[name] = (runs.folder(run_id).adapter.read_bytes(), seconds)
        return self._known[name]


def resume(runs: Runs, folder: RunFolder, count: Count) -> None:
    """Let a run go on; one killed while it waited is launched again as the page does."""
    count.resumed += 1
    if folder.key not in runs.queue.waits():
        runs.resume(folder.id)
        return
    runs.queue.revive()
    end = time.monotonic() + SECONDS_TO_COME
    while not (folder.status().state.alive or folder.adapter.exists()):
        if time.monotonic() > end:
            return
        time.sleep(0.05)


def ended(folder: RunFolder, seconds: float = PATIENCE_SECONDS) -> Status:
    """The status once nobody is at the run any more, or the time is up."""
    end = time.monotonic() + seconds
    while (status := folder.status()).state.alive and time.monotonic() < end:
        time.sleep(0.05)
    return status


def workers(folder: RunFolder) -> list[psutil.Process]:
    """The worker of a run and its supervisor, this one last; none where they have ended."""
    try:
        above = psutil.Process(spawned[str(folder.path)])
        return [*above.children(), above] if above.children() else []
    except psutil.NoSuchProcess:
        return []


def finish(runs: Runs, folder: RunFolder, bench: Bench, count: Count) -> None:
    """Let a run go on to its end, and compare what it leaves with what an undisturbed one does."""
    for _ in range(3):
        status = ended(folder)
        if status.state is State.DONE or status.state.alive:
            break
        resume(runs, folder, count)
    status = ended(folder)
    if status.state is not State.DONE:
        count.lost += 1
        count.troubles.append(f"{folder.id}: {status.state}: {status.what}")
        return
    inspect(folder, count)
    if folder.adapter.read_bytes() != bench.undisturbed(folder.config)[0]:
        count.corrupted += 1
        count.troubles.append(f"{folder.id}: its adapter differs")
        return
    count.survived += 1


def inspect(folder: RunFolder, count: Count) -> None:
    """Read every file of a run."""
    try:
        _read_all(folder)
    except (StudioError, OSError, ValueError, KeyError, yaml.YAMLError) as error:
        count.corrupted += 1
        count.troubles.append(f"{folder.id}: {error}")


def _read_all(folder: RunFolder) -> None:
    folder.config  # noqa: B018 (it reads)
    for name in ("status.json", "control.json", "environment.json"):
        if (folder.path / name).exists():
            json.loads((folder.path / name).read_text(encoding="utf-8"))
    if folder.metrics.exists():  # only the last line may be cut
        for line in folder.metrics.read_text(encoding="utf-8").split("\n")[:-1]:
            json.loads(line)
    for file in (folder.adapter, *(folder.path / "checkpoints").glob("*.safetensors")):
        if file.exists():
            read_adapter(file)
    if folder.status().state is not State.DONE:  # whose states are being taken away
        States(folder).newest()
    for file in folder.path.rglob("*.png"):
        with Image.open(file) as image:
            image.load()
