"""How well pictures follow their prompts, in any space that holds both."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.evaluation.comparison import grouped_mean
from studio.evaluation.findings import Profile, Score
from studio.evaluation.quality.base import Columns

Floats = NDArray[np.float64]


class Space(Protocol):
    """Puts pictures and prompts into one space, as vectors of length 1, (N, D)."""

    def pictures(self, files: Sequence[Path]) -> Floats: ...
    def texts(self, prompts: Sequence[str]) -> Floats: ...
    def cut(self, prompts: Sequence[str]) -> int: ...
    def profile(self, scorer: str) -> Profile: ...


def follow(space: Space, columns: Columns, name: str, scorer: str) -> Score:
    """Mean cosine of the safeguarded pictures with their prompts, -1..1, with the original's.

    Intervals draw whole prompts, so several seeds of one prompt do not pass for independent.
    """
    texts = space.texts(columns.prompts)

    def cosines(files: Sequence[Path]) -> Floats:
        return (space.pictures(files) * texts).sum(1)

    before, after = cosines(columns.original), cosines(columns.safeguarded)
    value, low, high = grouped_mean(after, columns.prompts)
    return Score(
        name,
        value,
        len(after),
        space.profile(scorer),
        low,
        high,
        None if columns.floor is None else float(cosines(columns.floor).mean()),
        "high",
        original=float(before.mean()),
        change=grouped_mean(after - before, columns.prompts),
        cut=space.cut(columns.prompts),
    )
