"""Which picture belongs to which: by the names in folders, and to which prompt; no torch."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from studio.errors import StudioError
from studio.files import natural, numbers_in
from studio.pictures import picture_files, read_parameters

By = Literal["names", "numbers in names"]
NAMED = 3


@dataclass(frozen=True)
class Pairing:
    """Pictures that belong together, in the order of the original's names.

    Attributes:
        by: what agrees in the names of the folders.
        other_prompts: pictures that say that they were drawn from another prompt than the list's.
    """

    columns: tuple[tuple[Path, ...], ...]
    prompts: tuple[str, ...] = ()
    by: By = "names"
    other_prompts: int = 0

    def shown(self) -> dict[str, Any]:
        """The first and the last row, for people to look at."""
        ends = {"first": 0, "last": -1}
        return {
            "count": len(self.columns[0]),
            "by": self.by,
            "other_prompts": self.other_prompts,
            **{
                end: {
                    "pictures": [column[place].name for column in self.columns],
                    "prompt": self.prompts[place] if self.prompts else "",
                }
                for end, place in ends.items()
            },
        }


def paired(original: Path, safeguarded: Path, floor: Path | None = None) -> Pairing:
    """The pictures of two folders, those of one name (or of the same numbers) in one row.

    Args:
        floor: has other seeds in its names; its pictures follow in the order of their names.

    Raises:
        StudioError: a folder has no pictures, their counts differ, or the names do not agree.
    """
    folders = [original, safeguarded]
    columns = [picture_files(folder) for folder in folders]
    third = [] if floor is None else [tuple(picture_files(floor))]
    for folder, column in ((safeguarded, columns[1]), *((floor, one) for one in third)):
        if len(column) != len(columns[0]):
            raise StudioError(
                f"{original} has {len(columns[0])} pictures and {folder} has {len(column)}.",
                "Each needs one picture for each prompt and seed, named alike.",
            )
    ways: tuple[By, ...] = ("names", "numbers in names")
    for by in ways:
        keyed = [_keyed(column, by) for column in columns]
        if keyed[0].keys() == keyed[1].keys() and _whole(keyed, columns):
            second = tuple(keyed[1][key] for key in keyed[0])
            return Pairing((tuple(columns[0]), second, *third), by=by)
    raise _strangers(folders, columns)


def _keyed(column: Sequence[Path], by: By) -> Mapping[Hashable, Path]:
    if by == "names":
        return {natural(file.stem)[:-1]: file for file in column}
    return {numbers_in(file.stem): file for file in column}


def _whole(keyed: Sequence[Mapping[Hashable, Path]], columns: Sequence[Sequence[Path]]) -> bool:
    """Whether no two pictures of a folder have the same key."""
    return all(len(found) == len(column) for found, column in zip(keyed, columns, strict=True))


def _strangers(folders: Sequence[Path], columns: Sequence[Sequence[Path]]) -> StudioError:
    stems = [{natural(file.stem)[:-1] for file in column} for column in columns]
    for folder, column, own in zip(folders, columns, stems, strict=True):
        alone = [f.name for f in column if any(natural(f.stem)[:-1] not in s for s in stems)]
        if alone or len(own) < len(column):
            names = alone or [f.name for f in column if _twice(f, column)]
            told = ", ".join(names[:NAMED]) + (" ..." if len(names) > NAMED else "")
            return StudioError(
                f"It is not clear which picture belongs to which: {folder} has {told}.",
                "Give pictures of one prompt and seed the same name in each folder, such as "
                "0_0.png, and each name once.",
            )
    raise AssertionError(folders)


def _twice(file: Path, column: Sequence[Path]) -> bool:
    key = natural(file.stem)[:-1]
    return sum(natural(other.stem)[:-1] == key for other in column) > 1


def with_list(pairing: Pairing, listed: Sequence[str], name: str) -> Pairing:
    """The pairing with the prompts of a list, in its order.

    Raises:
        StudioError: there are more or fewer prompts than pictures, or the pictures say that they
            were drawn from the same prompts in another order.
    """
    first = pairing.columns[0]
    if len(listed) != len(first):
        raise StudioError(
            f"{name} has {len(listed)} prompts for {len(first)} pictures.",
            "Each prompt needs one picture, in the order of the numbers in their names.",
        )
    told = [read_parameters(picture).get("prompt") for picture in first]
    known = [(said, prompt) for said, prompt in zip(told, listed, strict=True) if said]
    others = sum(said != prompt for said, prompt in known)
    if others and len(known) == len(first) and Counter(told) == Counter(listed):
        place = next(i for i, said in enumerate(told) if said != listed[i])
        raise StudioError(
            f"{first[place].name} would be paired with another prompt of {name} than the one it "
            "was drawn from.",
            "Put the list in the order of the pictures, or leave --prompt-file out.",
        )
    return Pairing(pairing.columns, tuple(listed), pairing.by, others)
