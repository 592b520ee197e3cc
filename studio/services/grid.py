"""X/Y/Z grids: pictures over up to three axes, everything else the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite, prod
from pathlib import Path
from typing import Literal, get_args

from studio.config import AdapterUse, Column, Pack, SampleConfig
from studio.errors import StudioError
from studio.limits import SEED, TEXT_LETTERS
from studio.presets import check
from studio.records import Behind
from studio.services.columns import column, pack_concepts
from studio.services.compare import Compare, Request, sampled
from studio.services.runs import Runs
from studio.services.sheet import MOST_CELLS, Cell

Name = Literal["prompt", "seed", "strength", "guidance", "steps", "sampler", "column"]
NAMES: tuple[Name, ...] = get_args(Name)


@dataclass(frozen=True)
class Axis:
    """What varies along one side of a grid, as it is written."""

    name: Name
    values: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """All settings of one picture of a grid."""

    prompt: str
    seed: int
    column: Column
    sample: SampleConfig


@dataclass(frozen=True)
class Gridded:
    """How far a grid is; `cells` is there when it is finished, x first, then y, then z."""

    done: int
    total: int
    cells: tuple[Cell, ...] = ()
    behind: Behind | None = None  # what it waits for


def axis(text: str) -> Axis:
    """An axis from "NAME=VALUE|VALUE"; numbers may be parted by commas.

    Raises:
        StudioError: no such axis, or no values.
    """
    if len(text) > TEXT_LETTERS:
        raise StudioError(
            f"{len(text)} letters are too many for one axis.", f"Ask for {MOST_CELLS} at most."
        )
    name, _, rest = text.partition("=")
    name = name.strip()
    if name not in NAMES:
        raise StudioError(
            f"{name!r} is no axis of a grid.", f"Write NAME=VALUE|VALUE with one of: {_named()}."
        )
    parted = rest if "|" in rest or name in ("prompt", "column") else rest.replace(",", "|")
    values = tuple(value.strip() for value in parted.split("|") if value.strip())
    if not values:
        raise StudioError(f"The axis {name} has no values.", "Part them with |.")
    return Axis(name, values)


def points(
    runs: Runs, pack: Pack, start: Point, axes: Sequence[Axis]
) -> list[tuple[tuple[str, ...], Point]]:
    """Every point of the grid with its place: the value along each axis, in their order.

    Raises:
        StudioError: an axis stands twice, a value is not right, or there are too many pictures.
    """
    names = [one.name for one in axes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise StudioError(f"The axis {twice} stands twice.", "Give each axis once.")
    found: list[tuple[tuple[str, ...], Point]] = [((), start)]
    # the strength changes the column that another axis chose, so it comes last
    asked = prod(len(one.values) for one in axes)
    if asked > MOST_CELLS:
        raise StudioError(
            f"{asked} pictures are too many for one grid.", f"Ask for {MOST_CELLS} at most."
        )
    order = sorted(range(len(axes)), key=lambda place: axes[place].name == "strength")
    for place in order:
        one = axes[place]
        found = [
            ((*values, value), _moved(runs, pack, point, one.name, value))
            for values, point in found
            for value in one.values
        ]
    back = [order.index(place) for place in range(len(axes))]
    placed = [(tuple(values[place] for place in back), point) for values, point in found]
    ranks = [{value: rank for rank, value in enumerate(one.values)} for one in axes]

    def at(row: tuple[tuple[str, ...], Point]) -> list[int]:
        return [rank[value] for rank, value in zip(ranks, row[0], strict=True)][::-1]

    return sorted(placed, key=at)


def draw_grid(
    runs: Runs, drawer: Compare, run_id: str, start: Point, axes: Sequence[Axis]
) -> Iterator[Gridded]:
    """Draw a grid; the first axis runs to the right, the others down. Stopped, it has no cells.

    Raises:
        StudioError: see `points` and `Compare.draw`.
    """
    config = runs.folder(run_id).config
    placed = points(runs, config.pack, start, axes)
    sensitive = config.pack.sensitivity == "sensitive"
    alike: dict[tuple[SampleConfig, Column], list[Point]] = {}
    for point in dict.fromkeys(point for _, point in placed):
        alike.setdefault((point.sample, point.column), []).append(point)
    files: dict[Point, Path] = {}
    for (sample, chosen), group in alike.items():
        request = Request(
            config.model,
            sample,
            tuple(point.prompt for point in group),
            tuple(point.seed for point in group),
            (chosen,),
            sensitive,
        )
        for drawing in drawer.draw(request):
            yield Gridded(len(files) + drawing.done, len(placed), behind=drawing.behind)
        if not drawing.finished:
            return
        for point, drawn in zip(group, drawing.pictures, strict=True):
            files[point] = drawn.cover or drawn.path
    cells = tuple(
        Cell(_head(axes[1:], values[1:]), _head(axes[:1], values[:1]), files[point])
        for values, point in placed
    )
    yield Gridded(len(placed), len(placed), cells)


def legend(start: Point, axes: Sequence[Axis]) -> str:
    """What is the same in every picture."""
    fixed = {
        "prompt": start.prompt,
        "seed": str(start.seed),
        "column": start.column.label,
        "guidance": f"{start.sample.guidance:g}",
        "steps": str(start.sample.steps),
        "sampler": start.sample.sampler,
    }
    varied = {one.name for one in axes}
    return " · ".join(f"{name} {value}" for name, value in fixed.items() if name not in varied)


def _moved(runs: Runs, pack: Pack, point: Point, name: Name, value: str) -> Point:
    if name == "prompt":
        return replace(point, prompt=value)
    if name == "column":
        return replace(point, column=column(runs, value, pack_concepts(pack)))
    if name == "sampler":
        return replace(point, sample=sampled(point.sample, sampler=value))
    number = _number(name, value)
    if name == "seed":
        return replace(point, seed=int(number))
    if name == "strength":
        return replace(point, column=_weighted(point.column, number))
    changed = {name: int(number) if name == "steps" else number}
    return replace(point, sample=sampled(point.sample, **changed))


def _weighted(chosen: Column, strength: float) -> Column:
    if strength == 0:
        return chosen.model_copy(update={"adapters": ()})
    uses = tuple(
        check(AdapterUse, {**use.model_dump(), "weight": strength * use.weight}, "Settings")
        for use in chosen.adapters
    )
    return chosen.model_copy(update={"adapters": uses})


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1
    fits = isfinite(number) and 0 <= number <= SEED
    if not fits or (name in ("seed", "steps") and not number.is_integer()):
        raise StudioError(
            f"{value!r} is no value for the axis {name}.", "Write numbers, parted by commas."
        )
    return number


def _head(axes: Sequence[Axis], values: Sequence[str]) -> str:
    told = (
        value if one.name in ("prompt", "sampler", "column") else f"{one.name} {value}"
        for one, value in zip(axes, values, strict=True)
    )
    return " · ".join(reversed(list(told)))


def _named() -> str:
    return ", ".join(NAMES)
