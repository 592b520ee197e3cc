"""A run is a folder. Worker, page and command line share nothing else.

config.yaml        everything that was decided     status.json   state, step, pace (atomic)
metrics.jsonl      a line a step and a check       log.txt       what the worker said
samples/<step>/<probe>_<seed>.png                  adapter/adapter.safetensors
checkpoints/<step>.safetensors                     control.json  what the page asks for
states/            the last two states from which it can go on; see `studio.jobs.states`
environment.json   versions, so that it can be done again
made.json          when it was made, which decides its place in lists
name.json          what a person called the run, if somebody did
tokens/<name>.safetensors   learned words of its pack, copied here
learned/token.safetensors   the word that an inversion learned, reward.safetensors by whom
"""

import json
import re
import shutil
import time
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from studio import durable
from studio.config import RunConfig, Text, Token
from studio.errors import StudioError, not_writable
from studio.files import natural
from studio.jobs.stamps import Stamp, stamp
from studio.jobs.work_folder import WorkFolder
from studio.methods import LEARNING
from studio.records import CheckRecord, Progress, Rate, Sample, State, Status, StepRecord
from studio.yaml_files import check, read_yaml_file


class RunFolder(WorkFolder):
    """One run on disk."""

    work = "train"

    @classmethod
    def create(cls, root: Path, config: RunConfig) -> "RunFolder":
        """Make the folder of a new run, in state queued.

        Raises:
            StudioError: nothing can be written under `root`.
        """
        stamp = time.strftime("%Y%m%d-%H%M%S")
        slug = re.sub(r"[^a-z0-9]+", "-", f"{config.pack.id}-{config.method['name']}".lower())
        try:
            root.mkdir(parents=True, exist_ok=True)
            for attempt in range(1000):
                extra = f"-{attempt + 1}" if attempt else ""
                path = root / f"{stamp}-{slug.strip('-')}{extra}"
                try:
                    path.mkdir()
                    break
                except FileExistsError:
                    continue
            folder = cls(path)
            text = yaml.safe_dump(
                config.model_dump(mode="json"), sort_keys=False, allow_unicode=True
            )
            folder.note_made()
            folder._write(folder.path / "config.yaml", text)
            folder.write_status(
                Status(State.QUEUED, total=config.train.steps, heartbeat=time.time())
            )
        except OSError as error:
            raise not_writable(root, error) from error
        return folder

    @property
    def config(self) -> RunConfig:
        """What was decided for this run.

        Raises:
            StudioError: this folder is no run, or was changed by hand and no longer fits.
        """
        file = self.path / "config.yaml"
        try:
            return _config(file, stamp(file))
        except (OSError, StudioError) as error:
            raise StudioError(
                f"{self.path.name} is no run of this studio: its config.yaml cannot be read.",
                "Choose another run, or delete this folder.",
            ) from error

    @property
    def root(self) -> Path:
        """The runs folder it lies in."""
        return self.path.parent

    def called(self) -> Text:
        """The name a person gave the run, else what it removes."""
        try:
            name = str(json.loads((self.path / "name.json").read_text(encoding="utf-8"))["name"])
        except (OSError, ValueError, TypeError, KeyError):
            return self.config.pack.title
        return Text(en=name, zh=name)

    def rename(self, name: str) -> None:
        """Give the run a name.

        Raises:
            StudioError: nothing can be written.
        """
        try:
            self._write(self.path / "name.json", json.dumps({"name": name}, ensure_ascii=False))
        except OSError as error:
            raise not_writable(self.path, error) from error

    @property
    def metrics(self) -> Path:
        """A line a step and a check."""
        return self.path / "metrics.jsonl"

    @property
    def adapter(self) -> Path:
        """Where the finished adapter goes."""
        return self.path / "adapter" / "adapter.safetensors"

    @property
    def learned(self) -> Path:
        """Where an inversion puts its reward model and the words it learns."""
        return self.path / "learned"

    @property
    def product(self) -> Path:
        """Where what the run makes goes: an adapter, or a learned word."""
        learns = self.config.method["name"] in LEARNING
        return self.learned / "token.safetensors" if learns else self.adapter

    @property
    def learned_tokens(self) -> tuple[Path, ...]:
        """The words that an inversion learned, in the order of its pack's names."""
        found = self.learned.glob("token*.safetensors")
        return tuple(sorted(found, key=lambda file: (len(file.name), file.name)))

    def tokens(self) -> tuple[Token, ...]:
        """The learned words of its pack, each in the copy that the run keeps."""
        return tuple(
            Token(
                name=token.name, file=str(self.path / "tokens" / f"{token.name[1:-1]}.safetensors")
            )
            for token in self.config.pack.tokens
        )

    @property
    def rewards(self) -> tuple[Path, ...]:
        """Folders of the reward models of its learned words, in the copies that the run keeps."""
        return tuple(sorted(f.parent for f in (self.path / "tokens").glob("*/reward.json")))

    @property
    def triplets(self) -> Path:
        """Where picture triplets go that the run draws itself."""
        return self.path / "triplets"

    def checkpoint(self, step: int) -> Path:
        """Where the adapter after `step` steps goes."""
        return self.path / "checkpoints" / f"{step:05d}.safetensors"

    def sample(self, step: int, probe: int, seed: int) -> Path:
        """Where the picture of a probe after `step` steps goes."""
        return self.path / "samples" / f"{step:05d}" / f"{probe:02d}_{seed}.png"

    def _died(self) -> tuple[str, str]:
        step = self.resumed_at()
        way_out = f"Resume it; it goes on from step {step}." if step else "Resume it."
        return "The training process ended without a message.", way_out

    def resumed_at(self) -> int:
        """The step from which the run would go on; 0 from the start."""
        return max((int(f.stem) for f in (self.path / "states").glob("[0-9]*.json")), default=0)

    def cut_back(self, step: int, metrics: int) -> None:
        """Take away what was written after a step, so that it can be written again.

        Args:
            metrics: bytes of `metrics.jsonl` that stay.
        """
        durable.sweep(self.path)
        durable.cut(self.metrics, metrics)
        for file in (self.path / "checkpoints").glob("*.safetensors"):
            if int(file.stem) > step:
                file.unlink()
        for drawn in (self.path / "samples").glob("*"):
            if int(drawn.name) > step or not metrics:
                shutil.rmtree(drawn)

    def append_step(self, record: StepRecord) -> None:
        """Add a step to `metrics.jsonl`."""
        self._append({"kind": "step", **asdict(record)})

    def append_check(self, record: CheckRecord, shows: list[bool | None]) -> None:
        """Add a check, and for each probe whether the judge sees what it names."""
        self._append({"kind": "check", **asdict(record), "shows": shows})

    def read(self, *, full: bool = True) -> Progress:
        """All that a page shows; without `full` leave out metrics, samples and log."""
        config, called = self.config, self.called()
        steps: list[StepRecord] = []
        checks: list[CheckRecord] = []
        shown: dict[int, list[bool | None]] = {}
        for line in self._metrics(full=full):
            if line["kind"] == "check":
                checks.append(_check(line))
                shown[line["step"]] = line["shows"]
            elif full:
                steps.append(StepRecord(line["step"], line["loss"], line["seconds"]))
        return Progress(
            run_id=self.id,
            title=called.en,
            title_zh=called.zh,
            method=str(config.method["name"]),
            model=config.model.title.en,
            model_zh=config.model.title.zh,
            status=self.status(),
            steps=tuple(steps),
            checks=tuple(checks),
            samples=self._samples(shown) if full else (),
            log_tail=self.log_tail() if full else "",
            adapter=self.adapter if self.adapter.exists() else None,
        )

    def _metrics(self, *, full: bool) -> list[dict[str, Any]]:
        try:
            written = stamp(self.metrics)
        except OSError:
            return []
        return _lines(self.metrics, written) if full else _checks(self.metrics, written)

    def _samples(self, shown: dict[int, list[bool | None]]) -> tuple[Sample, ...]:
        found = []
        for file in sorted((self.path / "samples").glob("*/*.png"), key=natural):
            step, probe = int(file.parent.name), int(file.stem.split("_")[0])
            answers = shown.get(step, [])
            found.append(
                Sample(step, probe, file, answers[probe] if probe < len(answers) else None)
            )
        return tuple(found)

    def _append(self, line: dict[str, Any]) -> None:
        durable.append(self.metrics, json.dumps(line) + "\n")


@lru_cache(maxsize=1024)
def _config(file: Path, written: Stamp) -> RunConfig:
    return check(RunConfig, read_yaml_file(file), file.name)


@lru_cache(maxsize=8)  # of the few runs that are looked at
def _lines(file: Path, written: Stamp) -> list[dict[str, Any]]:
    return durable.read_lines(file)


@lru_cache(maxsize=1024)  # of all runs of a list
def _checks(file: Path, written: Stamp) -> list[dict[str, Any]]:
    return [line for line in _lines.__wrapped__(file, written) if line["kind"] == "check"]


def _check(line: dict[str, Any]) -> CheckRecord:
    return CheckRecord(
        line["step"], Rate(**line["target"]), Rate(**line["neighbour"]), Rate(**line["unrelated"])
    )
