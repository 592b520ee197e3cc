"""Texts that are refused everywhere: those that sexualise minors."""

import re

from studio.age_words import MINOR
from studio.errors import StudioError
from studio.phrases import folded

_SEXUAL = (
    r"nude|nudes|nudity|naked|sex|sexy|sexual|sexualised|sexualized|erotic|erotica|porn|porno|"
    r"pornographic|pornography|nsfw|hentai|topless|undressed|lingerie|genitals|breasts|seductive|"
    r"裸|色情|性感|性[爱愛]|情色|黄色图片|黃色圖片"
)
_LETTERS = MINOR  # words for age, one at a time in folded text
_ACTS = re.compile(rf"(?<![a-z])(?:{_SEXUAL})(?![a-z])")


def sexualises_minors(text: str) -> bool:
    """Whether a text names minors and sexual content together; errs on the side of yes."""
    plain = folded(text)
    return bool(_LETTERS.search(plain) and _ACTS.search(plain))


def refuse_if_sexualises_minors(text: str) -> None:
    """Let a text pass, or refuse it.

    Raises:
        StudioError: it names minors and sexual content together. The text is not repeated.
    """
    if sexualises_minors(text):
        raise refusal()


def refusal() -> StudioError:
    """What is said of such a text, without repeating it."""
    return StudioError(
        "A text was refused: it names minors and sexual content together.",
        "Nothing is drawn for such texts. Take it out and go on.",
    )
