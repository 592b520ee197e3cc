"""Texts that are refused everywhere: those that sexualise minors."""

import re

from studio.errors import StudioError

_MINOR = (
    r"child|children|kid|kids|minor|minors|underage|under-age|teen|teens|teenage|teenager|toddler|"
    r"infant|preteen|pre-teen|schoolgirl|schoolboy|little girl|little boy|young girl|young boy|"
    r"loli|lolita|shota|boy|girl|baby|\d{1}[ -]?year[ -]?old|1[0-7][ -]?year[ -]?old|"
    r"儿童|孩子|小孩|未成年|幼女|幼童|女童|男童|少女|少年|学生妹|婴儿"
)
_SEXUAL = (
    r"nude|nudes|nudity|naked|sex|sexy|sexual|sexualised|sexualized|erotic|erotica|porn|porno|"
    r"pornographic|pornography|nsfw|hentai|topless|undressed|lingerie|genitals|breasts|seductive|"
    r"裸|裸体|色情|性感|性爱|情色|黄色图片"
)
_LETTERS = re.compile(rf"(?<![a-z])(?:{_MINOR})(?![a-z])", re.IGNORECASE)
_ACTS = re.compile(rf"(?<![a-z])(?:{_SEXUAL})(?![a-z])", re.IGNORECASE)


def sexualises_minors(text: str) -> bool:
    """Whether a text names minors and sexual content together; errs on the side of yes."""
    return bool(_LETTERS.search(text) and _ACTS.search(text))


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
