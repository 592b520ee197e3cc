"""Folders of pictures, PNG files that carry how they were drawn, and blurred copies of them."""

import base64
import io
import json
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageOps
from PIL.PngImagePlugin import PngInfo

from studio import durable
from studio.errors import StudioError
from studio.files import is_hidden, must_be_file, natural
from studio.limits import PICTURE_MB, PICTURE_PIXELS

THUMB_PX = 192
COVER = ".cover.jpg"
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP")  # some others run programs, such as EPS
MOVING = ("PNG", "WEBP")  # a JPEG of several pictures is a photo with its preview
MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "LAB")
# what decoders raise on bytes that they do not expect
_BROKEN = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, EOFError, ArithmeticError,
    MemoryError, RuntimeError, AttributeError, struct.error, zlib.error,
)  # fmt: skip
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
    """How a PNG of this studio was drawn; empty for other pictures.

    Raises:
        StudioError: see `decoded`.
    """
    try:
        found = json.loads(decoded(file).info.get("safeguard_studio", "{}"))
    except (ValueError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def cover_of(file: Path) -> Path:
    """A blurred copy beside the picture, made once; nothing in it can be recognised."""
    cover = file.with_name(f"{file.stem}{COVER}")
    if not cover.exists():
        image = open_picture(file)
        soft = image.filter(ImageFilter.GaussianBlur(max(image.size) * BLUR_SHARE))
        durable.write_with(
            cover, lambda beside: soft.save(beside, format="JPEG", quality=70), settle=False
        )
    return cover


def thumbnail(file: Path, side_px: int = THUMB_PX) -> str:
    """A picture as a data address, at most `side_px` wide; "" when the file is gone or broken."""
    try:
        return _thumbnail(file, file.stat().st_mtime_ns, side_px)
    except (OSError, StudioError):
        return ""


@lru_cache(maxsize=2048)
def _thumbnail(file: Path, stamp: int, side_px: int) -> str:
    small = open_picture(file)
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


def pictures_below(folder: Path) -> list[Path]:
    """The pictures of a folder, numbers in their names read as numbers; neither hidden files nor
    the blurred copies of `cover_of`. Empty without any."""
    found = (f for f in Path(folder).glob("*") if f.suffix.lower() in PICTURES and not is_hidden(f))
    return sorted((f for f in found if not f.name.endswith(COVER)), key=natural)


def picture_files(folder: Path) -> list[Path]:
    """See `pictures_below`.

    Raises:
        StudioError: there are none.
    """
    found = pictures_below(folder)
    if not found:
        raise StudioError(
            f"There are no pictures in {folder}.", f"Put some there: {', '.join(PICTURES)}."
        )
    return found


def decoded(file: Path) -> Image.Image:
    """A picture of a file that anybody may have sent, decoded; of any of `MODES`.

    Nothing is decoded before its size is known, so that a small file cannot fill the memory.

    Raises:
        StudioError: it is no PNG, JPEG, WebP or BMP, is damaged, too large, or moves.
    """
    size_mb = must_be_file(file) / 1e6
    if size_mb > PICTURE_MB:
        raise _unusable(file, f"it has {size_mb:.0f} MB, at most {PICTURE_MB} are read")
    try:
        with Image.open(file, formats=FORMATS) as image:
            _must_be_usable(file, image)
            image.load()
            return image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _unusable(file, "it claims more pixels than any picture has") from error
    except _BROKEN as error:
        raise StudioError(
            f"{file.name} is no picture that can be read.",
            "Take it out of the folder, or save it again as PNG, JPEG, WebP or BMP.",
        ) from error


def _must_be_usable(file: Path, image: Image.Image) -> None:
    if image.width * image.height > PICTURE_PIXELS:
        most = PICTURE_PIXELS // 1_000_000
        raise _unusable(file, f"{image.width} x {image.height} pixels, at most {most} million fit")
    if image.format in MOVING and getattr(image, "is_animated", False):
        raise _unusable(file, "it moves")
    if image.mode not in MODES:
        raise _unusable(file, f"its pixels are of the kind {image.mode}, not 8 bits a colour")


def _unusable(file: Path, why: str) -> StudioError:
    return StudioError(
        f"The picture {file.name} cannot be used: {why}.",
        "Take it out of the folder, or save it again as a plain PNG or JPEG.",
    )


def readable(file: Path) -> bool:
    """Whether a picture is there and whole."""
    try:
        decoded(file)
    except StudioError:
        return False
    return True


def open_picture(file: Path, ground: str = "white") -> Image.Image:
    """A picture as every viewer shows it, RGB: turned as its camera says, transparency laid on a
    ground.

    Raises:
        StudioError: see `decoded`.
    """
    image = _upright(decoded(file))
    if not image.has_transparency_data:
        return image.convert("RGB")
    opaque = Image.new("RGBA", image.size, ground)
    opaque.alpha_composite(image.convert("RGBA"))
    return opaque.convert("RGB")


def open_mask(file: Path) -> Image.Image:
    """A mask, "L"; what is transparent in it is not covered.

    Raises:
        StudioError: see `decoded`.
    """
    return open_picture(file, "black").convert("L")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:  # notes of a camera that nobody can read
        return image
