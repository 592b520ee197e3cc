"""Renders with the look of drawn pictures and the labels of renders, to train a judge on.

A judge that saw clean renders alone misses what the model draws a little wrong. Labels that the
model under test gives to its own pictures would teach the judge to agree with the model, so every
label here is that of a render, made before any network touched it:

- through the autoencoder: what the decoder makes of any picture;
- noised to a middle level and drawn again (`redraw`), where things stay what and where they are;
- more of the fluent style, which is drawn worst, under uneven light.
"""

from dataclasses import replace

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional as F

from studio.iconworld import vae
from studio.iconworld.icons import Icons
from studio.iconworld.scenes import SIDE_PX, Scene, draw, random_scene
from studio.world import World

SHADED_STYLE = "fluent"
LIGHT, LIGHT_CELLS = 0.22, 3  # how much lighter or darker at most; corners of the field of light
Looks = tuple[Tensor, list[Scene]]


@torch.no_grad()
def decode(coder: AutoencoderKL, latents: Tensor, batch: int = 64) -> Tensor:
    """Latents (N, 4, H/8, W/8) -> uint8 pictures (N, H, W, 3)."""
    parts = [coder.decode(part).sample.float() for part in latents.float().split(batch)]
    return torch.cat([_to_bytes(part) for part in parts])


def through_autoencoder(coder: AutoencoderKL, pictures: Looks) -> Looks:
    """The same scenes as the autoencoder gives them back."""
    pixels, scenes = pictures
    return decode(coder, vae.encode(coder, pixels)), list(scenes)


def drawn_again(coder: AutoencoderKL, scenes: list[Scene], again: tuple[Tensor, Tensor]) -> Looks:
    """Renders drawn again, each with the label of its render.

    Args:
        scenes: of all renders, in the order of the latents that `redraw` was given.
        again: what `redraw` yields: places (N,) and latents (N, 4, 16, 16).
    """
    rows, latents = again
    return decode(coder, latents), [scenes[row] for row in rows.tolist()]


def shaded_renders(world: World, icons: Icons, count: int, seed: int) -> Looks:
    """New renders of the style that is drawn worst, under uneven light."""
    rng = np.random.default_rng(seed)
    known = {thing for thing, style in icons if style == SHADED_STYLE}
    scenes: list[Scene] = []
    while len(scenes) < count:
        scene = replace(random_scene(world, icons, rng), style=SHADED_STYLE)
        scenes += [scene] if known.issuperset(scene.objects) else []
    pixels = np.empty((count, SIDE_PX, SIDE_PX, 3), np.uint8)
    for place, scene in enumerate(scenes):
        pixels[place] = draw(scene, world, icons, rng)
    light = torch.Generator().manual_seed(seed)
    return uneven_light(torch.from_numpy(pixels), light), scenes


def uneven_light(pixels: Tensor, rng: torch.Generator) -> Tensor:
    """The pictures (N, H, W, 3), uint8, under a smooth field of light; what they show stays."""
    count, high, wide, _ = pixels.shape
    field = torch.rand(count, 1, LIGHT_CELLS, LIGHT_CELLS, generator=rng) * 2 - 1
    smooth = F.interpolate(field, (high, wide), mode="bilinear", align_corners=True)
    lit = pixels.float() * (1 + LIGHT * smooth.permute(0, 2, 3, 1))
    return lit.round().clamp(0, 255).byte()


def joined(parts: list[Looks]) -> Looks:
    """Several sets of pictures as one."""
    return torch.cat([pixels for pixels, _ in parts]), [s for _, scenes in parts for s in scenes]


def _to_bytes(pictures: Tensor) -> Tensor:
    return ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).contiguous()
