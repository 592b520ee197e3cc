"""A run is a folder. Worker, page and command line share nothing else.

config.yaml        everything that was decided     status.json   state, step, pace (atomic)
metrics.jsonl      a line a step and a check       log.txt       what the worker said
samples/<step>/<probe>_<seed>.png                  adapter/adapter.safetensors
checkpoints/<step>.safetensors                     control.json  what the page asks for
environment.json   versions, so that it can be done again
tokens/<name>.safetensors   learned words of its pack, copied here
learned/token.safetensors   the word that an inversion learned, reward.safetensors by whom
"""

import json
import re
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from studio.config import RunConfig, Token
from studio.errors import StudioError, not_writable
from studio.jobs.work_folder import WorkFolder
from studio.methods import LEARNING
from studio.records import CheckRecord, Progress, Rate, Sample, State, Status, StepRecord


class RunFolder(WorkFolder):
    """One run on disk."""

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
        try:
            data = yaml.safe_load((self.path / "config.yaml").read_text(encoding="utf-8"))
            return RunConfig(**data)
        except (OSError, yaml.YAMLError, ValueError, TypeError) as error:
            raise StudioError(
                f"{self.path.name} is no run of this studio: its config.yaml cannot be read.",
                "Choose another run, or delete this folder.",
            ) from error

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
        steps = sorted((self.path / "checkpoints").glob("*.safetensors"))
        last = f"The last checkpoint is step {int(steps[-1].stem)}." if steps else "Start it again."
        return "The training process ended without a message.", last

    def append_step(self, record: StepRecord) -> None:
        """Add a step to `metrics.jsonl`."""
        self._append({"kind": "step", **asdict(record)})

    def append_check(self, record: CheckRecord, shows: list[bool | None]) -> None:
        """Add a check, and for each probe whether the judge sees what it names."""
        self._append({"kind": "check", **asdict(record), "shows": shows})

    def read(self, *, full: bool = True) -> Progress:
        """All that a page shows; without `full` leave out metrics, samples and log."""
        config = self.config
        steps: list[StepRecord] = []
        checks: list[CheckRecord] = []
        shown: dict[int, list[bool | None]] = {}
        for line in self._metrics():
            if line["kind"] == "check":
                checks.append(_check(line))
                shown[line["step"]] = line["shows"]
            elif full:
                steps.append(StepRecord(line["step"], line["loss"], line["seconds"]))
        return Progress(
            run_id=self.id,
            title=config.pack.title.en,
            title_zh=config.pack.title.zh,
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

    def _metrics(self) -> list[dict[str, Any]]:
        try:
            text = (self.path / "metrics.jsonl").read_text(encoding="utf-8")
        except OSError:
            return []
        return [json.loads(line) for line in text.split("\n")[:-1] if line]

    def _samples(self, shown: dict[int, list[bool | None]]) -> tuple[Sample, ...]:
        found = []
        for file in sorted((self.path / "samples").glob("*/*.png")):
            step, probe = int(file.parent.name), int(file.stem.split("_")[0])
            answers = shown.get(step, [])
            found.append(
                Sample(step, probe, file, answers[probe] if probe < len(answers) else None)
            )
        return tuple(found)

    def _append(self, line: dict[str, Any]) -> None:
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _check(line: dict[str, Any]) -> CheckRecord:
    return CheckRecord(
        line["step"], Rate(**line["target"]), Rate(**line["neighbour"]), Rate(**line["unrelated"])
    )
