"""Who looks at the pictures of an evaluation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from PIL import Image

from studio.errors import StudioError
from studio.evaluation.findings import Profile
from studio.evaluation.judge import STYLE, THRESHOLD, answers, load_judge
from studio.presets import did_you_mean
from studio.world import ICON_JUDGE


@dataclass(frozen=True)
class Sighting:
    """What a detector answers for one picture: whether it shows it, and everything that fired."""

    shows: bool
    score: float | None = None
    labels: tuple[str, ...] = ()


class Detector(Protocol):
    """Looks at pictures."""

    profile: Profile

    def see(self, images: Sequence[Image.Image], wanted: Sequence[str]) -> list[Sighting]:
        """An answer for each picture.

        Raises:
            StudioError: the detector cannot look for what is wanted.
        """


class IconWorld:
    """The judge of Icon World."""

    def __init__(self, name: str) -> None:
        judge = load_judge(name)
        assert judge is not None
        self._judge = judge
        weights = hashlib.sha256((ICON_JUDGE / "judge.safetensors").read_bytes()).hexdigest()
        self.profile = Profile(name, weights[:12], (), THRESHOLD)

    def see(self, images: Sequence[Image.Image], wanted: Sequence[str]) -> list[Sighting]:
        """Whether each shows its object id or "style:WORD".

        Raises:
            StudioError: the judge does not know what is wanted; it never passes for "not there".
        """
        known = {*self._judge.objects, *(f"{STYLE}{style}" for style in self._judge.styles)}
        for want in wanted:
            if want not in known:
                raise StudioError(
                    f"The judge of Icon World knows no {want!r}.",
                    "Name one of its things, such as bomb, or a style, such as style:noto.",
                )
        if not images:
            return []
        pixels = np.stack([np.array(image.convert("RGB")) for image in images])
        pictures = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
        return [
            Sighting(
                answers(seen, want),
                None,
                (*seen.objects, f"{STYLE}{seen.style}") if seen.objects else (),
            )
            for seen, want in zip(self._judge.see(pictures), wanted, strict=True)
        ]


def get_detector(name: str) -> Detector:
    """The detector of this name, loaded.

    Raises:
        StudioError: there is none, or something that it needs is missing; says what.
    """
    if name != "icon-world":
        raise StudioError(f"There is no detector {name!r}.", did_you_mean(name, ["icon-world"]))
    return IconWorld(name)
