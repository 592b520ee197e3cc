"""Letters in pictures: every script that some font at hand has, letter by letter; no torch.

DejaVu Sans comes with matplotlib (Latin, Greek, Cyrillic, Arabic), `assets/fonts` has Chinese (GB
2312), and fonts of the system have the rest. What no font has is written by its code point, such as
[U+1F3A8]: a box would hide that something stands there.
"""

import re
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path

import matplotlib
from fontTools.ttLib import TTFont, TTLibError
from matplotlib import font_manager
from PIL import ImageDraw, ImageFont

from studio.world import ROOT

LATIN = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
CHINESE = ROOT / "assets" / "fonts" / "StudioNotoSC.otf"
# families that have many letters, all drawn as outlines; others are not even opened
_WIDE = re.compile(
    r"noto sans|noto serif cjk|source han|wenquanyi|droid sans fallback|arial unicode|"
    r"microsoft (yahei|jhenghei)|sim(sun|hei)|pingfang|hiragino|malgun|yu gothic|nanum|"
    r"segoe ui sym",
    re.IGNORECASE,
)
_MARKS = ("Mn", "Me", "Cf")  # marks and joiners: they follow the letter before them
_WIDE_LETTER = r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"
_BREAKS = re.compile(rf"\s+|(?<={_WIDE_LETTER})(?![，。、；：！？）】》”’])")
MORE = "..."


@cache
def _letters(file: Path) -> frozenset[int]:
    try:
        with TTFont(file, fontNumber=0, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, ValueError, AssertionError, AttributeError, KeyError):
        return frozenset()


@cache
def _system() -> tuple[Path, ...]:
    """Fonts of the system that may have what ours lack, plain ones first."""
    known = [f for f in font_manager.fontManager.ttflist if _WIDE.search(f.name)]
    known.sort(key=lambda f: (f.style != "normal", f.weight != 400, f.name))
    return tuple(dict.fromkeys(Path(f.fname) for f in known))


@cache
def _font_of(letter: str) -> Path | None:
    """The first font that has a letter."""
    code = ord(letter)
    for file in (LATIN, CHINESE):
        if code in _letters(file):
            return file
    return next((file for file in _system() if code in _letters(file)), None)


def legible(text: str) -> str:
    """A text on one line whose every letter some font has; others stand as their code point."""
    told = []
    for letter in unicodedata.normalize("NFC", " ".join(text.split())):
        if unicodedata.category(letter) in ("Cf", "Cc"):
            continue
        if unicodedata.category(letter) in _MARKS and _font_of(letter) is None:
            continue  # such as the sign that asks for a coloured picture
        told.append(letter if _font_of(letter) else f"[U+{ord(letter):04X}]")
    return "".join(told)


def families(text: str) -> list[str]:
    """Names of the fonts that a legible text needs, as matplotlib wants them."""
    files = [LATIN, *(found for letter in text if (found := _font_of(letter)) is not None)]
    return [_family(file) for file in dict.fromkeys(files)]


@cache
def _family(file: Path) -> str:
    known = font_manager.fontManager
    if not any(Path(entry.fname) == file for entry in known.ttflist):
        known.addfont(file)
    return str(next(entry.name for entry in known.ttflist if Path(entry.fname) == file))


@cache
def _sized(file: Path, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size_px)


def _pieces(text: str, size_px: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """A legible text in runs of one font each; a mark stays with its letter."""
    fonts: list[Path] = []
    for letter in text:
        mark = fonts and (letter == " " or unicodedata.category(letter) in _MARKS)
        fonts.append(fonts[-1] if mark else _font_of(letter) or LATIN)
    runs = groupby(zip(text, fonts, strict=True), key=lambda pair: pair[1])
    return [("".join(t for t, _ in run), _sized(file, size_px)) for file, run in runs]


def width(text: str, size_px: int) -> float:
    """How wide a text will be, pixels."""
    return sum(font.getlength(part) for part, font in _pieces(legible(text), size_px))


def write(
    pen: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size_px: int, fill: str
) -> None:
    """Write a line into a picture; `place` is the left end, at the height of capital letters."""
    left, top = place
    baseline = top + _sized(LATIN, size_px).getmetrics()[0]
    for part, font in _pieces(legible(text), size_px):
        pen.text((left, baseline), part, fill=fill, font=font, anchor="ls")
        left += font.getlength(part)


def cut(text: str, size_px: int, room_px: float) -> str:
    """The text, or as much of its start as fits."""
    if width(text, size_px) <= room_px:
        return text
    while text and width(text + MORE, size_px) > room_px:
        text = text[:-1]
    return text.rstrip() + MORE


def wrapped(text: str, size_px: int, room_px: float, most: int) -> list[str]:
    """The text in at most `most` lines that fit; broken at blanks, between Chinese letters, and
    inside a word where it is wider than a line. "..." says that more would follow."""
    lines, line = [], ""
    for word in _words(" ".join(text.split()), size_px, room_px):
        if line and width((line + word).rstrip(), size_px) > room_px:
            lines.append(line.rstrip())
            line = ""
        line += word
    lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], cut(" ".join(lines[most - 1 : most + 1]), size_px, room_px)]
    return lines


def _words(text: str, size_px: int, room_px: float) -> list[str]:
    """Parts after which a line may end, with their blanks; none wider than a line."""
    ends = [found.end() for found in _BREAKS.finditer(text) if found.end()]
    parts, start = [], 0
    for end in [*ends, len(text)]:
        part = text[start:end]
        while width(part.rstrip(), size_px) > room_px and len(part) > 1:
            size = next(
                n
                for n in range(len(part) - 1, 0, -1)
                if n == 1 or width(part[:n], size_px) <= room_px
            )
            parts.append(part[:size])
            part = part[size:]
        parts.append(part)
        start = end
    return [part for part in parts if part]
