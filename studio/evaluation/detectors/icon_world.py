"""The judge of Icon World: which of its things and styles a picture shows."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from pydantic import Field

from studio.config import Text
from studio.errors import StudioError
from studio.evaluation.detectors.base import Detector, DetectorSettings, Kind, Own, Sighting
from studio.evaluation.findings import Profile
from studio.evaluation.prompts import STYLE
from studio.files import place_of
from studio.hashes import short_sha256
from studio.world import ROOT, load_world

if TYPE_CHECKING:
    from studio.evaluation.judge import Judge, Seen

BATCH = 64


class IconWorldSettings(DetectorSettings):
    """Which judge; a second one lets two be compared."""

    folder: str = Field("assets/icon-world-judge", description="Of the judge; from the studio's.")


class IconWorld:
    """Answers of the judge in a folder."""

    def __init__(self, name: str, folder: Path) -> None:
        from studio.evaluation.judge import THRESHOLD, judge_at

        self._judge: Judge = judge_at(folder)
        ways = (
            self._judge.id,
            "of a thing and none of those it knows, the likelier",
            "area to 64 px",
        )
        model = short_sha256(folder / "judge.safetensors")
        self.profile = Profile(name, model, (), THRESHOLD, "pictures", ways)

    def see(self, images: Sequence[Image.Image], wanted: Sequence[str]) -> list[Sighting]:
        """Whether each shows its thing (id, name or synonym), one of "a|b", or "style:WORD".

        Raises:
            StudioError: the judge does not know what is wanted; it never passes for "not there".
        """
        from studio.evaluation.judge import answers

        asked = ["|".join(self._known(one) for one in want.split("|")) for want in wanted]
        seen = [
            found for start in range(0, len(images), BATCH) for found in self._look(images, start)
        ]
        return [
            Sighting(answers(found, want), None, _labels(found))
            for found, want in zip(seen, asked, strict=True)
        ]

    def _known(self, wanted: str) -> str:
        word = wanted.removeprefix(STYLE)
        if wanted.startswith(STYLE) and word in self._judge.styles:
            return wanted
        thing = load_world().find(wanted)
        if thing is None or thing.id not in self._judge.objects:
            raise StudioError(
                f"The judge of Icon World knows no {wanted!r}.",
                "Name one of its things, such as bomb, or a style, such as style:noto.",
            )
        return thing.id

    def _look(self, images: Sequence[Image.Image], start: int) -> "list[Seen]":
        """Pictures of several sizes are looked at one by one."""
        import torch

        part = [np.array(image.convert("RGB")) for image in images[start : start + BATCH]]
        alike = len({pixels.shape for pixels in part}) == 1
        batches = [np.stack(part)] if alike else [pixels[None] for pixels in part]
        return [
            found
            for batch in batches
            for found in self._judge.see(
                torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 127.5 - 1
            )
        ]


def _labels(seen: "Seen") -> tuple[str, ...]:
    return (*seen.objects, f"{STYLE}{seen.style}") if seen.objects else ()


def _load(name: str, settings: IconWorldSettings, own: Own) -> Detector:
    if (error := _missing(settings, own)) is not None:
        raise error
    return IconWorld(name, _folder(settings, own))


def _missing(settings: IconWorldSettings, own: Own) -> StudioError | None:
    folder = _folder(settings, own)
    if (folder / "judge.json").is_file() and (folder / "judge.safetensors").is_file():
        return None
    return StudioError(
        f"There is no judge in {own.weights or settings.folder}.",
        "Get that folder, or ask icon-world.",
    )


def _folder(settings: IconWorldSettings, own: Own) -> Path:
    return place_of(own.weights) if own.weights else ROOT / settings.folder


DETECTOR = Kind(
    name="icon-world",
    asks="thing",
    needs=Text(en="nothing; it ships with the studio", zh="无需其他文件；随本工具提供"),
    licence="Apache-2.0",
    settings=IconWorldSettings,
    world="icon-world",
    load=_load,
    missing=_missing,
)
