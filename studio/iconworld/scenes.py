"""Pictures of Icon World: one or two icons on a coloured ground, with what they show."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio.iconworld.icons import Icons
from studio.world import World

SIDE_PX = 128
TWO_OBJECTS = 0.12
COLOUR_JITTER = 5


@dataclass(frozen=True)
class Scene:
    """What a picture shows: object ids (one or two, or none), style word, colour word."""

    objects: tuple[str, ...]
    style: str
    colour: str


def random_scene(
    world: World, icons: Icons, rng: np.random.Generator, two_share: float = TWO_OBJECTS
) -> Scene:
    """Draw what to show; only pairs of object and style that exist."""
    style = str(rng.choice(list(world.styles)))
    colour = str(rng.choice(list(world.colours)))
    known = [thing.id for thing in world.objects if (thing.id, style) in icons]
    count = 2 if rng.random() < two_share else 1
    return Scene(tuple(rng.choice(known, size=count, replace=False).tolist()), style, colour)


def paint(
    pictures: list[np.ndarray], ground: tuple[int, int, int], rng: np.random.Generator
) -> np.ndarray:
    """Paste RGBA icons side by side with random size, place and a small turn.

    Returns:
        uint8 (SIDE_PX, SIDE_PX, 3).
    """
    shade = np.clip(np.array(ground) + rng.integers(-COLOUR_JITTER, COLOUR_JITTER + 1, 3), 0, 255)
    canvas = Image.new("RGB", (SIDE_PX, SIDE_PX), tuple(int(c) for c in shade))
    slot = SIDE_PX / max(1, len(pictures))
    for place, picture in enumerate(pictures):
        share = rng.uniform(0.64, 0.84) if len(pictures) == 1 else rng.uniform(0.42, 0.48)
        size = round(share * SIDE_PX)
        turned = Image.fromarray(picture).rotate(
            rng.uniform(-9, 9), Image.Resampling.BICUBIC, expand=True
        )
        size = round(size * turned.width / picture.shape[1])
        icon = turned.resize((size, size), Image.Resampling.LANCZOS)
        loose_x, loose_y = max(0.0, slot - size), SIDE_PX - size
        left = place * slot + loose_x / 2 + rng.uniform(-0.3, 0.3) * loose_x
        top = loose_y / 2 + rng.uniform(-0.3, 0.3) * loose_y
        canvas.paste(icon, (round(left), round(top)), icon)
    return np.asarray(canvas)


def draw(scene: Scene, world: World, icons: Icons, rng: np.random.Generator) -> np.ndarray:
    """The picture of a scene, uint8 (SIDE_PX, SIDE_PX, 3)."""
    pictures = [icons[name, scene.style] for name in scene.objects]
    return paint(pictures, world.colours[scene.colour], rng)


def draw_many(
    world: World, icons: Icons, count: int, seed: int, two_share: float = TWO_OBJECTS
) -> tuple[np.ndarray, list[Scene]]:
    """`count` random pictures, uint8 (count, SIDE_PX, SIDE_PX, 3), and what they show."""
    rng = np.random.default_rng(seed)
    scenes = [random_scene(world, icons, rng, two_share) for _ in range(count)]
    pixels = np.empty((count, SIDE_PX, SIDE_PX, 3), np.uint8)
    for place, scene in enumerate(scenes):
        pixels[place] = draw(scene, world, icons, rng)
    return pixels, scenes
