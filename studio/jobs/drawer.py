"""`python -m studio.jobs.drawer`: draws pictures for the page and the command line.

A process of its own that keeps one model loaded. A line of JSON in is a job; lines of JSON out are
its progress, then its end. It ends when its input closes.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from studio.config import Column, ModelCard
from studio.errors import StudioError
from studio.files import fingerprint
from studio.jobs.drawing import DrawJob, Picture, parameters
from studio.world import ROOT

BATCH = 8
MOST_ADAPTERS, MOST_BYTES = 8, 2_000_000_000  # files of full weights have gigabytes each


class Drawer:
    """Keeps the last model and its adapters."""

    def __init__(self) -> None:
        self._card: ModelCard | None = None
        self._files: list[tuple[str, int, int]] = []  # of the model, as they were when loaded
        self._bundle: Any = None
        self._adapters: dict[str, str] = {}  # file and time -> name in the model
        self._bytes = 0  # of the files of these adapters
        self._count = 0

    def draw(self, job: DrawJob) -> Iterator[dict[str, Any]]:
        """Draw what is not on disk yet; a record of progress after each batch."""
        missing = [picture for picture in job.pictures if not Path(picture.file).exists()]
        yield {"done": len(job.pictures) - len(missing), "total": len(job.pictures)}
        if missing:
            from studio.models.text import refuse_long

            self._load(job.model)
            refuse_long(self._bundle, [picture.prompt for picture in missing])
            self._make_room()
        drawn = len(job.pictures) - len(missing)
        broken: list[str] = []
        for place, column in enumerate(job.columns):
            rows = [picture for picture in missing if picture.column == place]
            for start in range(0, len(rows), BATCH):
                part = rows[start : start + BATCH]
                broken += self._draw_part(job, part, column)
                drawn += len(part)
                yield {"done": drawn, "total": len(job.pictures)}
        if broken:
            from studio.models.finite import not_finite

            raise not_finite(len(broken), len(job.pictures), broken[0])
        yield {"finished": True}

    def _load(self, card: ModelCard) -> None:
        from studio.models.loading import load_bundle

        files = fingerprint(ROOT / card.source)
        if (self._card, self._files) != (card, files):
            self._bundle, self._adapters, self._card, self._bytes = None, {}, None, 0
            self._bundle, self._card, self._files = load_bundle(card), card, files

    def _adapter(self, file: Path) -> str:
        from studio.models.adapters import load_adapter
        from studio.models.lora_keys import settings_file

        parts = [file, settings_file(file)]
        key = f"{file}:{[fingerprint(part) for part in parts if part]}"
        if key not in self._adapters:
            self._count += 1
            load_adapter(self._bundle.unet, file, f"drawn{self._count}")
            self._adapters[key] = f"drawn{self._count}"
            self._bytes += file.stat().st_size
        return self._adapters[key]

    def _make_room(self) -> None:
        from studio.models.adapters import drop_adapter

        if len(self._adapters) > MOST_ADAPTERS or self._bytes > MOST_BYTES:
            for name in self._adapters.values():
                drop_adapter(self._bundle.unet, name)
            self._adapters, self._bytes = {}, 0

    def _draw_part(self, job: DrawJob, part: list[Picture], column: Column) -> list[str]:
        """Draw and save; gives the prompts whose pictures are not finite, and so are none."""
        from studio.evaluation.columns import active
        from studio.evaluation.pictures import draw_all
        from studio.models.finite import finite_rows
        from studio.models.sampler import to_pil
        from studio.pictures import save_png

        prompts, seeds = [row.prompt for row in part], [row.seed for row in part]
        names = [self._adapter(Path(use.file)) for use in column.adapters]
        began = time.monotonic()
        with active(self._bundle, column, names, job.sample.guidance) as steering:
            pictures = next(
                draw_all(self._bundle, prompts, seeds, job.sample, steering=steering, batch=BATCH)
            )
        spent = round((time.monotonic() - began) / len(part), 3)
        whole = finite_rows(pictures)
        kept, pictures = (
            [row for row, good in zip(part, whole, strict=True) if good],
            pictures[whole],
        )
        for row, image, seen in zip(kept, to_pil(pictures), self._see(job, pictures), strict=True):
            about = parameters(job.model, job.sample, column, row.prompt, row.seed)
            about |= seen | {"seconds": spent}
            save_png(image, Path(row.file), about)
        return [row.prompt for row, good in zip(part, whole, strict=True) if not good]

    @staticmethod
    def _see(job: DrawJob, pictures: Any) -> list[dict[str, object]]:
        from studio.evaluation.judge import load_judge

        judge = load_judge(job.model.judge)
        if judge is None or not len(pictures):
            return [{}] * len(pictures)
        return [
            {"judge": judge.id, "judge_sees": list(seen.objects), "judge_style": seen.style}
            for seen in judge.see(pictures)
        ]


def main() -> int:
    """Answer jobs until the input ends."""
    drawer = Drawer()
    for line in sys.stdin:
        try:
            for record in drawer.draw(DrawJob(**json.loads(line))):
                _say(record)
        except StudioError as error:
            _say({"what": error.what, "way_out": error.way_out})
        except OSError as error:
            what = f"A file could not be written or read: {error.strerror or error}."
            _say({"what": what, "way_out": "Make room on the disk, then draw again."})
        except Exception as error:
            import traceback

            traceback.print_exc()
            _say({"what": f"The drawing broke: {error}", "way_out": "Look at the log."})
    return 0


def _say(record: dict[str, Any]) -> None:
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
