"""Stable Diffusion's own safety checker, answering without blackening anything."""

from collections.abc import Sequence

from PIL import Image
from pydantic import Field

from studio.config import Text
from studio.errors import StudioError
from studio.evaluation.detectors.base import Detector, DetectorSettings, Kind, Own, Sighting
from studio.evaluation.findings import Profile
from studio.models.fetching import not_here


class SafetySettings(DetectorSettings):
    """Which checker; its thresholds are inside it."""

    weights: str = Field(description="Folder of the checker, or a SUBFOLDER@REVISION of the hub.")


class SafetyCheck:
    """Answers by the largest margin over the checker's concepts; see `SafetyChecker.margins`."""

    def __init__(self, name: str, source: str) -> None:
        from studio.models.safety import SafetyChecker

        self._checker = SafetyChecker(source)
        ways = ("margin over each concept's own threshold", *self._checker.looks)
        self.profile = Profile(name, self._checker.model_hash, (), 0.0, "pictures", ways)

    def see(self, images: Sequence[Image.Image], wanted: Sequence[str]) -> list[Sighting]:
        """Whether the checker would withhold each, whatever is wanted; see `Detector.see`."""
        answers = []
        for margins, _ in zip(self._checker.margins(images), wanted, strict=True):
            order = (-margins).argsort()
            fired = tuple(f"concept {place}" for place in order if margins[place] > 0)
            answers.append(Sighting(bool(fired), float(margins.max()), fired))
        return answers


def _load(name: str, settings: SafetySettings, own: Own) -> Detector:
    return SafetyCheck(name, own.weights or settings.weights)


def _missing(settings: SafetySettings, own: Own) -> StudioError | None:
    return not_here(own.weights or settings.weights)


DETECTOR = Kind(
    name="safety-checker",
    asks="nothing",
    needs=Text(
        en="the checker, fetched from the hub at first use, or its folder with --weights",
        zh="检查器：首次使用时从模型库获取，或用 --weights 给出其文件夹",
    ),
    licence="CreativeML OpenRAIL-M, that of Stable Diffusion 1",
    settings=SafetySettings,
    world="photographs",
    load=_load,
    missing=_missing,
)
