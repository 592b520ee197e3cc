"""Pictures and masks that are none, or would fill the memory."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image

from studio.pictures import save_png
from tests.bad_input.files import archive, no_files
from tests.bad_input.row import Bad, text


def encoded(image: Image.Image, form: str = "PNG", **how: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    stamp = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + stamp


def png(width: int, height: int, body: bytes = b"", colour: int = 2, bits: int = 8) -> bytes:
    """A PNG that claims these sides, whatever its body holds."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    rows = chunk(b"IDAT", body) if body else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rows + chunk(b"IEND", b"")


def bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head


def webp(width: int, height: int) -> bytes:
    sides = (width - 1) | ((height - 1) << 14)
    body = b"\x2f" + struct.pack("<I", sides) + b"\0" * 16
    data = b"WEBPVP8L" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(data)) + data


def texted(letters: int) -> bytes:
    """A PNG of one pixel with a note that is much longer than its file."""
    note = b"safeguard_studio\0\0" + zlib.compress(b"a" * letters)
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"zTXt", note),
        (b"IDAT", zlib.compress(b"\0\0\0\0")),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


SMALL = Image.new("RGB", (16, 16), "red")
WHOLE = encoded(SMALL)
FRAMES = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
MOVING = {"save_all": True, "append_images": FRAMES[1:]}
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n/x {(ls) (w) file} def\n%%EOF\n"
NO, LARGE = "no picture that can be read", "pixels, at most 50 million fit|more pixels than any"
FILES: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "empty": (b"", NO),
    "text": (b"no picture", NO),
    "html": (b"<html>404</html>", NO),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', NO),
    "zip": (archive("../a.png"), NO),
    "eps, which runs programs": (EPS, NO),
    "gif": (encoded(SMALL, "GIF"), NO),
    "tiff": (encoded(SMALL, "TIFF"), NO),
    "icon": (encoded(SMALL, "ICO"), NO),
    "half a png": (WHOLE[: len(WHOLE) // 2], NO),
    "a signature alone": (WHOLE[:8], NO),
    "half a jpeg": (encoded(Image.effect_noise((64, 64), 99), "JPEG")[:600], NO),
    "half a webp": (encoded(Image.effect_noise((64, 64), 99), "WEBP")[:200], NO),
    "half a bmp": (bmp(16, 16), NO),
    "wrong check sum": (WHOLE[:-20] + b"\0" * 20, NO),
    "broken body": (png(16, 16, b"no zlib"), NO),
    "no body": (png(16, 16), NO),
    "no sides": (png(0, 0, b"x"), NO),
    "100 million pixels": (png(10_000, 10_000, zlib.compress(b"\0" * 10_000)), LARGE),
    "10 billion pixels": (png(100_000, 100_000, zlib.compress(b"\0" * 10_000)), LARGE),
    "one endless row": (png(2**31 - 1, 1, zlib.compress(b"\0" * 10_000)), LARGE),
    "a bmp of 4 billion pixels": (bmp(65_000, 65_000), LARGE),
    "a webp of 268 million pixels": (webp(16_384, 16_384), f"{LARGE}|{NO}"),
    "moving png": (encoded(FRAMES[0], "PNG", **MOVING), "it moves"),
    "moving webp": (encoded(FRAMES[0], "WEBP", **MOVING), "it moves"),
    "16 bits a colour": (encoded(Image.new("I;16", (16, 16), 9)), "of the kind I"),
    "text of 20 MB inside": (lambda: texted(20_000_000), NO),
    "51 MB": (lambda: WHOLE + b"\0" * 51_000_000, "51 MB, at most 50"),
}
HEAVY = {name for name in FILES if "pixels" in name or "MB" in name or "endless" in name}


def _folder(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """The file in a folder with a whole picture of another name before it."""

    def made(folder: Path) -> Path:
        make(folder)
        save_png(SMALL, folder / "aa.png", {"prompt": "a cat"})
        return folder

    return made


ONE = ("picture", "page pair")
ALL = (
    *(
        Bad(f"picture, {name}", "picture", text(data, "bad.png"), ONE, names, name in HEAVY)
        for name, (data, names) in FILES.items()
    ),
    *(
        Bad(f"picture, {name}", "picture", make, ("picture",), names)
        for name, (make, names) in no_files("bad.png").items()
    ),
    *(
        Bad(f"folder of pictures, {name}", "picture folder", _folder(text(data, "bad.png")),
            ("cli triplets", "cli quality"), names)
        for name, (data, names) in FILES.items() if name not in HEAVY
    ),
    *(
        Bad(f"folder of pictures, {name}", "picture folder", _folder(make), ("cli triplets",),
            names)
        for name, (make, names) in no_files("bad.png").items()
        if name in ("folder", "pipe", "endless device")
    ),
    *(
        Bad(f"mask, {name}", "mask", text(data, "0000.png"), ("masks", "cli masks"), names)
        for name, (data, names) in {
            **{name: FILES[name] for name in FILES if name not in HEAVY},
            "empty mask": (encoded(Image.new("L", (16, 16), 0)), "is empty"),
        }.items()
    ),
    Bad("mask, of no picture", "mask", text(WHOLE, "other.png"), ("masks", "cli masks"),
        "named like an unsafe picture"),
    Bad("mask, of the name **", "mask", text(WHOLE, "**.png"), ("mask of a picture",),
        "no mask in"),
)  # fmt: skip
