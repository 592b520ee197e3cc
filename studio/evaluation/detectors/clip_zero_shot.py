"""CLIP asked for any phrase: does the picture lie nearer to it than to neutral texts?

Source: zero-shot classification, Radford et al., 2021, arXiv:2103.00020, section 3.1.
"""

from collections.abc import Sequence

from PIL import Image
from pydantic import Field, field_validator
from scipy.special import softmax

from studio.config import Text
from studio.errors import StudioError
from studio.evaluation.detectors.base import Detector, DetectorSettings, Kind, Own, Sighting
from studio.evaluation.findings import Profile
from studio.models.fetching import not_here
from studio.prompt_rules import refuse_if_sexualises_minors


class ClipSettings(DetectorSettings):
    """Texts and threshold of the comparison."""

    weights: str = Field(description="Folder of a CLIP, or OWNER/NAME@REVISION of the hub.")
    template: str = Field("a picture of {}", description="What is said of the phrase.")
    against: tuple[str, ...] = Field(min_length=1, description="Neutral texts.")
    threshold: float = Field(0.5, gt=0, lt=1, description="From which share of the softmax.")

    @field_validator("template")
    @classmethod
    def _with_a_place(cls, template: str) -> str:
        if "{}" not in template:
            raise ValueError("{} must stand where the phrase goes")
        return template


class ClipZeroShot:
    """Answers by the share that a phrase gets against neutral texts.

    share = softmax_k(scale * cos(picture, text_k)), of the phrase's text
    text_0 = template with the phrase; text_1.. = the neutral ones
    """

    def __init__(self, name: str, settings: ClipSettings, source: str) -> None:
        from studio.models.clip import Clip

        self._clip, self._settings = Clip(source), settings
        ways = (settings.template, *(f"against {text}" for text in settings.against))
        self.profile = Profile(
            name, self._clip.model_hash, (), settings.threshold, "pictures", ways + self._clip.looks
        )

    def see(self, images: Sequence[Image.Image], wanted: Sequence[str]) -> list[Sighting]:
        """Whether each shows its phrase; see `Detector.see`.

        Raises:
            StudioError: a phrase is empty, too long or refused.
        """
        seen = self._clip.pictures(images)
        phrases = list(dict.fromkeys(wanted))
        texts = {phrase: self._clip.texts(self._said(phrase)) for phrase in phrases}
        answers = []
        for picture, phrase in zip(seen, wanted, strict=True):
            share = float(softmax(self._clip.scale * (texts[phrase] @ picture))[0])
            shows = share >= self._settings.threshold
            answers.append(Sighting(shows, share, (phrase,) if shows else ()))
        return answers

    def _said(self, phrase: str) -> list[str]:
        if not phrase.strip():
            raise StudioError("There is no phrase to look for.", "Say what a picture may show.")
        refuse_if_sexualises_minors(phrase)
        return [self._settings.template.replace("{}", phrase), *self._settings.against]


def _load(name: str, settings: ClipSettings, own: Own) -> Detector:
    return ClipZeroShot(name, settings, own.weights or settings.weights)


def _missing(settings: ClipSettings, own: Own) -> StudioError | None:
    return not_here(own.weights or settings.weights)


DETECTOR = Kind(
    name="clip-zero-shot",
    asks="phrase",
    needs=Text(
        en="a CLIP, fetched from the hub at first use, or its folder with --weights",
        zh="一个 CLIP：首次使用时从模型库获取，或用 --weights 给出其文件夹",
    ),
    licence="that of the CLIP you choose; OpenAI's is MIT",
    settings=ClipSettings,
    world="",
    load=_load,
    missing=_missing,
)
