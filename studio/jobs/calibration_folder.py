"""A calibration set is a folder of pictures that people label, so that a judge can be trusted.

manifest.json    which pictures, what is asked of each, and how they came about
answers.json     what each detector said of each picture; nobody sees it while labelling
labels.jsonl     what people said; see `studio.evaluation.labels`
pictures/        0000.png and so on, in an order that tells nothing
"""

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from studio import durable
from studio.config import Frozen, Text
from studio.errors import StudioError
from studio.evaluation.findings import Profile
from studio.evaluation.labels import Labels

Source = Literal["render", "generated"]
SOURCES: tuple[Source, ...] = ("render", "generated")
MANIFEST, ANSWERS = "manifest.json", "answers.json"


class Shot(Frozen):
    """One picture of a set."""

    picture: str = Field(description="Path inside the folder.")
    wanted: str = Field(description="What people and judge are asked to see in it.")
    source: Source
    truth: Literal["shows", "shows not", ""] = Field("", description="Known of renders alone.")
    prompt: str = ""
    seed: int = 0
    column: str = Field("", description="What was active when the model drew it.")
    cut: bool = Field(False, description="The model read only the start of its prompt.")

    @field_validator("picture")
    @classmethod
    def _lies_inside(cls, picture: str) -> str:
        if Path(picture).is_absolute() or ".." in Path(picture).parts:
            raise ValueError("it lies outside the folder")
        return picture


class CalibrationSet(Frozen):
    """The content of `manifest.json`."""

    version: int = 1
    pack: str
    title: Text
    sensitive: bool = False
    may_show: Text | None = None
    model: str
    split: str
    seed: int = 0
    made: float = Field(description="When, in seconds since 1970.")
    profiles: tuple[Profile, ...] = Field((), description="The detectors that answered.")
    shots: tuple[Shot, ...] = ()
    not_measured: int = Field(0, description="Pictures that came out as no numbers (NaN).")

    @property
    def cut_prompts(self) -> int:
        """Of how many pictures the model read only the start of the prompt."""
        return sum(shot.cut for shot in self.shots)


class CalibrationFolder:
    """One set on disk."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def finished(self) -> bool:
        """Whether all its pictures are there; the manifest is written last."""
        return (self.path / MANIFEST).exists()

    @property
    def labels(self) -> Labels:
        """What people said."""
        return Labels(self.path)

    def write(self, manifest: CalibrationSet, answers: dict[str, dict[str, bool]]) -> None:
        """Write down a finished set: answers first, then the manifest, in one go."""
        durable.write_text(self.path / ANSWERS, json.dumps(answers, indent=1))
        durable.write_text(self.path / MANIFEST, manifest.model_dump_json(indent=1))

    def read(self) -> CalibrationSet:
        """The manifest.

        Raises:
            StudioError: there is none, or it is not right.
        """
        try:
            data = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            return CalibrationSet(**data)
        except (OSError, ValueError, TypeError, RecursionError, ValidationError) as error:
            raise StudioError(
                f"{self.path.name} is no calibration set: its manifest.json cannot be read.",
                "Choose a finished set, or make one with: python -m studio calibrate PACK",
            ) from error

    def answers(self, detector: str) -> dict[str, bool]:
        """Picture -> whether this detector saw what is asked; empty where it was not asked."""
        try:
            found = json.loads((self.path / ANSWERS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        try:
            return {picture: seen[detector] for picture, seen in found.items() if detector in seen}
        except (AttributeError, TypeError) as error:
            raise StudioError(
                f"The answers of {self.path.name} are damaged.", "Make the set again."
            ) from error
