"""What any file can be instead of what it should be: of packs, lists, pictures and weights."""

import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

Make = Callable[[Path], Path]


def no_files(name: str) -> dict[str, tuple[Make, str]]:
    """By what it is: its maker, and what the message must say; the file is called `name`."""

    def at(do: Callable[[Path], object]) -> Make:
        def make(folder: Path) -> Path:
            file = folder / name
            do(file)
            return file

        return make

    return {
        "missing": (at(lambda file: None), "no such file|no adapter at"),
        "folder": (at(lambda file: file.mkdir()), "it is no file"),
        "pipe": (at(lambda file: os.mkfifo(file)), "it is no file"),
        "endless device": (at(lambda file: file.symlink_to("/dev/zero")), "it is no file"),
        "link in a circle": (at(lambda file: file.symlink_to(file)), "no such file|no adapter at"),
        "too long a name": (
            lambda folder: folder / ("n" * 300 + Path(name).suffix),
            "no such file|no adapter at|is no path",
        ),
    }


def archive(*names: str, link: bool = False) -> bytes:
    """A zip with these names inside; with `link` the first is a symbolic link out of it."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for place, name in enumerate(names):
            info = zipfile.ZipInfo(name)
            if link and place == 0:
                info.external_attr = 0o120777 << 16
            packed.writestr(info, "/etc/passwd" if link else "id: evil\n")
    return buffer.getvalue()
