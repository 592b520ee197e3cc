"""Draw original and safeguarded pictures: same prompt, same seed, same sampler."""

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.config import Column, ModelCard, SampleConfig
from studio.errors import StudioError, not_writable
from studio.files import fingerprint
from studio.jobs.drawing import DrawJob
from studio.limits import PICTURES
from studio.models.lora_keys import settings_file
from studio.pictures import cover_of, read_parameters
from studio.presets import check
from studio.records import Behind, Drawn
from studio.services.drawable import must_be_drawable, pairs_of, understanding_alike
from studio.services.processes import worker_environment
from studio.services.queue import Queue
from studio.services.waiting import in_turn
from studio.world import ROOT

IDLE_SECONDS, LOOK_SECONDS = 600.0, 2.0


@dataclass(frozen=True)
class Request:
    """What to draw: every prompt in every column, each prompt with its seed."""

    model: ModelCard
    sample: SampleConfig
    prompts: tuple[str, ...]
    seeds: tuple[int, ...]  # one a prompt, or one for all
    columns: tuple[Column, ...] = (Column(),)
    sensitive: bool = False
    folder: Path | None = None  # where the pictures go; None: beside all others


@dataclass(frozen=True)
class Drawing:
    """How far a drawing is; `pictures` is there when it is finished, prompt by prompt.

    Attributes:
        behind: what it waits for before it begins.
    """

    done: int
    total: int
    pictures: tuple[Drawn, ...] = ()
    finished: bool = False
    behind: Behind | None = None


