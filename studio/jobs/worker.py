"""`python -m studio.jobs.worker RUN_FOLDER`: train one run; the only process with the weights.

It writes what happens into the run's folder and looks there for what it is asked.
"""

import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.jobs.run_queue import turn
from studio.records import State, Status

if TYPE_CHECKING:
    from studio.jobs.checks import Checks
    from studio.jobs.trainers import Trainer

HEARTBEAT_SECONDS = 1.0
PACKAGES = ("torch", "diffusers", "transformers", "peft", "safetensors", "safeguard-studio")


class Stopped(Exception):
    """Somebody asked the worker to stop while it was drawing."""


class Worker:
    """Carries one run from starting to its end."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.config: RunConfig = folder.config
        now = time.time()
        self.status = Status(
            State.QUEUED,
            total=self.config.train.steps,
            pid=os.getpid(),
            started=now,
            heartbeat=now,
        )
        self._written = 0.0

    def run(self) -> None:
        """Train; every end is written down."""
        self.folder.write_status(self.status)
        try:
            with turn(self.folder) as mine:
                state = State.STOPPED
                if mine:
                    self._say(state=State.STARTING, started=time.time())
                    self._environment()
                    state = self._train()
                self._say(state=state, ended=time.time(), seconds_left=None)
        except Stopped:
            self.folder.log("Stopped before the first step.")
            self._say(state=State.STOPPED, ended=time.time(), seconds_left=None)
        except StudioError as error:
            self.folder.log(f"Failed: {error}")
            self._fail(error.what, error.way_out)
        except MemoryError:
            self._fail("The memory ran out.", "Choose a smaller batch, or close other programs.")
        except OSError as error:
            self.folder.log(traceback.format_exc())
            self._fail(
                f"A file could not be written or read: {error.strerror or error}.",
                "Make room on the disk or choose another folder, then start again.",
            )
        except Exception as error:
            self.folder.log(traceback.format_exc())
            self._fail(*explain(error))

    def _train(self) -> State:
        began = time.monotonic()
        from studio.jobs.checks import Checks
        from studio.jobs.trainers import trainer_of
        from studio.models.loading import load_bundle

        self.folder.log(f"Load {self.config.model.title.en}.")
        bundle = load_bundle(self.config.model)
        run = trainer_of(
            bundle,
            self.config,
            self.folder.triplets,
            on_step=self.stop_if_asked,
            on_triplet=self._prepared,
        )
        checks = Checks(self.folder, bundle, run.saved_view, self.stop_if_asked)
        self.folder.log(f"Loaded in {time.monotonic() - began:.1f} s. Look at the original.")
        checks.look(0)
        self._say(state=State.RUNNING)
        step = 0
        try:
            for done in self._follow(run, checks):
                step = done
        except Stopped:
            step = self.status.step
            if not step:  # an adapter that changes nothing must not look like a safeguard
                raise
            self._say(state=State.STOPPING)
        except StudioError:
            if step:  # the weights are those of the last good step
                run.save(self.folder.checkpoint(step), {**self._about(), "step": step})
                self.folder.log(f"Kept the weights after {step} steps as a checkpoint.")
            raise
        about = {**self._about(), "step": step}
        run.save(self.folder.adapter, about)
        self.folder.log(f"Wrote the adapter after {step} steps.")
        return State.DONE if step == self.config.train.steps else State.STOPPED

    def _follow(self, run: "Trainer", checks: "Checks") -> Iterator[int]:
        train = self.config.train
        began, paused = time.monotonic(), 0.0
        for record in run.steps():
            step = record.step
            last = step == train.steps
            self.folder.append_step(record)
            self._say(quietly=True, step=step)
            self.stop_if_asked()
            pause = time.monotonic()
            asked = self.folder.asked()
            if (step % train.save_every == 0 or asked.get("save")) and not last:
                run.save(self.folder.checkpoint(step), {**self._about(), "step": step})
            if step % train.check_every == 0 or last or asked.get("sample"):
                checks.look(step)
            for what in asked.keys() & {"save", "sample"}:
                self.folder.answered(what)
            paused += time.monotonic() - pause
            pace = (time.monotonic() - began - paused) / step
            left = pace * (train.steps - step) + checks.seconds * checks.left(step)
            self._say(
                quietly=True,
                step=step,
                seconds_per_step=pace,
                seconds_left=left,
                memory_gb=memory_gb(),
            )
            yield step

    def stop_if_asked(self) -> None:
        """Raise `Stopped` when somebody asked for it."""
        if self.folder.asked().get("stop"):
            raise Stopped

    def _prepared(self, done: int, total: int) -> None:
        self._say(quietly=done < total, prepared=done, to_prepare=total)

    def _about(self) -> dict[str, object]:
        pack = self.config.pack
        return {
            "pack": pack.id,
            "removed": [concept.name for concept in pack.remove],
            "model": self.config.model.id,
            "method": self.config.method,
            "steps": self.config.train.steps,
            "seed": self.config.train.seed,
        }

    def _say(self, *, quietly: bool = False, **changes: object) -> None:
        self.status = replace(self.status, heartbeat=time.time(), **changes)  # type: ignore[arg-type]
        if quietly and time.monotonic() - self._written < HEARTBEAT_SECONDS:
            return
        self._written = time.monotonic()
        self.folder.write_status(self.status)

    def _fail(self, what: str, way_out: str) -> None:
        self._say(
            state=State.FAILED, what=what, way_out=way_out, ended=time.time(), seconds_left=None
        )

    def _environment(self) -> None:
        found = {"python": platform.python_version(), "platform": platform.platform()}
        for name in PACKAGES:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                found[name] = "not installed"
        text = json.dumps(found, indent=1)
        (self.folder.path / "environment.json").write_text(text, encoding="utf-8")


def explain(error: Exception) -> tuple[str, str]:
    """What happened and what to do, for a failure nobody expected."""
    if "out of memory" in str(error).lower():
        return (
            "The memory of the GPU ran out.",
            "Choose a smaller batch or rank, or close other programs that use the GPU.",
        )
    return (
        f"The training broke: {type(error).__name__}: {error}",
        "This is a mistake in the studio. The log has the details; please report it.",
    )


def memory_gb() -> float:
    """Peak memory: of the GPU where one is used, else of this process."""
    import torch

    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated()) / 1e9
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def main() -> int:
    """Run the folder named on the command line."""
    if len(sys.argv) != 2:
        print("usage: python -m studio.jobs.worker RUN_FOLDER", file=sys.stderr)
        return 2
    Worker(RunFolder(Path(sys.argv[1]))).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
