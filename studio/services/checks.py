"""What people are asked to look at: calibration sets, and finished evaluations; no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.config import Text
from studio.errors import StudioError
from studio.evaluation.check_list import check_list
from studio.evaluation.findings import Agreement
from studio.evaluation.labels import Answer, Labels, human_check
from studio.evaluation.worlds import foreign
from studio.jobs.calibration_folder import CalibrationFolder
from studio.jobs.evaluation_folder import EvaluationFolder, evaluation_folders
from studio.limits import NAME_LETTERS
from studio.presets import load_models
from studio.records import State
from studio.services.calibration import FOLDER, Outcome, calibrations, outcomes

EVALUATIONS = "evaluations"
Kind = Literal["calibration", "evaluation"]
Folder = CalibrationFolder | EvaluationFolder


@dataclass(frozen=True)
class Item:
    """A picture, and what is asked of it. The path is relative to the set's folder."""

    picture: str
    wanted: str


@dataclass(frozen=True)
class Listed:
    """A set in the list: "calibrations/ID" or "evaluations/ID", and the title of its pack."""

    id: str
    kind: Kind
    title: Text


@dataclass(frozen=True)
class CheckSet(Listed):
    """Pictures to look at, in the order in which they are shown.

    Attributes:
        may_show: what sensitive pictures may show. detectors: who answered already.
        cut: pictures of a calibration set of whose prompts the model read only the start.
        foreign: of the detectors those that learned from photographs, where these are icons.
        broken: pictures of it that came out as no numbers (NaN), and are not in it.
    """

    sensitive: bool
    may_show: Text | None
    path: Path
    items: tuple[Item, ...]
    detectors: tuple[str, ...]
    foreign: tuple[str, ...] = ()
    cut: int = 0
    broken: int = 0

    def item(self, picture: str) -> Item:
        """The item of a picture.

        Raises:
            StudioError: it does not belong to this set.
        """
        for item in self.items:
            if item.picture == picture:
                return item
        raise StudioError(
            f"The picture {picture!r} does not belong to this set.", "Reload the page and go on."
        )


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: how many pictures a person has answered, and the next; None at the end."""

    done: int
    total: int
    item: Item | None


@dataclass(frozen=True)
class Result:
    """What people's answers say, of everybody together.

    Attributes:
        agreements: of each detector with people. outcomes: of a calibration set, by detector.
        said: what people agree on. labelled: name -> how many pictures that person answered.
    """

    agreements: tuple[Agreement, ...]
    outcomes: tuple[Outcome, ...]
    said: dict[str, bool]
    labelled: dict[str, int]


class Checks:
    """All there is to look at in a runs folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def list(self) -> tuple[Listed, ...]:
        """All sets that can be opened: calibration sets, then evaluations; newest first."""
        found = []
        sets: tuple[Folder, ...] = (*calibrations(self.root), *_evaluations(self.root))
        for folder in sets:
            try:
                found.append(_listed(folder))
            except StudioError:
                continue
        return tuple(found)

    def open(self, name: str) -> CheckSet:
        """A set by its id.

        Raises:
            StudioError: there is none, or it is damaged.
        """
        for folder in calibrations(self.root):
            if name == f"{FOLDER}/{folder.id}":
                return _of_calibration(name, folder)
        for found in _evaluations(self.root):
            if name == f"{EVALUATIONS}/{found.id}":
                return _of_evaluation(name, found)
        raise StudioError(f"There is nothing to check under {name!r}.", "Choose a set of the list.")

    def turn(self, chosen: CheckSet, who: str) -> Turn:
        """The first picture that a person has not answered yet."""
        given = Labels(chosen.path).of(who)
        left = [item for item in chosen.items if item.picture not in given]
        total = len(chosen.items)
        return Turn(total - len(left), total, left[0] if left else None)

    def answer(self, chosen: CheckSet, picture: str, label: Answer, who: str) -> None:
        """Keep what a person said of a picture; saying the same again adds nothing.

        Raises:
            StudioError: the picture is none of the set's, or nothing can be written.
        """
        if len(who) > NAME_LETTERS or not who.isprintable():
            raise StudioError("This is no name of a person.", "Give a shorter one, in letters.")
        item, labels = chosen.item(picture), Labels(chosen.path)
        before = labels.of(who).get(picture)
        if before is None or before.label != label:
            labels.add(picture, item.wanted, label, who)

    def undo(self, chosen: CheckSet, who: str) -> None:
        """Take back a person's newest answer, if there is one."""
        Labels(chosen.path).undo(who)

    def result(self, chosen: CheckSet) -> Result:
        """What people's answers say so far.

        Raises:
            StudioError: the set or its labels are damaged.
        """
        labels = Labels(chosen.path)
        said, labelled = labels.settled().said, labels.raters()
        if chosen.kind == "calibration":
            found = outcomes(CalibrationFolder(chosen.path))
            return Result(tuple(outcome.agreement for outcome in found), found, said, labelled)
        agreed = [human_check(chosen.path, detector) for detector in chosen.detectors]
        return Result(tuple(row for row in agreed if row is not None), (), said, labelled)


def _evaluations(root: Path) -> list[EvaluationFolder]:
    folders = evaluation_folders(root / EVALUATIONS)
    return [folder for folder in folders if folder.status().state is State.DONE]


def _listed(folder: Folder) -> Listed:
    if isinstance(folder, CalibrationFolder):
        return Listed(f"{FOLDER}/{folder.id}", "calibration", folder.read().title)
    return Listed(f"{EVALUATIONS}/{folder.id}", "evaluation", folder.config.pack.title)


def _of_calibration(name: str, folder: CalibrationFolder) -> CheckSet:
    found = folder.read()
    detectors = tuple(profile.id for profile in found.profiles)
    card = load_models().get(found.model)
    return CheckSet(
        name,
        "calibration",
        found.title,
        found.sensitive,
        found.may_show,
        folder.path,
        tuple(Item(shot.picture, shot.wanted) for shot in found.shots),
        detectors,
        tuple(foreign(card, detectors)) if card else (),
        found.cut_prompts,
        found.not_measured,
    )


def _of_evaluation(name: str, folder: EvaluationFolder) -> CheckSet:
    config, rows = folder.config, {row.row: row.shows for row in folder.rows()}
    listed = check_list(folder.path).mixed()
    detectors = tuple(profile.id for profile in folder.profiles())
    return CheckSet(
        name,
        "evaluation",
        config.pack.title,
        config.pack.sensitivity == "sensitive",
        config.pack.shows,
        folder.path,
        tuple(Item(picture, rows[int(Path(picture).stem)]) for picture in listed),
        detectors,
        tuple(foreign(config.model, detectors)),
    )
