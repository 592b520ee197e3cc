"""`python -m studio.jobs.worker RUN_FOLDER`: train one run; the only process with the weights.

It writes what happens into the run's folder and looks there for what it is asked.
"""

import faulthandler
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from studio.config import ModelCard, RunConfig
from studio.errors import StudioError
from studio.jobs.pace import Pace
from studio.jobs.reporter import Reporter, Stopped
from studio.jobs.run_folder import RunFolder
from studio.jobs.run_queue import ahead_of, in_line, turn
from studio.jobs.smaller import smaller
from studio.jobs.token_files import keep_tokens
from studio.methods import weights_of
from studio.outcome import run_outcome, told_outcome
from studio.records import State

if TYPE_CHECKING:
    from studio.jobs.checks import Checks
    from studio.jobs.states import Saved, States
    from studio.jobs.trainers import Trainer


ASKED_FIRST = 2  # names that the base must answer before it is trained


class Worker(Reporter):
    """Carries one run from starting to its end."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.config: RunConfig = folder.config
        super().__init__(folder, self.config.train.steps)

    def run(self) -> None:
        """Train from the start, or from where it was; every end is written down."""
        if self.folder.stored_status().state is State.DONE:
            self.folder.log("This run is done; there is nothing to go on with.")
            return
        with self.told(explain), in_line(self.folder):
            self._say()
            for other in ahead_of(self.folder):
                self.folder.log(f"Waits behind {other.title} ({other.work}).")
            try:
                with turn(self.folder) as mine:
                    state = State.STOPPED
                    if mine:
                        self._say(state=State.STARTING, started=time.time())
                        state = self._train()
                    step = self.config.train.steps if state is State.DONE else self.status.step
                    self._say(
                        state=state,
                        step=step,
                        ended=time.time(),
                        seconds_left=None,
                        **self._outcome(state, step),
                    )
                    self._clean_up()
            except Stopped:
                self.folder.log("Stopped before the first step.")
                self._say(state=State.STOPPED, ended=time.time(), seconds_left=None)

    def _outcome(self, state: State, step: int) -> dict[str, Any]:
        """What the run did, for its status; said in the log where it did nothing."""
        if not self.folder.adapter.exists():
            return {}
        from studio.models.adapter_files import is_zero

        ended = replace(self.status, state=state, step=step, zero=is_zero(self.folder.adapter))
        run = replace(self.folder.read(), status=ended)
        if told_outcome(run)[0]:
            self.folder.log(" ".join(told_outcome(run)))
        return {"zero": ended.zero, "outcome": str(run_outcome(run) or "")}

    def _clean_up(self) -> None:
        """States of a run that is done are of no use and need room."""
        from studio.jobs.states import States

        if self.status.state is State.DONE:
            States(self.folder).forget()

    def _train(self) -> State:
        began = time.monotonic()
        from studio.jobs.checks import Checks
        from studio.jobs.states import States
        from studio.jobs.trainers import trainer_of
        from studio.models.loading import device_name, load_bundle
        from studio.models.sampler import must_predict
        from studio.models.text import encode
        from studio.models.tokens import learn

        states = States(self.folder)
        saved = states.newest()
        if saved is None and self.folder.product.exists() and self._was_finished():
            return State.DONE  # ended between its adapter and its word
        self._cut_back(states, saved)
        keep_tokens(self.folder)
        self.folder.log(f"Load {self.config.model.title.en}.")
        self.folder.write_environment(device_name())
        bundle = load_bundle(trained_card(self.config))
        learn(bundle, self.folder.tokens())
        removed = [concept.name for concept in self.config.pack.remove]
        must_predict(bundle, encode(bundle, ["", *removed[:ASKED_FIRST]]))
        run = trainer_of(
            bundle,
            self.config,
            self.folder,
            on_step=self.stop_if_asked,
            on_triplet=self._prepared,
        )
        checks = Checks(self.folder, bundle, run.saved_view, self.stop_if_asked)
        self.folder.log(f"Loaded in {time.monotonic() - began:.1f} s.")
        if saved:
            run.restore(saved.snapshot)
            self.folder.log(f"Go on after step {run.done}.")
        self._look_if_not_yet(checks, run.done)
        self._say(state=State.RUNNING, step=run.done)
        try:
            for _ in self._follow(run, checks, states):
                continue
        except Stopped:
            if not run.done:  # an adapter that changes nothing must not look like a safeguard
                raise
            self._say(state=State.STOPPING)
            states.save(run.state())
        except StudioError:
            if run.done:  # the weights are those of the last good step
                run.save(self.folder.checkpoint(run.done), {**self._about(), "step": run.done})
                self.folder.log(f"Kept the weights after {run.done} steps as a checkpoint.")
            raise
        step = run.done
        about = {**self._about(), "step": step}
        run.save(self.folder.product, about)
        self.folder.log(f"Wrote {self.folder.product.name} after {step} steps.")
        return State.DONE if step == self.config.train.steps else State.STOPPED

    def _was_finished(self) -> bool:
        from studio.models.adapter_files import read_about

        step = read_about(self.folder.product).get("step")
        if isinstance(step, int) and step < self.config.train.steps:
            raise StudioError(
                f"{self.folder.id} was stopped before states were saved.",
                "Start a new run with the same settings to train again.",
            )
        return step == self.config.train.steps

    def _cut_back(self, states: "States", saved: "Saved | None") -> None:
        import torch

        if saved is None:
            self.folder.cut_back(0, 0)
            return
        torch.set_num_threads(saved.threads)
        states.forget(after=saved.snapshot.step)
        self.folder.cut_back(saved.snapshot.step, saved.metrics)

    def _look_if_not_yet(self, checks: "Checks", step: int) -> None:
        looked = {check.step for check in self.folder.read().checks}
        if (step == 0 or step % self.config.train.check_every == 0) and step not in looked:
            checks.look(step)

    def _follow(self, run: "Trainer", checks: "Checks", states: "States") -> Iterator[int]:
        train = self.config.train
        began, paused, start = time.monotonic(), 0.0, run.done
        pace = Pace()
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
            if pace.due and not last:
                with pace.measured():
                    states.save(run.state())
            paused += time.monotonic() - pause
            a_step = (time.monotonic() - began - paused) / (step - start)
            left = a_step * (train.steps - step) + checks.seconds * checks.left(step)
            self._say(
                quietly=True,
                step=step,
                seconds_per_step=a_step,
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

    def _smaller(self) -> dict[str, dict[str, int]]:
        return smaller(self.config)


def trained_card(config: RunConfig) -> ModelCard:
    """The model that a run trains: in single precision where its own weights move, since a step is
    smaller than what half precision tells apart."""
    if weights_of(config) == "lora":
        return config.model
    return config.model.model_copy(update={"precision": "single"})


def explain(error: Exception) -> tuple[str, str]:
    """What happened and what to do, for a failure nobody expected."""
    if "out of memory" in str(error).lower():
        return (
            "The memory of the GPU ran out.",
            "Choose a smaller batch or rank, or close other programs that use the GPU.",
        )
    if "CUDA error" in str(error):
        return (
            f"The GPU reported an error: {str(error).splitlines()[0]}",
            "Resume the run. If it happens again, start the computer anew.",
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
    faulthandler.enable()  # a crash inside a library leaves its traceback in the log
    worker = Worker(RunFolder(Path(sys.argv[1])))
    worker.run()
    return int(worker.untold)


if __name__ == "__main__":
    raise SystemExit(main())
