"""`python -m studio.jobs.evaluator FOLDER`: draw and judge the pictures of one evaluation.

It appends answers line by line, so whatever ends it, the next start goes on where it was. Started
by torchrun or accelerate, each process takes the rows that are its own; every picture has a seed of
its own, so how many share the work changes nothing.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from studio.config import Column
from studio.evaluation.findings import Row
from studio.evaluation.protocol import FLOOR, OwnFiles, refuse_changed
from studio.evaluation.protocol_rows import floor_rows, total_pictures
from studio.jobs.drawing import told_cut
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.jobs.line import Line
from studio.jobs.overlap import beside
from studio.jobs.reporter import HEARTBEAT_SECONDS, Reporter, Stopped
from studio.jobs.run_queue import in_line, turn
from studio.jobs.sharing import Share, look_after
from studio.lives import uptime
from studio.pictures import readable
from studio.records import State

if TYPE_CHECKING:
    from studio.evaluation.detectors.base import Detector
    from studio.jobs.answering import Answering
    from studio.models.loading import Bundle
    from studio.models.sampler import Steering

LOOKED_AT_ONCE = 16  # pictures that are there already
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Part:
    """Rows of one column, or of the original drawn with other seeds."""

    label: str
    column: Column
    rows: tuple[Row, ...]


class Evaluator(Reporter):
    """Carries one evaluation from starting to its end, or its share of the rows."""

    def __init__(self, folder: EvaluationFolder, share: Share) -> None:
        self.folder, self.share = folder, share
        self.config, self.rows = folder.config, folder.rows()
        super().__init__(folder, total_pictures(self.config, self.rows))
        self._before, self._began = 0, time.monotonic()
        self._pace: float | None = None  # seconds a picture
        self._end = 0.0

    def run(self) -> None:
        """Draw and judge; every end is written down."""
        with self.told(explain):
            try:
                with self._turn():
                    self._say(state=State.STARTING, step=self.folder.count_answers())
                    self._work()
                    self._say(state=State.DONE, ended=time.time(), seconds_left=None)
            except Stopped:
                self.folder.log("Stopped; what is drawn and answered stays.")
                self._say(state=State.STOPPED, ended=time.time(), seconds_left=None)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The first process waits for the turn of all, the others for the first."""
        if self.share.rank:
            line = Line(self.folder.root)
            while (entry := line.find(self.folder.key)) and not entry.working:
                self.stop_if_asked()
                if self.folder.stored_status().state is State.FAILED:
                    raise Stopped  # the first process, which would have told the end
                time.sleep(POLL_SECONDS)
            yield
            return
        with in_line(self.folder):
            self._say(step=self.folder.count_answers())
            with turn(self.folder) as mine:
                if not mine:
                    raise Stopped
                yield

    def parts(self) -> list[Part]:
        """Everything there is to draw, in order."""
        found = [Part(column.label, column, self.rows) for column in self.config.columns]
        floor = floor_rows(self.config, self.rows)
        return found + ([Part(FLOOR, Column(), floor)] if floor else [])

    def _work(self) -> None:
        refuse_changed(self.config)
        from studio.models.loading import device_name, load_bundle

        self.share.take_device()
        detectors = self._detectors()
        self.folder.log(f"Load {self.config.model.title.en}.")
        bundle = load_bundle(self.config.model)
        names = self._load_adapters(bundle)
        if self.share.rank == 0:
            self.folder.write_environment(device_name())
            self._tell_cut(bundle)
        self._before, self._began = self.folder.count_answers(), time.monotonic()
        self._say(state=State.RUNNING, step=self._before)
        for part in self.parts():
            self._draw_part(bundle, part, names, detectors if part.label != FLOOR else {})
        self._wait_for_others()
        self._say(step=self.folder.count_answers())
        if self.share.rank == 0:
            from studio.jobs.scoring import write_scores

            write_scores(self.folder)

    def _detectors(self) -> "dict[str, Detector]":
        """Those of the protocol, loaded, each asked once whether it knows what is looked for."""
        from PIL import Image

        from studio.evaluation.detectors import get_detector
        from studio.evaluation.worlds import refuse_strangers

        refuse_strangers(self.config.model, self.config.detectors)
        found = {}
        for name in self.config.detectors:
            own = self.config.own.get(name, OwnFiles())
            prompts = Path(own.prompts) if own.prompts else None
            detector = get_detector(name, weights=own.weights, prompts=prompts)
            found[detector.profile.id] = detector
        wanted = sorted({text for row in self.rows for text in (row.shows, row.also) if text})
        for detector in found.values():
            detector.see([Image.new("RGB", (64, 64))] * len(wanted), wanted)
        if self.share.rank == 0:
            profiles = [asdict(detector.profile) for detector in found.values()]
            self.folder.write_json("profiles.json", profiles)
        return found

    def _tell_cut(self, bundle: "Bundle") -> None:
        """Write down the rows of whose prompts the model reads only the start."""
        from studio.models.text import is_cut

        cut = [row.row for row in self.rows if is_cut(bundle, row.prompt)]
        self.folder.write_cut(cut)
        if cut:
            self.folder.log(told_cut(cut))

    def _load_adapters(self, bundle: "Bundle") -> dict[str, str]:
        """File of each adapter -> its name in the model."""
        from studio.models.adapters import load_adapter

        names: dict[str, str] = {}
        for use in (use for column in self.config.columns for use in column.adapters):
            if use.file not in names:
                names[use.file] = f"evaluated{len(names)}"
                load_adapter(bundle.unet, Path(use.file), names[use.file])
        return names

    def _draw_part(
        self,
        bundle: "Bundle",
        part: Part,
        names: dict[str, str],
        detectors: "dict[str, Detector]",
    ) -> None:
        from studio.evaluation.columns import active
        from studio.jobs.answering import Answering

        answered = self.folder.looked_at(part.label)
        rows = [row for row in self.share.mine(part.rows) if row.row not in answered]
        if not rows:
            return
        began = time.monotonic()
        answering = Answering(self.folder, part.label, part.column, self.share.rank, detectors)
        there = [row for row in rows if readable(self.folder.picture(part.label, row.row))]
        known = {row.row for row in there}
        missing = [row for row in rows if row.row not in known]
        for some in _batches(there, LOOKED_AT_ONCE):
            self._step()
            answering.look_again(some)
        used = [names[use.file] for use in part.column.adapters]
        try:
            with active(bundle, part.column, used, self.config.sample.guidance) as steering:
                self._draw(bundle, missing, steering, answering)
        finally:
            self._time(part.label, time.monotonic() - began, answering.done)

    def _draw(
        self,
        bundle: "Bundle",
        rows: Sequence[Row],
        steering: "Steering | None",
        answering: "Answering",
    ) -> None:
        from studio.evaluation.pictures import at_once, draw_all

        batch = at_once(bundle)
        drawn = draw_all(
            bundle,
            [row.prompt for row in rows],
            [row.seed for row in rows],
            self.config.sample,
            steering=steering,
            batch=batch,
            on_step=self._step,
            cut=True,
        )
        made = zip(_batches(rows, batch), drawn, strict=True)
        beside(made, lambda pair: answering.keep(*pair), self._step)

    def _step(self) -> None:
        """Between two steps of the sampler: tell how far it is, and end when asked to."""
        self.stop_if_asked()
        if time.monotonic() - self._written < HEARTBEAT_SECONDS:
            return
        if self.share.rank and self.folder.stored_status().state is State.FAILED:
            raise Stopped  # the first process, which would have told the end
        step, now = self.folder.count_answers(), time.monotonic()
        if step > self.status.step:
            self._pace = (now - self._began) / (step - self._before)
            self._end = now + self._pace * (self.status.total - step)
        left = max(0.0, self._end - now) if self._pace else None
        self._say(step=step, seconds_per_step=self._pace, seconds_left=left)

    def _time(self, label: str, seconds: float, pictures: int) -> None:
        if self.share.rank == 0:
            old_seconds, old_pictures = self.folder.timing(label)
            self.folder.write_timing(label, old_seconds + seconds, old_pictures + pictures)

    def _wait_for_others(self) -> None:
        since = uptime()
        while self.share.rank == 0 and self.folder.count_answers() < self.status.total:
            self._step()
            look_after(self.folder, self.share, since)
            time.sleep(POLL_SECONDS)

    def _write_status(self) -> None:
        if self.share.rank == 0:
            self.folder.write_status(self.status)
        else:
            self.folder.write_rank_status(self.share.rank, self.status)


def _batches(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def explain(error: Exception) -> tuple[str, str]:
    """What happened and what to do, for a failure nobody expected."""
    if "out of memory" in str(error).lower():
        return (
            "The memory of the GPU ran out.",
            "Close other programs that use the GPU, then resume the evaluation.",
        )
    return (
        f"The evaluation broke: {type(error).__name__}: {error}",
        "This is a mistake in the studio. The log has the details; please report it.",
    )


def main() -> int:
    """Evaluate the folder named on the command line."""
    if len(sys.argv) != 2:
        print("usage: python -m studio.jobs.evaluator FOLDER", file=sys.stderr)
        return 2
    Evaluator(EvaluationFolder(Path(sys.argv[1])), Share.of()).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
