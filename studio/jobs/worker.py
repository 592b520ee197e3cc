"""`python -m studio.jobs.worker RUN_FOLDER`: train one run; the only process with the weights.

It writes what happens into the run's folder and looks there for what it is asked.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs.reporter import Reporter, Stopped
from studio.jobs.run_folder import RunFolder
from studio.jobs.run_queue import turn
from studio.jobs.token_files import keep_tokens
from studio.records import State

if TYPE_CHECKING:
    from studio.jobs.checks import Checks
    from studio.jobs.trainers import Trainer


class Worker(Reporter):
    """Carries one run from starting to its end."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.config: RunConfig = folder.config
        super().__init__(folder, self.config.train.steps)

    def run(self) -> None:
        """Train; every end is written down."""
        self.folder.write_status(self.status)
        with self.told(explain):
            try:
                with turn(self.folder) as mine:
                    state = State.STOPPED
                    if mine:
                        self._say(state=State.STARTING, started=time.time())
                        self.folder.write_environment()
                        state = self._train()
                    self._say(state=state, ended=time.time(), seconds_left=None)
            except Stopped:
                self.folder.log("Stopped before the first step.")
                self._say(state=State.STOPPED, ended=time.time(), seconds_left=None)

    def _train(self) -> State:
        began = time.monotonic()
        from studio.jobs.checks import Checks
        from studio.jobs.trainers import trainer_of
        from studio.models.loading import load_bundle
        from studio.models.tokens import learn

        keep_tokens(self.folder)
        self.folder.log(f"Load {self.config.model.title.en}.")
        bundle = load_bundle(self.config.model)
        learn(bundle, self.folder.tokens())
        run = trainer_of(
            bundle,
            self.config,
            self.folder,
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
        run.save(self.folder.product, about)
        self.folder.log(f"Wrote {self.folder.product.name} after {step} steps.")
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
