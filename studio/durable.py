"""Files that are whole at every moment: written beside, flushed, then renamed over the old one.

Whatever kills the writer, and whenever, the reader finds the last good file. `rename` replaces a
file in one go (POSIX, rename(2)), and the flush before it keeps a power cut from leaving an empty
one. Everything raises `OSError` where the disk is full or nothing may be written, and the old file
is still there then.
"""

import errno
import itertools
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil

WRITING = ".writing"
_numbers = itertools.count()


def write_text(file: Path, text: str) -> None:
    """Replace a text file, UTF-8, in one go."""
    write_bytes(file, text.encode("utf-8"))


def write_bytes(file: Path, data: bytes | Iterable[bytes | memoryview]) -> None:
    """Replace a file in one go, by bytes or by pieces of them."""
    write_with(file, lambda beside: _put(beside, [data] if isinstance(data, bytes) else data))


def write_with(file: Path, write: Callable[[Path], None], *, settle: bool = True) -> None:
    """Let `write` make a file at the path it is given, then put it in place of `file` in one go.

    Args:
        settle: wait until it is on the disk. Without, a kill still leaves the old or the new file,
            but a power cut may not: for pictures, of which there are many and which can be drawn
            again.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}.{next(_numbers)}{WRITING}")
    try:
        write(beside)
        if settle:
            _flush(beside)
        beside.replace(file)
    except BaseException:
        forget(beside)
        raise
    if settle:
        _flush_folder(file.parent)


def append(file: Path, text: str) -> None:
    """Add whole lines to a file; where they do not fit, nothing of them stays."""
    data = text.encode("utf-8")
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        before = os.fstat(opened).st_size
        written = 0
        try:
            while written < len(data):
                written += os.write(opened, data[written:])
        except OSError:
            if written:
                os.ftruncate(opened, before)
            raise
    finally:
        os.close(opened)


def cut(file: Path, length: int) -> None:
    """Shorten a file to `length` bytes; a file that is shorter or missing stays as it is."""
    try:
        with file.open("r+b") as opened:
            if opened.seek(0, os.SEEK_END) > length:
                opened.truncate(length)
                os.fsync(opened.fileno())
    except FileNotFoundError:
        return


def drop_half_line(file: Path) -> None:
    """Take away what follows the last end of a line; a file that is missing stays so."""
    try:
        whole = file.read_bytes().rfind(b"\n") + 1
    except FileNotFoundError:
        return
    cut(file, whole)


def read_lines(file: Path) -> list[dict[str, Any]]:
    """The lines of a JSONL file; lines that were only half written are left out."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for line in text.split("\n")[:-1]:
        try:
            data = json.loads(line)
        except ValueError:
            continue
        if isinstance(data, dict):
            found.append(data)
    return found


def sweep(folder: Path) -> None:
    """Take away what killed writers left beside the files of a folder and those inside it."""
    for left in folder.rglob(f"*{WRITING}"):
        parts = left.name.split(".")
        writer = next((int(part) for part in reversed(parts[:-2]) if part.isdigit()), 0)
        if not writer or not psutil.pid_exists(writer):
            forget(left)


def _put(file: Path, pieces: Iterable[bytes | memoryview]) -> None:
    with file.open("xb") as opened:
        opened.writelines(pieces)


def _flush(file: Path) -> None:
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


def _flush_folder(folder: Path) -> None:
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(opened)


def forget(file: Path) -> None:
    """Take a file away if that can be done."""
    try:
        file.unlink()
    except OSError:
        return
