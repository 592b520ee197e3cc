"""Keep what was drawn, ask the detectors, and append a line a picture; runs beside the drawing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image
from torch import Tensor

from studio import durable
from studio.config import Column
from studio.evaluation.detectors.base import Detector
from studio.evaluation.findings import Row
from studio.jobs.drawing import parameters
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.models.finite import finite_rows
from studio.models.sampler import to_pil
from studio.pictures import open_picture, save_png


class Answering:
    """One column's pictures and answers, as one process writes them.

    Attributes:
        done: pictures answered by this process.
    """

    def __init__(
        self,
        folder: EvaluationFolder,
        label: str,
        column: Column,
        rank: int,
        detectors: Mapping[str, Detector],
    ) -> None:
        config = folder.config
        self._folder, self._label, self._column = folder, label, column
        self._detectors = detectors
        self._model, self._sample = config.model, config.sample
        self._file = folder.answer_file(label, rank)
        self.done = 0
        self._file.parent.mkdir(parents=True, exist_ok=True)
        durable.drop_half_line(self._file)

    def keep(self, rows: Sequence[Row], pictures: Tensor) -> None:
        """Save what was drawn of these rows, then answer; what is not finite is not measured.

        Args:
            pictures: (B, 3, H, W), -1..1, a picture for each row.
        """
        whole = finite_rows(pictures)
        broken = [row.row for row, good in zip(rows, whole, strict=True) if not good]
        rows = [row for row, good in zip(rows, whole, strict=True) if good]
        images = to_pil(pictures[whole])
        for row, image in zip(rows, images, strict=True):
            about = parameters(self._model, self._sample, self._column, row.prompt, row.seed)
            save_png(image, self._folder.picture(self._label, row.row), about)
        if rows:
            self._answer(rows, images)
        if broken:
            lines = [{"row": row, "seen": {}, "labels": {}, "broken": True} for row in broken]
            self._write(lines)
            self._folder.log(
                f"{len(broken)} pictures of {self._label} are no numbers (NaN): not measured."
            )

    def look_again(self, rows: Sequence[Row]) -> None:
        """Answer rows whose pictures are there, drawn before an end that nobody wanted."""
        images = []
        for row in rows:
            images.append(open_picture(self._folder.picture(self._label, row.row)))
        self._answer(rows, images)

    def _answer(self, rows: Sequence[Row], images: Sequence[Image.Image]) -> None:
        two = [place for place, row in enumerate(rows) if row.also]
        asked = [*(row.shows for row in rows), *(rows[place].also for place in two)]
        looked_at = [*images, *(images[place] for place in two)]
        lines: list[dict[str, Any]] = [{"row": row.row, "seen": {}, "labels": {}} for row in rows]
        for name, detector in self._detectors.items():
            found = detector.see(looked_at, asked)
            for line, sighting in zip(lines, found, strict=False):
                line["seen"][name] = sighting.shows
                line["labels"][name] = sighting.labels
            for place, sighting in zip(two, found[len(rows) :], strict=True):
                lines[place].setdefault("also", {})[name] = sighting.shows
        self._write(lines)

    def _write(self, lines: Sequence[dict[str, Any]]) -> None:
        durable.append(self._file, "".join(json.dumps(line) + "\n" for line in lines))
        self.done += len(lines)
