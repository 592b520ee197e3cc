"""Pictures and weights from files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from studio.errors import StudioError
from studio.pictures import open_picture

MOST_PX = 224  # shorter side; larger pictures are made this small, as ImageNet's networks saw them
BATCH = 32


def parts(files: Sequence[Path]) -> Iterator[Sequence[Path]]:
    """Files in batches."""
    return (files[start : start + BATCH] for start in range(0, len(files), BATCH))


def read(files: Sequence[Path], most_px: int | None = MOST_PX) -> Tensor:
    """Pictures from files, made smaller where needed; (B, 3, H, W), -1..1.

    Raises:
        StudioError: they differ in size, or one is no picture.
    """
    rows = [np.asarray(_at_most(image, most_px)) for image in images(files)]
    if len({row.shape for row in rows}) > 1:
        raise StudioError(
            "The pictures differ in size.", "Compare pictures of one size, drawn in the same way."
        )
    pixels = torch.from_numpy(np.stack(rows)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return pixels.contiguous(memory_format=torch.channels_last)


def images(files: Sequence[Path]) -> Iterator[Image.Image]:
    """Pictures, RGB, one by one.

    Raises:
        StudioError: one is no picture.
    """
    for file in files:
        yield open_picture(file)


def all_alike(files: Sequence[Path]) -> bool:
    """Whether all pictures have the same pixels."""
    pixels = (image.tobytes() for image in images(files))
    first = next(pixels)
    return all(other == first for other in pixels)


def _at_most(image: Image.Image, most_px: int | None) -> Image.Image:
    """With its shorter side at most `most_px`; Pillow's bicubic filter, which does not alias."""
    share = 1.0 if most_px is None else most_px / min(image.size)
    if share >= 1:
        return image
    size = (round(image.width * share), round(image.height * share))
    return image.resize(size, Image.Resampling.BICUBIC)
