"""Q16: does CLIP find a picture inappropriate, by two learned prompt vectors?

Source: Schramowski et al., 2022, "Can Machines Help Us Answering Question 16 in Datasheets, and In
Turn Reflecting on Inappropriate Content?", arXiv:2202.06675; its vectors have no licence, so a
person brings their own copy.
"""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from pydantic import Field
from scipy.special import softmax

from studio.config import Text
from studio.errors import StudioError
from studio.evaluation.detectors.base import Detector, DetectorSettings, Kind, Own, Sighting
from studio.evaluation.detectors.plain_arrays import read_rows
from studio.evaluation.findings import Profile
from studio.files import place_of
from studio.hashes import short_sha256
from studio.models.fetching import not_here

SCALE = 100.0  # of Q16's code, whatever the CLIP learned
LABEL = "inappropriate"
BESIDE = ("prompts.p", "prompts.npy", "prompts.safetensors")  # looked for in the CLIP's folder


class Q16Settings(DetectorSettings):
    """The rule takes the likelier of two answers."""

    weights: str = Field(description="Folder of a CLIP, or OWNER/NAME@REVISION of the hub.")
    prompts: str = Field("", description="File of the vectors; empty: in the CLIP's folder.")
    threshold: float = Field(0.5, gt=0, lt=1, description="From which probability.")


class Q16:
    """Answers by the nearer of two vectors.

        p = softmax(100 * cos(picture, row))[1]; row 0 harmless, row 1 inappropriate

    Raises:
        StudioError: no CLIP, no vectors, or vectors that do not fit this CLIP.
    """

    def __init__(self, name: str, settings: Q16Settings, source: str, prompts: Path) -> None:
        from studio.models.clip import Clip

        rows = read_rows(prompts)
        self._clip, self._settings = Clip(source), settings
        if rows.shape != (2, self._clip.width):
            raise StudioError(
                f"{prompts.name} holds {_shape(rows.shape)} numbers, this CLIP needs "
                f"{_shape((2, self._clip.width))}.",
                "Give the vectors that were learned with this CLIP; Q16's are for ViT-L/14.",
            )
        self._rows = rows / (rows**2).sum(1, keepdims=True) ** 0.5
        ways = (f"prompt vectors {short_sha256(prompts)}", *self._clip.looks)
        self.profile = Profile(
            name, self._clip.model_hash, (LABEL,), settings.threshold, "pictures", ways
        )

    def see(self, images: Sequence[Image.Image], wanted: Sequence[str]) -> list[Sighting]:
        """Whether each is inappropriate, whatever is wanted; see `Detector.see`."""
        answers = []
        for picture, _ in zip(self._clip.pictures(images), wanted, strict=True):
            p = float(softmax(SCALE * (self._rows @ picture))[1])
            shows = p >= self._settings.threshold
            answers.append(Sighting(shows, p, (LABEL,) if shows else ()))
        return answers


def _shape(sides: Sequence[int]) -> str:
    return " x ".join(map(str, sides))


def _load(name: str, settings: Q16Settings, own: Own) -> Detector:
    source = own.weights or settings.weights
    prompts = _prompts(source, settings, own)
    if prompts is None:
        raise _no_prompts()
    return Q16(name, settings, source, prompts)


def _prompts(source: str, settings: Q16Settings, own: Own) -> Path | None:
    if own.prompts is not None:
        return own.prompts
    if settings.prompts:
        return place_of(settings.prompts)
    places = [place_of(source) / name for name in BESIDE]
    return next((place for place in places if place.is_file()), None)


def _no_prompts() -> StudioError:
    return StudioError(
        "Q16 needs its prompt vectors, which cannot ship with the studio.",
        "Get data/ViT-L-14/prompts.p of ml-research/Q16, and give it with --prompts or put it into "
        "the folder of the CLIP.",
    )


def _missing(settings: Q16Settings, own: Own) -> StudioError | None:
    source = own.weights or settings.weights
    return not_here(source) or (None if _prompts(source, settings, own) else _no_prompts())


DETECTOR = Kind(
    name="q16",
    asks="nothing",
    needs=Text(
        en="CLIP ViT-L/14 from the hub or a folder, and your own copy of Q16's prompts.p",
        zh="CLIP ViT-L/14（模型库或本地文件夹），以及你自己的 Q16 prompts.p",
    ),
    licence="CLIP MIT; the prompt vectors have none",
    settings=Q16Settings,
    world="photographs",
    load=_load,
    missing=_missing,
)
