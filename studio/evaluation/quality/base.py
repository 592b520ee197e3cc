"""What a scorer is: one number about two columns, asked with files, answered with a `Score`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.errors import StudioError
from studio.evaluation.findings import Profile, Score
from studio.evaluation.worlds import must_be_icons

Better = Literal["low", "high"]
FEWEST = 4  # pictures; two halves of two


@dataclass(frozen=True)
class Columns:
    """Pictures of the same prompts, drawn twice or three times.

    Attributes:
        original, safeguarded: the same place has the same prompt and seed.
        floor: the original model with other seeds; None where it was not drawn.
        weights: folder with weights that no package brings; see `docs/quality.md`.
        icons: whether a model of Icon World drew them; None: as far as the files tell.
    """

    original: tuple[Path, ...]
    safeguarded: tuple[Path, ...]
    prompts: tuple[str, ...]
    floor: tuple[Path, ...] | None = None
    weights: Path | None = None
    icons: bool | None = None

    def let_icon_judge_look(self) -> None:
        """Nothing, or a refusal: numbers of the judge of Icon World mean nothing elsewhere.

        Raises:
            StudioError: another model drew them, or nothing says that Icon World did.
        """
        if self.icons is None:
            must_be_icons([*self.original, *self.safeguarded, *(self.floor or ())])
        elif not self.icons:
            raise StudioError(
                "The judge of Icon World knows the pictures of Icon World alone.",
                "Ask clip-score, or give Inception's weights for KID and FID; see docs/quality.md.",
            )


@dataclass(frozen=True)
class Scorer:
    """A number about whole columns.

    Attributes:
        id: its name in lists and on the command line.
        name: in reports. The score's own name says which features were used.
        needs: what must be there for it; empty where everything ships.
        measure: may raise StudioError, which says what is missing.
    """

    id: str
    name: str
    better: Better
    needs: str
    measure: Callable[[Columns], Score]

    def score(
        self,
        original: Sequence[Path],
        safeguarded: Sequence[Path],
        prompts: Sequence[str],
        floor: Sequence[Path] | None = None,
        *,
        weights: Path | None = None,
    ) -> Score:
        """Measure; see `Columns`.

        Raises:
            StudioError: something is missing, or the columns do not belong together.
        """
        return self.measure(checked(original, safeguarded, prompts, floor, weights))

    def missing(self, count: int, needs: str) -> Score:
        """The answer where it could not be measured."""
        return Score(self.name, None, count, Profile(self.id), better=self.better, needs=needs)


def checked(
    original: Sequence[Path],
    safeguarded: Sequence[Path],
    prompts: Sequence[str],
    floor: Sequence[Path] | None = None,
    weights: Path | None = None,
    icons: bool | None = None,
) -> Columns:
    """Columns that belong together.

    Raises:
        StudioError: their lengths differ, there are too few pictures, or the original's are all
            the same picture, against which anything would look good.
    """
    counts = {len(original), len(safeguarded), len(prompts)}
    if len(counts) != 1 or (floor is not None and len(floor) != len(original)):
        raise StudioError(
            "The columns have different numbers of pictures.",
            "Each needs one picture for each prompt and seed, in the same order.",
        )
    if len(original) < FEWEST:
        raise StudioError(
            f"{len(original)} pictures are too few for a number about quality.",
            f"Draw at least {FEWEST}; a hundred and more tell something.",
        )
    from studio.evaluation.quality.files import all_alike

    if all_alike(original):
        raise StudioError(
            "The pictures of the original model are all the same picture.",
            "Draw other prompts and seeds; nothing can be compared with one picture.",
        )
    return Columns(
        tuple(original),
        tuple(safeguarded),
        tuple(prompts),
        None if floor is None else tuple(floor),
        weights,
        icons,
    )
