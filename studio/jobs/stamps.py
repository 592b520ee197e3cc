"""What was parsed once is not parsed again while its file stays as it is."""

from pathlib import Path

Stamp = tuple[int, int, int]


def stamp(file: Path) -> Stamp:
    """When a file was written, its size and its number; other when it is another file.

    Raises:
        OSError: there is none.
    """
    found = file.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino
