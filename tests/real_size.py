"""`python -m tests.real_size [--kinds sd-1 ...] [--json]`: seconds and memory at real size.

Trains a few steps with every method and draws with every guidance on random weights, through the
studio's own code: what does not fit or does not run on this device shows here.
"""

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from studio.config import Column, Concept, ModelCard, Precision, RunConfig, SampleConfig
from studio.errors import StudioError
from studio.evaluation.columns import active
from studio.evaluation.pictures import at_once, draw_all
from studio.jobs.worker import trained_card
from studio.models import adapters, full_weights, loading
from studio.models.loading import Bundle, load_bundle
from studio.models.sampler import initial_latents, predict
from studio.models.text import encode
from studio.presets import find_model, find_pack, resolve
from studio.safeguards import find_method_preset, load_guidances
from studio.training.distil import STUDENT, TEACHER, Distillation
from studio.training.editing import Editing
from studio.training.inversion import Inversion
from studio.training.state import Resumable
from tests.real_sizes import KINDS, made

METHODS = ("sdd", "esd-x-lora", "esd-u-lora", "esd-x-paper", "esd-u-paper", "safegen", "hfi")
GUIDANCES = ("", "neg", "sld-medium", "sega-medium")
PACK = "style-van-gogh"
HEAD = (
    "| model | what | batch | a step or a picture, s | with its share of drawing, s | peak, GB |\n"
    "| --- | --- | ---: | ---: | ---: | ---: |\n"
)
REAL = ("sd-1", "sd-2", "sdxl")
LETTERS = {"name": "hfi", "init": "a", "vectors": 2}  # the tokenizer's words are letters


def real_bundle(kind: str, folder: Path, precision: Precision = "half") -> Bundle:
    """What `load_bundle` makes of such a model."""
    device, dtype = loading.choose_device(precision)
    pipeline = made(kind, folder, device, dtype)
    card = find_model(KINDS[kind][0]).model_copy(
        update={"size_px": None, "id": kind, "source": str(folder), "precision": precision}
    )
    before = loading._pipeline
    loading._pipeline = lambda *_: pipeline
    try:
        return load_bundle(card)
    finally:
        loading._pipeline = before


def settings_of(name: str, card: ModelCard, steps: int) -> RunConfig:
    """A run of one of `METHODS` with the settings a person would get."""
    pack = find_pack(PACK)
    rows: dict[str, Any] = {"overrides": {"steps": steps}}
    if name == "hfi":
        words = (Concept(name="<taste>"),)
        return resolve(pack.model_copy(update={"remove": words}), card, method=LETTERS, **rows)
    if name in ("sdd", "safegen"):
        return resolve(pack, card, method={"name": name}, **rows)
    return resolve(pack, card, preset=find_method_preset(name), **rows)


def trainer(bundle: Bundle, name: str, config: RunConfig) -> Resumable:
    """The trainer of one of `METHODS`, with pictures of noise where it needs pictures."""
    rng, side = np.random.default_rng(0), bundle.size_px
    pictures = [
        Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)) for _ in range(6)
    ]
    if name == "hfi":
        return Inversion(bundle, config, pictures, [1.0, 0.8, 0.6, 0.4, 0.2, 0.0], [0] * 6)
    if name == "safegen":
        return Editing(bundle, config, [tuple(pictures[:3]), tuple(pictures[3:])])
    return Distillation(bundle, config)


