"""`python -m studio.jobs.drawer`: draws pictures for the page and the command line.

A process of its own that keeps one model loaded. A line of JSON in is a job; lines of JSON out are
its progress, then its end. It ends when its input closes.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from studio.config import ModelCard, SampleConfig
from studio.errors import StudioError
from studio.jobs.drawing import DrawJob, Picture

BATCH = 8


class Drawer:
    """Keeps the last model and its adapters."""

    def __init__(self) -> None:
        self._card: ModelCard | None = None
        self._bundle: Any = None
        self._adapters: dict[str, str] = {}

    def draw(self, job: DrawJob) -> Iterator[dict[str, Any]]:
        """Draw what is not on disk yet; a record of progress after each batch."""
        missing = [picture for picture in job.pictures if not Path(picture.file).exists()]
        yield {"done": len(job.pictures) - len(missing), "total": len(job.pictures)}
        if missing:
            self._load(job.model)
        drawn = len(job.pictures) - len(missing)
        for strength in sorted({picture.strength for picture in missing}):
            rows = [picture for picture in missing if picture.strength == strength]
            for start in range(0, len(rows), BATCH):
                part = rows[start : start + BATCH]
                self._draw_part(job, part, strength)
                drawn += len(part)
                yield {"done": drawn, "total": len(job.pictures)}
        yield {"finished": True}

    def _load(self, card: ModelCard) -> None:
        from studio.models.loading import load_bundle

        if self._card != card:
            self._bundle, self._adapters, self._card = None, {}, None
            self._bundle, self._card = load_bundle(card), card

    def _adapter(self, file: Path) -> str:
        from studio.models.adapters import drop_adapter, load_adapter

        key = f"{file}:{file.stat().st_mtime_ns if file.exists() else 0}"
        if key not in self._adapters:
            for name in self._adapters.values():
                drop_adapter(self._bundle.unet, name)
            self._adapters = {}
            load_adapter(self._bundle.unet, file, "drawn")
            self._adapters[key] = "drawn"
        return self._adapters[key]

    def _draw_part(self, job: DrawJob, part: list[Picture], strength: float) -> None:
        from studio.evaluation.pictures import draw_all
        from studio.models.adapters import set_strength, use
        from studio.models.sampler import to_pil
        from studio.pictures import save_png

        names: tuple[str, ...] = ()
        if strength and job.adapter:
            names = (self._adapter(Path(job.adapter)),)
            set_strength(self._bundle.unet, names[0], strength)
        prompts, seeds = [row.prompt for row in part], [row.seed for row in part]
        with use(self._bundle.unet, *names):
            pictures = next(draw_all(self._bundle, prompts, seeds, job.sample, batch=BATCH))
        for row, image, seen in zip(part, to_pil(pictures), self._see(job, pictures), strict=True):
            save_png(image, Path(row.file), self._parameters(job, row) | seen)

    @staticmethod
    def _parameters(job: DrawJob, row: Picture) -> dict[str, object]:
        sample: SampleConfig = job.sample
        return {
            "prompt": row.prompt,
            "seed": row.seed,
            "steps": sample.steps,
            "cfg_scale": sample.guidance,
            "sampler": sample.sampler.upper(),
            "model": job.model.id,
            "adapter": job.adapter_name if row.strength else "none",
            "strength": row.strength,
        }

    @staticmethod
    def _see(job: DrawJob, pictures: Any) -> list[dict[str, object]]:
        from studio.evaluation.judge import load_judge

        judge = load_judge(job.model.judge)
        if judge is None:
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
        except Exception as error:
            import traceback

            traceback.print_exc()
            _say({"what": f"The drawing broke: {error}", "way_out": "Look at the log."})
    return 0


def _say(record: dict[str, Any]) -> None:
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
