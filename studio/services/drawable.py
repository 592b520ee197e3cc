"""Of which prompts and seeds a picture is drawn, and which columns can read them."""

from collections.abc import Sequence

from studio.config import HIDDEN, Column
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
    if HIDDEN.search(prompt):
        raise StudioError(
            f"A prompt holds a hidden letter: {prompt[:40]!r}.", "Type it anew, letter by letter."
        )
    if not isinstance(seed, int) or not 0 <= seed <= SEED:
        raise StudioError(f"{seed} is no seed.", f"Choose a whole number from 0 to {SEED}.")
    refuse_if_sexualises_minors(prompt)


def pairs_of(prompts: Sequence[str], seeds: Sequence[int]) -> list[tuple[str, int]]:
    """Prompts that say something, each with its seed; a single seed is for all of them."""
    each = list(seeds) * len(prompts) if len(seeds) == 1 else seeds
    pairs = zip(prompts, each, strict=True)
    return [(prompt.strip(), seed) for prompt, seed in pairs if prompt.strip()]


def understanding_alike(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Columns that all know the learned words of any: a prompt may name them."""
    words = {token.name: token for column in columns for token in column.tokens}
    return tuple(
        column.model_copy(update={"tokens": tuple({**words, **own}.values())})
        for column in columns
        for own in [{token.name: token for token in column.tokens}]
    )
