"""Files that people name: found, looked at and read without surprises."""

import os
import re
from pathlib import Path

from studio.errors import StudioError
from studio.limits import ID_LETTERS

BOM = b"\xef\xbb\xbf"
MODEL_FILES = (".safetensors", ".json", ".txt")  # that a model is read from
ZIP = b"PK\x03\x04"
_NUMBER = re.compile(r"([0-9]{1,300})")
OTHER_UNICODE = (b"\xff\xfe", b"\xfe\xff")


def place_of(text: str) -> Path:
    """The path that a person wrote, with ~ for the home folder.

    Raises:
        StudioError: no file or folder can have this name.
    """
    try:
        place = Path(text).expanduser()
        place.exists()
        if "\0" not in text:
            return place
    except (OSError, ValueError, RuntimeError):
        pass
    raise StudioError(f"{text!r} is no path.", "Check its spelling.")


def fingerprint(place: Path) -> list[tuple[str, int, int]]:
    """What changes when a model does: name, size and time of each of its files, links followed.

    Args:
        place: a file or folder; where there is nothing, there are no files.
    """
    found: list[tuple[str, int, int]] = []
    seen: set[Path] = set()
    for folder, inner, names in os.walk(place, followlinks=True):
        real = Path(folder).resolve()
        if real in seen:  # a link in a circle
            inner.clear()
            continue
        seen.add(real)
        files = [Path(folder) / name for name in names if name.endswith(MODEL_FILES)]
        found += [_stamped(file, place) for file in files if file.is_file()]
    if place.is_file():
        found.append(_stamped(place, place.parent))
    return sorted(found)


def _stamped(file: Path, place: Path) -> tuple[str, int, int]:
    about = file.stat()
    return file.relative_to(place).as_posix(), about.st_size, about.st_mtime_ns


def is_name(text: object) -> bool:
    """Whether a value may be the name of a run, a set or a pack inside its folder: never a way out
    of it, and short enough for every disk."""
    if not isinstance(text, str):
        return False
    plain = text.isprintable() and not set(text) & set('/\\:*?"<>|')
    return bool(text) and plain and text.strip(". ") == text and len(text) <= 2 * ID_LETTERS


def natural(name: str | Path) -> tuple[object, ...]:
    """Sorts names as people count: "2_0.png" before "10_0.png", "img.png" before "img(2).png".

    Numbers are read as numbers, letters without case; the name as written parts what is left.
    """
    path = Path(name)
    pieces = [_pieces(part) for part in (*path.parts[:-1], path.stem, path.suffix)]
    return (*pieces, str(name))


def numbers_in(name: str) -> tuple[int, ...]:
    """The numbers in a name, in their order."""
    return tuple(map(int, _NUMBER.findall(name)))


def _pieces(text: str) -> tuple[tuple[str, int], ...]:
    """What stands before each number, and the number; -1 where none follows."""
    found = _NUMBER.split(text.casefold())
    return tuple(
        (found[place], int(found[place + 1]) if place + 1 < len(found) else -1)
        for place in range(0, len(found), 2)
    )


def is_hidden(file: Path) -> bool:
    """Whether systems leave such a file or folder behind unseen, as macOS its "._1.png"."""
    return file.name.startswith((".", "__MACOSX"))


def must_be_file(file: Path) -> int:
    """The size of a file, bytes; refuses what would never end, such as a pipe or a device.

    Raises:
        StudioError: there is no such file, or it is a folder, a pipe or a device.
    """
    try:
        if file.is_file():
            return file.stat().st_size
        there = file.exists()
    except OSError:
        there = False
    if there:
        raise StudioError(
            f"{file} cannot be read: it is no file, but a folder, a pipe or a device.",
            "Give a file.",
        )
    raise StudioError(f"{file} cannot be read: there is no such file.", "Check its spelling.")


def read_bytes(file: Path, most_mb: float) -> bytes:
    """All of a file.

    Raises:
        StudioError: see `must_be_file`; it is too large, or cannot be read.
    """
    size = must_be_file(file)
    try:
        with file.open("rb") as opened:
            # some files, such as those of /proc, do not say how large they are
            data = opened.read(int(most_mb * 1e6) + 1) if size <= most_mb * 1e6 else None
    except OSError as error:
        raise StudioError(
            f"{file} cannot be read.", "Check the path, and that it is text."
        ) from error
    if data is None or len(data) > most_mb * 1e6:
        raise StudioError(
            f"{file.name} has {max(size, len(data or b'')) / 1e6:.1f} MB; files of this kind are "
            f"read up to {most_mb:g} MB.",
            "Take out the part that you need.",
        )
    return data


def text_of(data: bytes, name: str, *, marked: bool = True) -> str:
    """UTF-8 text, or UTF-16 by its byte order mark, as Excel ("Unicode text") and Notepad write it.

    Args:
        marked: False: UTF-8 alone, for files that others read besides us.

    Raises:
        StudioError: it is no text, or text in another encoding; says which where that is plain.
    """
    if data.startswith(ZIP):
        raise StudioError(
            f"{name} is a zip archive, not a text.", "Unpack it, and give the file inside."
        )
    try:
        wide = marked and data.startswith(OTHER_UNICODE)
        text = data.decode("utf-16" if wide else "utf-8-sig")
        if "\0" in text:
            raise ValueError
        return text
    except ValueError as error:
        raise StudioError(
            f"{name} is no UTF-8 text.", "Save it as UTF-8, then try again."
        ) from error


def read_text(file: Path, most_mb: float, *, marked: bool = True) -> str:
    """The text of a file.

    Raises:
        StudioError: see `read_bytes` and `text_of`.
    """
    return text_of(read_bytes(file, most_mb), file.name, marked=marked)
