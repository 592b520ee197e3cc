"""Which prompts and seeds a picture is drawn of."""

from studio.config import HIDDEN
from studio.errors import StudioError
from studio.limits import PROMPT_LETTERS, SEED
from studio.prompt_rules import refuse_if_sexualises_minors


def must_be_drawable(prompt: str, seed: int) -> None:
    """Refuse what no picture is drawn of.

    Raises:
        StudioError: the prompt is too long, holds a hidden letter or sexualises minors, or the seed
            is out of range.
    """
    if len(prompt) > PROMPT_LETTERS:
        raise StudioError(
            f"A prompt has {len(prompt)} letters: {prompt[:40]!r}.",
            f"No model reads more than {PROMPT_LETTERS}; shorten it.",
        )
    if HIDDEN.search(prompt) or (not prompt.isascii() and _half(prompt)):
        raise StudioError(
            f"A prompt holds a hidden letter: {prompt[:40]!r}.", "Type it anew, letter by letter."
        )
    if not isinstance(seed, int) or not 0 <= seed <= SEED:
        raise StudioError(f"{seed} is no seed.", f"Choose a whole number from 0 to {SEED}.")
    refuse_if_sexualises_minors(prompt)


def _half(text: str) -> bool:
    """Whether a text holds a half of a letter, which no file can hold."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)
