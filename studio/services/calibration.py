"""Calibration sets: make one, and say from its labels how far the judge can be trusted."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.config import Column, ModelCard, Pack
from studio.errors import StudioError, not_writable
from studio.evaluation.balanced import half_and_half
from studio.evaluation.comparison import Calibration
from studio.evaluation.detectors import get_detector, load_detectors, missing
from studio.evaluation.findings import Agreement, Profile
from studio.evaluation.labels import Settled, calibration, compare, compare_raters
from studio.evaluation.rates import wilson
from studio.evaluation.worlds import knows, refuse_strangers
from studio.files import is_name, place_of
from studio.jobs.calibration_folder import (
    SOURCES,
    CalibrationFolder,
    CalibrationSet,
    Shot,
    Source,
)
from studio.presets import load_models
from studio.records import Rate
from studio.world import ROOT

FOLDER = "calibrations"
ICONS = ROOT / "build" / "icon-world" / "npm"  # where `python -m studio.iconworld fetch` puts them
JUDGES = "icon-world"  # kind of detector, and name of the first judge
SEED = 101  # other pictures than those that are evaluated


@dataclass(frozen=True)
class Measured:
    """How a detector did on pictures of one source.

    Attributes:
        pictures: of this source. known: with a truth; for renders all, else those that people
            agree about. unsure, contested: labelled, but nobody is sure, or people disagree.
        unlabelled: that nobody looked at; of renders none, because their truth is known.
    """

    source: Source
    pictures: int
    known: int
    unsure: int
    contested: int
    unlabelled: int
    calibration: Calibration
    sensitivity: Rate
    specificity: Rate


@dataclass(frozen=True)
class Outcome:
    """All that a set says of one detector.

    Attributes:
        agreement: of the detector and people on everything they labelled.
        renders: of people and the known truth of renders: how carefully they looked.
        raters: of each two people. labelled: name -> pictures.
    """

    set: str
    pack: str
    split: str
    profile: Profile
    measured: tuple[Measured, ...]
    agreement: Agreement
    renders: Agreement
    raters: tuple[Agreement, ...]
    labelled: dict[str, int]


def calibrations(root: Path) -> list[CalibrationFolder]:
    """The finished sets of a runs folder, newest first."""
    found = [CalibrationFolder(path) for path in (Path(root) / FOLDER).glob("*")]
    return sorted((f for f in found if f.finished), key=_age, reverse=True)


def _age(folder: CalibrationFolder) -> tuple[float, str]:
    try:
        return folder.read().made, folder.id
    except StudioError:  # damaged; told where it is read
        return 0.0, folder.id


def find_calibration(root: Path, name: str) -> CalibrationFolder:
    """A set by its id or its path.

    Raises:
        StudioError: there is none.
    """
    places = [Path(root) / FOLDER / name] if is_name(name) else []
    for folder in map(CalibrationFolder, [*places, place_of(name)]):
        if name and folder.finished:
            return folder
    raise StudioError(
        f"There is no calibration set {name!r}.",
        "Make one with: python -m studio calibrate PACK",
    )


def ready_judges() -> tuple[str, ...]:
    """The judges of Icon World whose files are there."""
    return tuple(
        name
        for name, preset in load_detectors().items()
        if preset.detector["name"] == JUDGES and missing(preset) is None
    )


def make_set(
    model: ModelCard,
    pack: Pack,
    columns: Sequence[Column],
    out: Path,
    *,
    count: int,
    split: Literal["dev", "test"] = "dev",
    seed: int = SEED,
    detectors: Sequence[str] = (JUDGES,),
    renders: Path | None = None,
    icons: Path = ICONS,
    on_picture: Callable[[int, int], None] = lambda done, total: None,
) -> CalibrationSet:
    """Make a set of `count` pictures, half of them renders; loads torch into this process.

    Args:
        columns: with which the other half is drawn, in turn. detectors: who answers, by name.
        renders: a person's own pictures instead of icons; see `folder_renders`.

    Raises:
        StudioError: the folder holds a set already, Icon World does not know what the pack
            removes, there is nothing to render from, or a detector lacks something or does not know
            the model's pictures.
    """
    from studio.jobs.calibration_maker import make_calibration
    from studio.jobs.calibration_renders import folder_renders, icon_renders

    folder = CalibrationFolder(out)
    if folder.finished:
        raise StudioError(
            f"{out} holds a calibration set already.", "Give another --out, so that labels stay."
        )
    refuse_strangers(model, detectors)
    if renders is None and not knows(model):
        raise StudioError(
            f"Half of a calibration set would be icons, and {model.title.en} draws no icons.",
            "Give pictures of your own with --renders: a folder for each thing, and one named "
            "none.",
        )
    questions = half_and_half(pack, count - count // 2, split, seed)
    looking = [get_detector(name) for name in detectors]
    wanted = tuple(dict.fromkeys(q.shows for q in questions if q.kind == "target"))
    shown = (
        folder_renders(wanted, count // 2, seed, renders)
        if renders
        else icon_renders(wanted, count // 2, seed, icons)
    )
    try:
        (folder.path / "pictures").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(out, error) from error
    return make_calibration(
        model,
        pack,
        columns,
        shown,
        questions,
        folder,
        looking,
        split=split,
        seed=seed,
        made=time.time(),
        on_picture=on_picture,
    )


def outcomes(folder: CalibrationFolder) -> tuple[Outcome, ...]:
    """What a set says of each detector that answered.

    Raises:
        StudioError: the set or its labels are damaged.
    """
    manifest, settled = folder.read(), folder.labels.settled()
    if (card := load_models().get(manifest.model)) is not None:
        refuse_strangers(card, [profile.id for profile in manifest.profiles])
    truth = {s.picture: s.truth == "shows" for s in manifest.shots if s.truth}
    return tuple(
        Outcome(
            folder.id,
            manifest.pack,
            manifest.split,
            profile,
            tuple(
                _measured(source, manifest.shots, settled, {**settled.said, **truth}, answers)
                for source in SOURCES
            ),
            compare(profile.id, answers, settled.said),
            compare("truth", truth, settled.said),
            compare_raters(folder.labels),
            folder.labels.raters(),
        )
        for profile in manifest.profiles
        for answers in [folder.answers(profile.id)]
    )


def _measured(
    source: Source,
    shots: Sequence[Shot],
    settled: Settled,
    truth: Mapping[str, bool],
    answers: Mapping[str, bool],
) -> Measured:
    pictures = [shot.picture for shot in shots if shot.source == source]
    known = {picture: truth[picture] for picture in pictures if picture in truth}
    found = calibration(known, answers)
    unsure = [p for p in pictures if p in settled.unsure and p not in known]
    contested = [p for p in pictures if p in settled.contested and p not in known]
    return Measured(
        source,
        len(pictures),
        len(known),
        len(unsure),
        len(contested),
        len(pictures) - len(known) - len(unsure) - len(contested),
        found,
        wilson(found.found, found.shown),
        wilson(found.passed, found.clean),
    )


def detector_calibration(
    root: Path, pack_id: str, profile: Profile, model: str
) -> Calibration | None:
    """How a detector did on the generated pictures of the newest labelled set of a pack, for
    `corrected`; None where nobody labelled any of this model (its id) for exactly this profile.

    Renders are left out: they are easier than what a model draws, and would flatter the detector.

    Raises:
        StudioError: a set or its labels are damaged.
    """
    for folder in calibrations(root):
        if folder.read().model != model:
            continue
        for outcome in outcomes(folder):
            if outcome.pack != pack_id or outcome.profile != profile:
                continue
            for part in outcome.measured:
                if part.source == "generated" and part.calibration.shown and part.calibration.clean:
                    return part.calibration
    return None