@contextmanager
def measured(row: dict[str, Any]) -> Iterator[None]:
    """Put peak memory (GB, of the GPU) into the row."""
    cuda = torch.cuda.is_available()
    gc.collect()
    if cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    yield
    row["peak_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2) if cuda else None


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, the GPU's work included."""
    began = time.monotonic()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.monotonic() - began


def train(bundle: Bundle, name: str, steps: int, folder: Path) -> dict[str, Any]:
    """Train; what a step costs, and the adapter taken away and put back on the same weights."""
    config = settings_of(name, bundle.card, steps)
    row: dict[str, Any] = {"kind": bundle.card.id, "what": name, "batch": config.train.batch}
    with measured(row):
        run = trainer(bundle, name, config)
        records = list(run.steps())
        row["loss"] = [round(record.loss, 5) for record in records]
        a_step = statistics.median(record.seconds for record in records[1:])
        row["step_s"] = round(a_step, 3)
        if isinstance(run, Distillation):
            row |= _drawing(run, a_step, config.train.batch)
    parts = run._weights().items()
    row["weights"] = sum(value.numel() for name, value in parts if not name.endswith("/A"))
    file = folder / f"{bundle.card.id}-{name}.safetensors"
    run.save(file, {})
    row["file_mb"] = round(file.stat().st_size / 1e6, 1)
    if not isinstance(run, Inversion):
        row["reloaded"] = _reloaded(bundle, run.saved_view, file)
        _forget(bundle, "again")
    return row


def _forget(bundle: Bundle, *views: str) -> None:
    for view in views:
        if full_weights.tensors(bundle.unet, view):
            full_weights.drop(bundle.unet, view)
    bundle.unet.unload_lora()


def _drawing(run: Distillation, a_step: float, batch: int) -> dict[str, float]:
    """Seconds of one drawing of latents, and a step's share of all drawings added to the step."""
    stream, cfg = run._streams["removed"], run.settings
    chosen = [row % stream._texts for row in range(cfg.rollouts)]
    spent = seconds(lambda: stream._draw(chosen))
    often = batch / (cfg.rollouts * cfg.levels)
    share = len(run._streams) * spent * often if often < 1 else 0.0  # 1: each step draws already
    return {"drawing_s": round(spent, 2), "whole_step_s": round(a_step + share, 3)}


@torch.no_grad()
def _reloaded(bundle: Bundle, view: str, file: Path) -> bool:
    """Whether the file makes the same predictions as what was trained, and not those of the base.

    Raises:
        AssertionError: it changes nothing.
    """
    z, states = initial_latents(bundle, [1]), encode(bundle, ["a"])
    t = torch.tensor(500, device=bundle.device)

    def seen(*views: str) -> torch.Tensor:
        with adapters.use(bundle.unet, *views):
            return predict(bundle, z, t, states)

    trained, base = seen(view), seen()
    _forget(bundle, view, STUDENT, TEACHER)
    adapters.load_adapter(bundle.unet, file, "again")
    again = seen("again")
    assert not trained.equal(base), f"{file.name} changes nothing"
    return bool(torch.allclose(again, trained, rtol=0.02, atol=0.02 * float(base.abs().max())))


def draw(bundle: Bundle, guidance: str, steps: int) -> dict[str, Any]:
    """Draw one batch; what a picture costs."""
    row: dict[str, Any] = {"kind": bundle.card.id, "what": f"draw {guidance or 'original'}"}
    count = at_once(bundle)
    column = (
        Column(guidance=load_guidances()[guidance], concepts=("van",)) if guidance else Column()
    )
    sample = SampleConfig(steps=steps, guidance=7.5)
    with measured(row), active(bundle, column, [], sample.guidance) as steering:

        def once() -> None:
            pictures = list(
                draw_all(
                    bundle,
                    ["a"] * count,
                    list(range(count)),
                    sample,
                    steering=steering,
                    batch=count,
                )
            )
            assert bool(torch.isfinite(pictures[0]).all())

        once()
        spent = seconds(once)
    return {**row, "batch": count, "picture_s": round(spent / count, 3), "steps": steps}


def measure(
    kind: str, methods: list[str], guidances: list[str], steps: int, sampler_steps: int
) -> Iterator[dict[str, Any]]:
    """A row for each method and each guidance on a model of this kind."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        began = time.monotonic()
        bundle = real_bundle(kind, folder)
        size = sum(weight.numel() for weight in bundle.unet.parameters())
        yield {
            "kind": kind,
            "what": "model",
            "denoiser_weights": size,
            "px": bundle.size_px,
            "dtype": str(bundle.dtype),
            "made_s": round(time.monotonic() - began, 1),
        }
        for guidance in guidances:
            yield draw(bundle, guidance, sampler_steps)
        for name in methods:
            try:
                precision = trained_card(settings_of(name, bundle.card, steps)).precision
                if precision != bundle.card.precision:
                    del bundle
                    gc.collect()
                    bundle = real_bundle(kind, folder, precision)
                yield train(bundle, name, steps, folder)
            except StudioError as error:
                yield {"kind": kind, "what": name, "refused": error.what}
            except torch.OutOfMemoryError as error:
                yield {"kind": kind, "what": name, "out_of_memory": str(error).splitlines()[0]}
                del bundle
                gc.collect()
                bundle = real_bundle(kind, folder)


def as_line(row: dict[str, Any]) -> str:
    """The row of a table of Markdown."""
    if row["what"] == "model":
        size = f"{row['denoiser_weights'] / 1e6:.0f} M weights, {row['px']} px, {row['dtype']}"
        return f"| **{row['kind']}** | {size} | | | | |"
    if "refused" in row or "out_of_memory" in row:
        return f"| | {row['what']} | | {row.get('refused') or row['out_of_memory']} | | |"
    took = row.get("picture_s", row.get("step_s"))
    whole = row.get("whole_step_s", "")
    return f"| | {row['what']} | {row['batch']} | {took} | {whole} | {row['peak_gb']} |"


def main(arguments: list[str] | None = None) -> int:
    """Read the arguments, measure, print a row each."""
    parser = argparse.ArgumentParser(prog="tests.real_size", description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), help="default: the real ones")
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=list(METHODS))
    parser.add_argument("--guidances", nargs="*", choices=GUIDANCES, default=list(GUIDANCES))
    parser.add_argument("--steps", type=int, default=6, help="of each training; default 6")
    parser.add_argument("--sampler-steps", type=int, default=25, help="of each picture")
    parser.add_argument("--json", action="store_true", help="print one line of JSON a row")
    args = parser.parse_args(arguments)
    if not args.kinds and not torch.cuda.is_available():
        parser.error("There is no GPU here, on which real sizes are measured. Or try --kinds tiny.")
    print("" if args.json else HEAD, end="")
    for kind in args.kinds or REAL:
        for row in measure(kind, args.methods, args.guidances, args.steps, args.sampler_steps):
            print(json.dumps(row) if args.json else as_line(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
