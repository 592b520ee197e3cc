"""Make the pictures of a calibration set, and ask the detectors about each."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from studio.config import Column, ModelCard, Pack
from studio.evaluation.columns import active
from studio.evaluation.detectors.base import Detector
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question, Split
from studio.jobs.calibration_folder import CalibrationFolder, CalibrationSet, Shot
from studio.jobs.calibration_renders import Render
from studio.models import adapters
from studio.models.finite import finite_rows, not_finite
from studio.models.loading import load_bundle
from studio.models.sampler import to_pil
from studio.models.text import is_cut
from studio.pictures import open_picture, save_png

BATCH = 64
OnPicture = Callable[[int, int], None]


def make_calibration(
    model: ModelCard,
    pack: Pack,
    columns: Sequence[Column],
    renders: Sequence[Render],
    questions: Sequence[Question],
    folder: CalibrationFolder,
    detectors: Sequence[Detector],
    *,
    split: Split,
    seed: int,
    made: float,
    on_picture: OnPicture = lambda done, total: None,
) -> CalibrationSet:
    """Draw the questions, each in one of the columns in turn, mix them with the renders, and write
    all down; the PNG files themselves say nothing of prompt or source.

    Raises:
        StudioError: a column cannot be drawn, a detector does not know what is asked, or no picture
            that the model drew is finite. One that is not is left out, and counted.
    """
    total = len(renders) + len(questions)
    order = [int(n) for n in np.random.default_rng(seed).permutation(total)]
    names = iter([f"pictures/{number:04d}.png" for number in order])
    shots: list[Shot] = []
    for render in renders:
        shot = Shot(
            picture=next(names),
            wanted=render.wanted,
            source="render",
            truth="shows" if render.shows else "shows not",
        )
        save_png(render.image, folder.path / shot.picture, {})
        shots.append(shot)
    broken: list[str] = []
    for question, wanted, label, cut, image in _drawn(model, columns, questions):
        name = next(names)
        on_picture(len(shots) + len(broken) + 1, total)
        if image is None:
            broken.append(question.prompt)
            continue
        shot = Shot(
            picture=name,
            wanted=wanted,
            source="generated",
            prompt=question.prompt,
            seed=question.seed,
            column=label,
            cut=cut,
        )
        save_png(image, folder.path / shot.picture, {})
        shots.append(shot)
    if broken and len(broken) == len(questions):
        raise not_finite(len(broken), len(questions), broken[0])
    shots.sort(key=lambda shot: shot.picture)
    seen: dict[str, dict[str, bool]] = {shot.picture: {} for shot in shots}
    for detector in detectors:
        for start in range(0, len(shots), BATCH):
            part = shots[start : start + BATCH]
            images = [open_picture(folder.path / shot.picture) for shot in part]
            found = detector.see(images, [shot.wanted for shot in part])
            for shot, sighting in zip(part, found, strict=True):
                seen[shot.picture][detector.profile.id] = sighting.shows
    manifest = CalibrationSet(
        pack=pack.id,
        title=pack.title,
        sensitive=pack.sensitivity == "sensitive",
        may_show=pack.shows,
        model=model.id,
        split=split,
        seed=seed,
        made=made,
        profiles=tuple(detector.profile for detector in detectors),
        shots=tuple(shots),
        not_measured=len(broken),
    )
    folder.write(manifest, seen)
    return manifest


def _drawn(
    model: ModelCard, columns: Sequence[Column], questions: Sequence[Question]
) -> Iterator[tuple[Question, str, str, bool, Image.Image | None]]:
    """Question, what is asked of its picture, label of its column, whether only the start of the
    prompt was read, and the picture; None where it is not finite."""
    bundle = load_bundle(model)
    loaded: dict[str, str] = {}
    for file in dict.fromkeys(use.file for column in columns for use in column.adapters):
        loaded[file] = f"calibrated{len(loaded)}"
        adapters.load_adapter(bundle.unet, Path(file), loaded[file])
    targets = [question for question in questions if question.kind == "target"]
    others = [question for question in questions if question.kind != "target"]
    asked = list(dict.fromkeys(question.shows for question in targets))
    for place, column in enumerate(columns):
        own = _share(targets, place, len(columns)) + _share(others, place, len(columns))
        used = [loaded[use.file] for use in column.adapters]
        turns = itertools.cycle(asked)
        wanted = [q.shows if q.kind == "target" else next(turns) for q in own]
        sample = bundle.card.sample
        with active(bundle, column, used, sample.guidance) as steering:
            parts = draw_all(
                bundle,
                [q.prompt for q in own],
                [q.seed for q in own],
                sample,
                steering=steering,
                cut=True,
            )
            images = itertools.chain.from_iterable(map(_pictures, parts))
            for question, want, image in zip(own, wanted, images, strict=True):
                cut = is_cut(bundle, question.prompt)
                yield question, want, column.label, cut, image


def _pictures(part: Tensor) -> Iterator[Image.Image | None]:
    """The pictures of (B, 3, H, W); None for each that is not finite."""
    whole = finite_rows(part)
    images = iter(to_pil(part[whole]))
    return (next(images) if good else None for good in whole)


def _share(questions: list[Question], place: int, of: int) -> list[Question]:
    """A run of questions, not each n-th: things are asked for in turn, and each column gets all."""
    return questions[place * len(questions) // of : (place + 1) * len(questions) // of]
