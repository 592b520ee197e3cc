"""A row of the corpus, and the place where it is tried."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.services.runs import Runs

Door = str  # a name in `doors.DOORS`


@dataclass(frozen=True)
class Bad:
    """One bad input.

    Attributes:
        id: its name. kind: what it pretends to be.
        make: makes it in a folder; gives what is handed over, a path or a value.
        doors: by which it is handed over.
        names: a regular expression that the message must hold, in English.
        heavy: has to be refused in little memory; tried once more in a process with a limit.
    """

    id: str
    kind: str
    make: Callable[[Path], Any] = field(repr=False)
    doors: tuple[Door, ...]
    names: str
    heavy: bool = False


class Box:
    """A sandbox: only `runs`, `out` and `tmp` may change; around them lies what must not."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.given, self.out, self.cwd = root / "given", root / "out", root / "cwd"
        self.runs = Runs(root / "runs")
        for folder in (self.given, self.out, self.cwd, root / "tmp", self.runs.root):
            folder.mkdir(parents=True, exist_ok=True)
        for name in ("config.yaml", "evaluation.yaml", "manifest.json", "secret.txt"):
            (root / name).write_text("outside", encoding="utf-8")

    def outside(self) -> dict[str, str]:
        """Every file that must stay, with the hash of its bytes."""
        free = ("runs", "out", "tmp", "given")
        tops = [path for path in self.root.iterdir() if path.name not in free]
        found = [path for top in tops for path in (top, *top.rglob("*"))]
        return {str(path.relative_to(self.root)): _stamp(path) for path in found}


def _stamp(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"


def text(
    content: str | bytes | Callable[[], bytes], name: str = "bad.yaml"
) -> Callable[[Path], Path]:
    """A maker of a file with this content; a large one is made when it is needed."""

    def make(folder: Path) -> Path:
        file = folder / name
        data = content() if callable(content) else content
        file.write_bytes(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        return file

    return make


def value(what: Any) -> Callable[[Path], Any]:
    """A maker of something that is no file."""
    return lambda folder: what
