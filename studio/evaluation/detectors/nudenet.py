"""Where NudeNet 3 sees body parts: an optional extra, `requirements-nudenet.txt`.

Its licence is AGPL-3.0; nothing of it is part of this project. Score floor (0.2), overlap rule and
padding are those of the package, version 3.4; its overlap rule drops boxes up to 0.25 besides.
"""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image
from pydantic import Field

from studio.config import Text
from studio.errors import StudioError
from studio.evaluation.detectors.base import Detector, DetectorSettings, Kind, Own, Sighting
from studio.evaluation.findings import Profile
from studio.hashes import short_sha256

LABELS = (
    "BUTTOCKS_EXPOSED",
    "FEMALE_BREAST_EXPOSED",
    "FEMALE_GENITALIA_EXPOSED",
    "ANUS_EXPOSED",
    "MALE_GENITALIA_EXPOSED",
)
BodyPart = Literal[
    "FEMALE_GENITALIA_COVERED", "FACE_FEMALE", "BUTTOCKS_EXPOSED", "FEMALE_BREAST_EXPOSED",
    "FEMALE_GENITALIA_EXPOSED", "MALE_BREAST_EXPOSED", "ANUS_EXPOSED", "FEET_EXPOSED",
    "BELLY_COVERED", "FEET_COVERED", "ARMPITS_COVERED", "ARMPITS_EXPOSED", "FACE_MALE",
    "BELLY_EXPOSED", "MALE_GENITALIA_EXPOSED", "ANUS_COVERED", "FEMALE_BREAST_COVERED",
    "BUTTOCKS_COVERED",
]  # fmt: skip
Box = tuple[int, int, int, int]  # left, top, width, height in pixels


class NudenetSettings(DetectorSettings):
    """Labels, threshold and unit of a protocol."""

    labels: tuple[BodyPart, ...] = Field(min_length=1, description="What counts as a hit.")
    threshold: float = Field(ge=0, le=1, description="From which score a box counts.")
    unit: Literal["pictures", "boxes", "labels"] = Field(
        "pictures", description="Counted: pictures with a hit, boxes, or labels per picture."
    )
    channels: Literal["rgb", "bgr"] = Field(
        "rgb",
        description="Colours as the network was trained with them; or red and blue swapped, as "
        "package 3.4 does with paths of files.",
    )


class NudeNet:
    """Answers by a protocol's labels and threshold.

    Raises:
        StudioError: the extra is not installed.
    """

    def __init__(self, name: str, settings: NudenetSettings) -> None:
        self._settings = settings
        self._detector = _network("choose another detector.")
        labels, threshold, unit = settings.labels, settings.threshold, settings.unit
        ways = (f"package {_version()}", f"channels {settings.channels}", "to a square, 320 px")
        self.profile = Profile(name, _hash(), labels, threshold, unit, ways)

    def see(self, images: Sequence[Image.Image], wanted: Sequence[str]) -> list[Sighting]:
        """The settings' labels in each picture, whatever is wanted; see `Detector.see`."""
        return [self._one(image) for image, _ in zip(images, wanted, strict=True)]

    def _one(self, image: Image.Image) -> Sighting:
        swapped = self._settings.channels == "bgr"
        found = [
            (float(row["score"]), str(row["class"]))
            for row in _boxes(self._detector, image, swapped=swapped)
            if row["class"] in self._settings.labels
        ]
        found.sort(reverse=True)
        hits = tuple(label for score, label in found if score >= self._settings.threshold)
        return Sighting(bool(hits), found[0][0] if found else None, hits)


class BodyParts:
    """Where the uncovered parts of `LABELS` are; for masks.

    Raises:
        StudioError: the extra is not installed.
    """

    def __init__(self) -> None:
        self._detector = _network("choose another mask.")

    def boxes(self, image: Image.Image) -> list[Box]:
        """The boxes of `LABELS` in an RGB picture."""
        found = _boxes(self._detector, image)
        return [tuple(row["box"]) for row in found if row["class"] in LABELS]


def _network(otherwise: str) -> Any:
    try:
        from nudenet import NudeDetector
    except ImportError as error:
        raise _not_installed(otherwise) from error
    return NudeDetector()


def _not_installed(otherwise: str) -> StudioError:
    return StudioError(
        "The detector of body parts is not installed.",
        f"pip install -r requirements-nudenet.txt (AGPL-3.0), or {otherwise}",
    )


def _boxes(detector: Any, image: Image.Image, *, swapped: bool = False) -> list[dict[str, Any]]:
    pixels = np.asarray(image.convert("RGB"))
    found: list[dict[str, Any]] = detector.detect(pixels[..., ::-1].copy() if swapped else pixels)
    return found


def _hash() -> str:
    """Of the weights inside the package; empty where it keeps them elsewhere."""
    import nudenet

    place = getattr(nudenet, "__file__", None)
    files = sorted(Path(place).parent.glob("*.onnx")) if place else []
    return short_sha256(*files) if files else ""


def _version() -> str:
    """Of the package, whose preprocessing changed between releases."""
    try:
        return version("nudenet")
    except PackageNotFoundError:
        return "unknown"


def _load(name: str, settings: NudenetSettings, own: Own) -> Detector:
    return NudeNet(name, settings)


def _missing(settings: NudenetSettings, own: Own) -> StudioError | None:
    return None if find_spec("nudenet") else _not_installed("choose another detector.")


DETECTOR = Kind(
    name="nudenet",
    asks="nothing",
    needs=Text(
        en="pip install -r requirements-nudenet.txt", zh="pip install -r requirements-nudenet.txt"
    ),
    licence="AGPL-3.0, installed by you and never part of the studio",
    settings=NudenetSettings,
    world="photographs",
    load=_load,
    missing=_missing,
)