def sampled(sample: SampleConfig, **changes: float | str | None) -> SampleConfig:
    """Sampler settings with some changed; None leaves one as it is.

    Raises:
        StudioError: a value is out of range.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    return check(SampleConfig, {**sample.model_dump(), **given}, "Settings")


class Compare:
    """Draws through one drawer process, started when first needed and ended when idle.

    Args:
        folder: where pictures go. queue: the line in which a drawing waits for its turn; without
            one it begins at once.
    """

    def __init__(self, folder: Path, queue: Queue | None = None) -> None:
        self.folder, self.queue = Path(folder), queue
        self._process: subprocess.Popen[str] | None = None
        self._turn = 0  # of the newest drawing; an older one that nobody reads any more ends
        self._at_work = False
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def draw(self, request: Request) -> Iterator[Drawing]:
        """Draw; says how far it is, and ends with the pictures unless it is stopped.

        A new drawing takes the place of one that was left half-way, such as by a page that closed.

        Raises:
            StudioError: no prompt, no adapter, the model cannot be loaded, or the studio is a
                viewer.
        """
        job = self._job(request)
        if all(Path(picture.file).exists() for picture in job.pictures):
            yield _finished(request, job)
            return
        if self.queue:
            self.queue.may_change()
        turn = self._begin()
        try:
            with in_turn(self.queue, lambda: self._turn != turn) as place:
                for behind in place.waiting():
                    yield Drawing(0, len(job.pictures), behind=behind)
                if place.mine:
                    yield from self._draw(request, job, turn)
        finally:
            self._end(turn)

    def _draw(self, request: Request, job: DrawJob, turn: int) -> Iterator[Drawing]:
        try:
            for record in self._answers(job):
                if self._turn != turn:
                    return
                if "what" in record:
                    raise StudioError(record["what"], record["way_out"])
                if record.get("finished"):
                    yield _finished(request, job)
                else:
                    yield Drawing(record["done"], record["total"])
        except StudioError:
            if self._turn == turn:  # otherwise it was ended on purpose
                raise

    def stop(self) -> None:
        """End the drawing at work, if there is one; pictures that are on disk stay."""
        with self._lock:
            self._turn += 1
            if self._at_work:
                self.close()
            self._at_work = False

    def _begin(self) -> int:
        self.stop()
        with self._lock:
            if self._timer:
                self._timer.cancel()
            self._at_work = True
            return self._turn

    def _end(self, turn: int) -> None:
        with self._lock:
            if self._turn != turn:
                return
            self._at_work = False
            self._rest(time.monotonic() + IDLE_SECONDS)

    def _rest(self, until: float) -> None:
        self._timer = threading.Timer(LOOK_SECONDS, self._look, (until,))
        self._timer.daemon = True
        self._timer.start()

    def _look(self, until: float) -> None:
        """End the drawer when it was idle for long, or when others need the memory."""
        needed = self.queue is not None and self.queue.busy()
        with self._lock:
            if self._at_work or self._timer is not threading.current_thread():
                return
            if needed or time.monotonic() > until:
                self.close()
            else:
                self._rest(until)

    def drawn_before(self, request: Request) -> tuple[Drawn, ...] | None:
        """The pictures of a request if all of them lie on disk; starts no drawer."""
        job = self._job(request)
        if not all(Path(picture.file).exists() for picture in job.pictures):
            return None
        return _drawn(request, job)

    def close(self) -> None:
        """End the drawer and free its memory."""
        process, self._process = self._process, None
        if process is not None:
            with process:  # closes its pipes and waits for it
                process.terminate()

    def _job(self, request: Request) -> DrawJob:
        asked = pairs_of(request.prompts, request.seeds)
        if not asked:
            raise StudioError("There is nothing to draw.", "Write a prompt, one a line.")
        count = len(asked) * len(request.columns)
        if count > PICTURES:
            raise StudioError(
                f"{count} pictures are too many for one drawing.", f"Ask for {PICTURES} at most."
            )
        for prompt, seed in asked:
            must_be_drawable(prompt, seed)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(self.folder, error) from error
        columns = understanding_alike(request.columns)
        pictures = [
            {
                "prompt": prompt,
                "seed": seed,
                "column": place,
                "file": str(self._file(request, prompt, seed, column)),
            }
            for prompt, seed in asked
            for place, column in enumerate(columns)
        ]
        values = {"model": request.model, "sample": request.sample, "columns": columns}
        return check(DrawJob, {**values, "pictures": pictures}, "This drawing")

    def _file(self, request: Request, prompt: str, seed: int, column: Column) -> Path:
        files = [use.file for use in column.adapters] + [token.file for token in column.tokens]
        paths = [Path(file) for file in files]
        weights = [ROOT / request.model.source, *paths, *filter(None, map(settings_file, paths))]
        parts = [
            request.model.model_dump(mode="json"),
            request.sample.model_dump(mode="json"),
            prompt,
            seed,
            column.model_dump(mode="json"),
            [fingerprint(place) for place in weights],
        ]
        name = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]
        return (request.folder or self.folder) / f"{name}.png"

    def _answers(self, job: DrawJob) -> Iterator[dict[str, Any]]:
        process = self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(job.model_dump_json() + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            self.close()
        ended = False
        try:
            for line in self._lines(process):
                record: dict[str, Any] = json.loads(line)
                ended = bool(record.get("finished") or "what" in record)
                yield record
                if ended:
                    return
        finally:
            if not ended and self._process is process:
                self.close()  # left half-way: what it still says must not answer the next job
        raise StudioError(
            "The drawing process ended without a message; the memory may have run out.",
            "Close other programs, or draw fewer pictures at once.",
        )

    @staticmethod
    def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
        assert process.stdout is not None
        while not process.stdout.closed and (line := process.stdout.readline()):
            if line.startswith("{"):
                yield line

    def _start(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            with (self.folder / "drawer.log").open("w") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "studio.jobs.drawer"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=worker_environment(),
                    encoding="utf-8",
                )
        return self._process


def _finished(request: Request, job: DrawJob) -> Drawing:
    pictures = _drawn(request, job)
    return Drawing(len(pictures), len(pictures), pictures, finished=True)


def _drawn(request: Request, job: DrawJob) -> tuple[Drawn, ...]:
    found = []
    for picture in job.pictures:
        file = Path(picture.file)
        about = read_parameters(file)
        sees = about.get("judge_sees")
        found.append(
            Drawn(
                picture.prompt,
                picture.seed,
                job.columns[picture.column].label,
                file,
                cover_of(file) if request.sensitive else None,
                tuple(sees) if isinstance(sees, list) else None,
                str(about.get("judge_style", "")),
                float(str(about["seconds"])) if "seconds" in about else None,
            )
        )
    return tuple(found)
