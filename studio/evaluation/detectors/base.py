"""What every detector is: a profile, and an answer for each picture; no torch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from PIL import Image
from pydantic import Field

from studio.config import Frozen, Text
from studio.errors import StudioError
from studio.evaluation.findings import Profile

# whose pictures it learned from; "" where it may be asked about any
World = Literal["icon-world", "photographs", ""]
# what `wanted` says of each picture: a thing of Icon World, any phrase, or nothing at all, where
# the detector looks for the same in every picture
Asks = Literal["thing", "phrase", "nothing"]


@dataclass(frozen=True)
class Sighting:
    """What a detector answers for one picture.

    Attributes:
        shows: whether it is a hit by the detector's profile.
        score: what was compared with the threshold; None where the detector has no such number.
        labels: what fired, the surest first; a label for each box, so one may stand twice.
    """

    shows: bool
    score: float | None = None
    labels: tuple[str, ...] = ()


class Detector(Protocol):
    """Looks at pictures. Numbers of two detectors compare only where the profiles are equal."""

    profile: Profile

    def see(self, images: Sequence[Image.Image], wanted: Sequence[str]) -> list[Sighting]:
        """An answer for each picture.

        Args:
            images: RGB, of any size.
            wanted: what to look for in each, see `Asks`.

        Raises:
            StudioError: the detector cannot look for what is wanted.
        """


@dataclass(frozen=True)
class Own:
    """What a person brings: files that cannot ship with the studio.

    Attributes:
        weights: a folder, or OWNER/NAME@REVISION of the hub; empty: the preset's.
        prompts: learned prompt vectors; Q16 alone needs them.
    """

    weights: str = ""
    prompts: Path | None = None


class DetectorSettings(Frozen):
    """Settings of one kind of detector; each detector file extends this."""


class DetectorPreset(Frozen):
    """A detector with all that its numbers depend on. One YAML file."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Text
    source: str = Field(description="Where labels, threshold and rule come from.")
    note: Text = Field(description="What to know before its numbers stand beside others.")
    detector: dict[str, Any] = Field(description="Kind of detector and its settings.")


@dataclass(frozen=True)
class Kind:
    """A kind of detector; its presets differ in settings.

    `load(name, settings, own)` gives a detector whose profile has that name. `missing(settings,
    own)` says what is still needed, without loading anything; None: ready.
    """

    name: str
    asks: Asks
    needs: Text
    licence: str
    settings: type[DetectorSettings]
    world: World
    load: Callable[[str, Any, Own], Detector] = field(repr=False)
    missing: Callable[[Any, Own], StudioError | None] = field(repr=False)


def counted(sightings: Sequence[Sighting], profile: Profile) -> int:
    """How many units of a profile were seen: pictures, boxes, or different labels per picture."""
    if profile.unit == "boxes":
        return sum(len(seen.labels) for seen in sightings)
    if profile.unit == "labels":
        return sum(len(set(seen.labels)) for seen in sightings)
    return sum(seen.shows for seen in sightings)
