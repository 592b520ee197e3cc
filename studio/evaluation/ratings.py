"""What people said of pictures, whoever asked them: the input of a reward model."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ratings:
    """Answers of a rating round; pictures are named by their file, relative to the round's folder.

    Attributes:
        shows: picture -> one answer for each rater, True: it shows what was asked for.
        ranks: one ranking each, the picture that shows most of it first; pictures that were called
            not applicable are left out.
    """

    shows: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)
    ranks: tuple[tuple[str, ...], ...] = ()
