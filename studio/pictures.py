"""Folders of pictures, PNG files that carry how they were drawn, and blurred copies of them."""

import base64
import io
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter
from PIL.PngImagePlugin import PngInfo

from studio import durable
from studio.errors import StudioError

THUMB_PX = 192
COVER = ".cover.jpg"
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
BLUR_SHARE = 0.1  # of the side


def save_png(image: Image.Image, file: Path, parameters: dict[str, object]) -> None:
    """Write a PNG with its parameters, readable by other tools, in one go.

    Args:
        parameters: "prompt", "seed", "steps", "cfg_scale", "sampler" and whatever was active.
    """
    info = PngInfo()
    rest = ", ".join(
        f"{key.replace('_', ' ').title()}: {value}"
        for key, value in parameters.items()
        if key != "prompt"
    )
    info.add_text("parameters", f"{parameters.get('prompt', '')}\n{rest}")
    info.add_text("safeguard_studio", json.dumps(parameters, ensure_ascii=True))
    file.parent.mkdir(parents=True, exist_ok=True)
    durable.write_with(
        file, lambda beside: image.save(beside, format="PNG", pnginfo=info), settle=False
    )


def read_parameters(file: Path) -> dict[str, object]:
    """How a PNG of this studio was drawn; empty for other pictures."""
    with Image.open(file) as image:
        return dict(json.loads(image.info.get("safeguard_studio", "{}")))


def cover_of(file: Path) -> Path:
    """A blurred copy beside the picture, made once; nothing in it can be recognised."""
    cover = file.with_name(f"{file.stem}{COVER}")
    if not cover.exists():
        with Image.open(file) as image:
            side = max(image.size)
            soft = image.convert("RGB").filter(ImageFilter.GaussianBlur(side * BLUR_SHARE))
            durable.write_with(
                cover, lambda beside: soft.save(beside, format="JPEG", quality=70), settle=False
            )
    return cover


def thumbnail(file: Path, side_px: int = THUMB_PX) -> str:
    """A picture as a data address, at most `side_px` wide; "" when the file is gone."""
    try:
        return _thumbnail(file, file.stat().st_mtime_ns, side_px)
    except OSError:
        return ""


@lru_cache(maxsize=2048)
def _thumbnail(file: Path, stamp: int, side_px: int) -> str:
    with Image.open(file) as image:
        small = image.convert("RGB")
        small.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        small.save(buffer, format="JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def mosaic(image: Image.Image, mask: Image.Image, block_px: int, blur_px: float) -> Image.Image:
    """The picture pixelated and blurred where the mask is white.

    Args:
        image: RGB. mask: "L", of the same size; greys blend.
        block_px: side of a block. blur_px: radius of the blur over the blocks; 0 for none.
    """
    small = (max(1, image.width // block_px), max(1, image.height // block_px))
    coarse = image.resize(small, Image.Resampling.BOX).resize(image.size, Image.Resampling.NEAREST)
    soft = coarse.filter(ImageFilter.GaussianBlur(blur_px)) if blur_px else coarse
    return Image.composite(soft, image, mask)


def covered(
    image: Image.Image, mask: Image.Image, block_share: float, blur_share: float
) -> Image.Image:
    """`mosaic`, with block and blur as shares of the picture's shorter side."""
    side = min(image.size)
    return mosaic(image, mask, max(1, round(block_share * side)), round(blur_share * side))


def box_mask(size: tuple[int, int], boxes: Sequence[tuple[int, int, int, int]]) -> Image.Image:
    """A mask, "L", white inside the boxes (left, top, width, height)."""
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    for left, top, width, height in boxes:
        pen.rectangle((left, top, left + width - 1, top + height - 1), fill=255)
    return mask


def picture_files(folder: Path) -> list[Path]:
    """The pictures of a folder by name, without the blurred copies of `cover_of`.

    Raises:
        StudioError: there are none.
    """
    found = sorted(
        file
        for file in folder.glob("*")
        if file.suffix.lower() in PICTURES and not file.name.endswith(COVER)
    )
    if not found:
        raise StudioError(
            f"There are no pictures in {folder}.", f"Put some there: {', '.join(PICTURES)}."
        )
    return found


def open_picture(file: Path) -> Image.Image:
    """A picture, RGB.

    Raises:
        StudioError: it cannot be read.
    """
    try:
        with Image.open(file) as image:
            return image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise StudioError(
            f"{file.name} is no picture that can be read.", "Take it out of the folder."
        ) from error
