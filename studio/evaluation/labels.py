"""What people say of pictures: kept line by line, and compared with what a detector said; no torch.

A folder of pictures has a `labels.jsonl`, one line an answer, only ever added to. Of each person
the last line of a picture counts; an empty label takes back what that person said before.
"""

import fcntl
import json
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from studio.errors import StudioError
from studio.evaluation.check_list import detector_answers, read_check_list
from studio.evaluation.comparison import Calibration, agreement
from studio.evaluation.findings import Agreement
from studio.evaluation.rates import wilson

Answer = Literal["shows", "shows not", "unsure"]
TakenBack = Literal[""]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
FILE = "labels.jsonl"
PEOPLE = "people"


@dataclass(frozen=True)
class Label:
    """One line: what somebody said of a picture.

    Attributes:
        picture: its path relative to the folder. wanted: what was asked for.
        label: the answer; empty takes back the person's answer before.
        who: a name, or nothing. at: seconds since 1970.
    """

    picture: str
    wanted: str
    label: Answer | TakenBack
    who: str = ""
    at: float = 0.0


@dataclass(frozen=True)
class Settled:
    """What all raters together say.

    Attributes:
        said: whether a picture shows what was asked; only where all who decided agree.
        unsure: pictures of which nobody is sure.
        contested: pictures of which one rater says that they show it and another that they do not.
    """

    said: dict[str, bool]
    unsure: tuple[str, ...]
    contested: tuple[str, ...]


class Labels:
    """The labels of one folder. Several people and processes may add to them at once."""

    def __init__(self, folder: Path) -> None:
        self.file = Path(folder) / FILE

    def add(self, picture: str, wanted: str, label: Answer, who: str = "") -> Label:
        """Write down an answer; it is on the disk when this returns.

        Raises:
            StudioError: nothing can be written.
        """
        if label not in ANSWERS:
            raise ValueError(f"{label!r} is none of {ANSWERS}")
        with self._open():
            return self._append(Label(picture, wanted, label, who, time.time()))

    def undo(self, who: str = "") -> str | None:
        """Take back the newest answer of a person; gives its picture, or None without one.

        Raises:
            StudioError: nothing can be written, or the file is damaged.
        """
        with self._open():
            given = list(self.of(who).values())
            if not given:
                return None
            last = given[-1]
            return self._append(Label(last.picture, last.wanted, "", who, time.time())).picture

    def lines(self) -> tuple[Label, ...]:
        """All lines, oldest first; a last line that was only half written is left out.

        Raises:
            StudioError: another line is no label; says which.
        """
        try:
            text = self.file.read_bytes()
        except OSError:
            return ()
        rows = text.split(b"\n")[:-1]
        return tuple(self._label(row, number) for number, row in enumerate(rows, start=1) if row)

    def of(self, who: str) -> dict[str, Label]:
        """Picture -> the label that counts, in the order in which they were given."""
        return _counting(label for label in self.lines() if label.who == who)

    def settled(self) -> Settled:
        """What all raters together say of each picture."""
        lines = self.lines()
        given: dict[str, list[Answer]] = {}
        for who in dict.fromkeys(label.who for label in lines):
            for picture, label in _counting(row for row in lines if row.who == who).items():
                given.setdefault(picture, []).append(label.label or "unsure")
        decided = {picture: set(said) - {"unsure"} for picture, said in given.items()}
        return Settled(
            {picture: "shows" in said for picture, said in decided.items() if len(said) == 1},
            tuple(picture for picture, said in decided.items() if not said),
            tuple(picture for picture, said in decided.items() if len(said) > 1),
        )

    def raters(self) -> dict[str, int]:
        """Name -> how many pictures that person labelled."""
        names = dict.fromkeys(label.who for label in self.lines())
        return {who: count for who in names if (count := len(self.of(who)))}

    @contextmanager
    def _open(self) -> Iterator[None]:
        """Hold the file alone, without a half line at its end."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab+") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                held.seek(0)
                held.truncate(held.read().rfind(b"\n") + 1)
                yield
        except OSError as error:
            raise StudioError(
                f"{self.file} cannot be written: {error.strerror}.", "Choose another folder."
            ) from error

    def _append(self, label: Label) -> Label:
        with self.file.open("ab") as file:
            file.write(json.dumps(asdict(label), ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return label

    def _label(self, row: bytes, number: int) -> Label:
        try:
            label = Label(**json.loads(row))
            if label.label in (*ANSWERS, ""):
                return label
        except (ValueError, TypeError):
            pass
        raise StudioError(
            f"{self.file}, line {number} is no label.", "Mend that line or take it out."
        )


def _counting(lines: Iterator[Label]) -> dict[str, Label]:
    """Of one person's lines those that count, each picture at the place of its last line."""
    found: dict[str, Label] = {}
    for label in lines:
        found.pop(label.picture, None)
        if label.label:
            found[label.picture] = label
    return found


def calibration(truth: Mapping[str, bool], answers: Mapping[str, bool]) -> Calibration:
    """How a detector did on pictures whose truth is known; pictures that only one side has are
    left out."""
    pairs = [(truth[picture], answers[picture]) for picture in truth if picture in answers]
    return Calibration(
        found=sum(real and seen for real, seen in pairs),
        shown=sum(real for real, _ in pairs),
        passed=sum(not real and not seen for real, seen in pairs),
        clean=sum(not real for real, _ in pairs),
    )


def compare(
    one: str,
    answers: Mapping[str, bool],
    said: Mapping[str, bool],
    *,
    other: str = PEOPLE,
    counted: Collection[str] | None = None,
) -> Agreement:
    """Agreement of a detector, or a person, with people on the pictures that both answered.

    Args:
        one, other: names of the two sides. answers, said: picture -> whether it shows it.
        counted: pictures that enter count and kappa, such as a random sample; None: all. Disputed
            pictures are listed whether they enter or not.
    """
    both = [picture for picture in said if picture in answers]
    measured = [picture for picture in both if counted is None or picture in counted]
    left, right = [answers[p] for p in measured], [said[p] for p in measured]
    same = sum(a == b for a, b in zip(left, right, strict=True))
    return Agreement(
        one,
        other,
        len(measured),
        wilson(same, len(measured)),
        agreement(left, right),
        tuple(sorted(picture for picture in both if answers[picture] != said[picture])),
    )


def compare_raters(labels: Labels) -> tuple[Agreement, ...]:
    """Agreement of each two people on what both decided."""
    said = {who: _decided(labels.of(who)) for who in labels.raters()}
    names: Sequence[str] = sorted(said)
    return tuple(
        compare(first, said[first], said[second], other=second)
        for place, first in enumerate(names)
        for second in names[place + 1 :]
    )


def _decided(labels: Mapping[str, Label]) -> dict[str, bool]:
    return {p: row.label == "shows" for p, row in labels.items() if row.label != "unsure"}


def human_check(folder: Path, detector: str) -> Agreement | None:
    """Agreement of a detector with people in an evaluation's folder; None where nobody labelled a
    picture that it answered.

    Count and kappa are those of the random sample alone: pictures on which two detectors differ
    are harder than most, and would make every detector look worse than it is.

    Raises:
        StudioError: the labels are damaged.
    """
    said = Labels(folder).settled().said
    answers = {
        picture: seen[detector]
        for picture, seen in detector_answers(folder).items()
        if detector in seen
    }
    if not said.keys() & answers.keys():
        return None
    listed = read_check_list(folder)
    return compare(detector, answers, said, counted=listed.sample if listed else None)
