"""What is not finite is no picture: a model, adapter or word that breaks must never look gone."""

import torch
from torch import Tensor

from studio.errors import StudioError

LOOK_FOR = (
    "A part of the model, an adapter or a learned word holds numbers that overflow: leave them out "
    "one by one to find which, or get it again."
)


def finite_rows(rows: Tensor) -> list[bool]:
    """Of each row (B, ...) whether all its numbers are finite."""
    found: list[bool] = torch.isfinite(rows).flatten(1).all(1).tolist()
    return found


def only_whole(pictures: Tensor, *also: Tensor) -> Tensor:
    """The pictures (B, ...), NaN all over where anything in one, or in its row of `also`, is not
    finite; so clamping cannot hide it."""
    whole = [all(row) for row in zip(*map(finite_rows, (pictures, *also)), strict=True)]
    kept = torch.tensor(whole, device=pictures.device).view(-1, *[1] * (pictures.ndim - 1))
    return torch.where(kept, pictures, torch.nan)


def not_finite(broken: int, of: int, example: str) -> StudioError:
    """That so many pictures came out as no numbers."""
    return StudioError(
        f"{broken} of {of} pictures came out as no numbers (NaN), such as of {example!r}; they are "
        "no pictures.",
        LOOK_FOR,
    )


def broken_model(title: str) -> StudioError:
    """That a model answers with no numbers before anything was trained."""
    return StudioError(
        f"{title} is broken: it answers with no numbers (NaN) before any training.", LOOK_FOR
    )
