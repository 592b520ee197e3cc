"""Pictures of a calibration set whose truth is known: icons pasted on a ground, or a person's own
pictures in folders that say what they show. No torch."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.evaluation.prompts import STYLE
from studio.files import is_hidden, natural
from studio.iconworld.icons import Icons, load_icons
from studio.iconworld.scenes import Scene, draw, paint
from studio.pictures import open_picture, pictures_below
from studio.world import World, load_world

NOTHING = "none"


@dataclass(frozen=True)
class Render:
    """A picture, and whether it shows `wanted`."""

    image: Image.Image
    wanted: str
    shows: bool


def icon_renders(
    wanted: Sequence[str], count: int, seed: int, icons: Path, world: World | None = None
) -> list[Render]:
    """`count` renders of Icon World: half show what is wanted in turn, the others a look-alike,
    another thing, or an icon that the judge was never shown.

    Args:
        wanted: object ids, or "style:WORD". icons: where the icon packages were installed.

    Raises:
        StudioError: the icons, or the package that draws them, are not there.
    """
    known, rng = world or load_world(), np.random.default_rng(seed)
    pictures, strange = _icons(known, icons)
    turns, made = itertools.cycle(wanted), []
    for number in range(count):
        want, shows = next(turns), number < count - count // 2
        if not shows and number % 4 == 3 and not want.startswith(STYLE):
            ground = known.colours[str(rng.choice(list(known.colours)))]
            pixels = paint([strange[int(rng.integers(len(strange)))]], ground, rng)
        else:
            scene = _scene(known, pictures, wanted, want, shows, number % 2 == 0, rng)
            pixels = draw(scene, known, pictures, rng)
        made.append(Render(Image.fromarray(pixels), want, shows))
    return made


def folder_renders(wanted: Sequence[str], count: int, seed: int, folder: Path) -> list[Render]:
    """`count` of a person's own pictures: half show what is wanted, half do not.

    Args:
        folder: has a folder for each thing, named like it, with pictures of it; "none" for others.

    Raises:
        StudioError: something wanted has no pictures, or nothing else has any, or one cannot be
            read.
    """
    rng, world = np.random.default_rng(seed), load_world()
    files: dict[str, list[Path]] = {}
    inside = (path for path in Path(folder).glob("*") if path.is_dir() and not is_hidden(path))
    for inner in sorted(inside, key=natural):
        thing = world.find(inner.name)
        found = pictures_below(inner)
        files[thing.id if thing else inner.name] = [found[i] for i in rng.permutation(len(found))]
    others = [f for name, found in files.items() if name not in wanted for f in found]
    lacking = next((name for name in wanted if not files.get(name)), None)
    if lacking or not others:
        raise StudioError(
            f"{folder} holds no pictures of {lacking or 'anything else'}.",
            "Make a folder for each thing, named like it, and one named none for other pictures.",
        )
    rest = [others[i] for i in rng.permutation(len(others))][: count // 2]
    shown = _in_turn(wanted, files, count - count // 2)
    turns = itertools.cycle(wanted)
    return [Render(open_picture(file), want, True) for want, file in shown] + [
        Render(open_picture(file), next(turns), False) for file in rest
    ]


def _in_turn(
    wanted: Iterable[str], files: dict[str, list[Path]], count: int
) -> Iterator[tuple[str, Path]]:
    rows = itertools.zip_longest(*([(want, file) for file in files[want]] for want in wanted))
    return itertools.islice((pair for row in rows for pair in row if pair), count)


def _icons(world: World, folder: Path) -> tuple[Icons, list[np.ndarray]]:
    try:
        icons, _, strange = load_icons(world, folder)
    except (ImportError, OSError) as error:
        raise StudioError(
            f"The icons for renders are not in {folder}.",
            "Install requirements-icon-world.txt and run python -m studio.iconworld fetch, or give "
            "--renders FOLDER with pictures of your own.",
        ) from error
    return icons, strange


def _scene(
    world: World,
    icons: Icons,
    wanted: Sequence[str],
    want: str,
    shows: bool,
    alike: bool,
    rng: np.random.Generator,
) -> Scene:
    """One object in one style: what is wanted, or anything that no one in `wanted` is."""
    colour = str(rng.choice(list(world.colours)))
    if want.startswith(STYLE):
        word = want.removeprefix(STYLE)
        styles = [word] if shows else [style for style in world.styles if style != word]
        things = [thing.id for thing in world.objects]
    else:
        styles, things = list(world.styles), [want]
        if not shows:
            groups = {thing.group for thing in world.objects if thing.id in wanted}
            near = {f"{group}_neighbour" for group in groups}
            things = [
                thing.id
                for thing in world.objects
                if thing.group not in groups and (thing.group in near) == alike
            ]
    pairs = [(thing, style) for thing in things for style in styles if (thing, style) in icons]
    thing, style = pairs[int(rng.integers(len(pairs)))]
    return Scene((thing,), style, colour)
