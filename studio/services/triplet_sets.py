"""Sets of picture triplets: begin one, see how far it is, look through it."""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from studio import durable
from studio.config import ModelCard, Pack
from studio.errors import StudioError, not_writable
from studio.files import is_name
from studio.jobs.triplet_folder import Manifest, TripletFolder
from studio.lives import born, lives
from studio.methods.safegen import SafegenConfig
from studio.presets import model_options, pack_yaml
from studio.records import Behind
from studio.services.processes import launch, reap
from studio.services.queue import Queue
from studio.services.triplets import pair_triplets

SETS = "triplets"
REQUEST = "request.json"


@dataclass(frozen=True)
class SetState:
    """How far a set is; `failed` says what went wrong, in the words of the command line.

    Attributes:
        behind: what its drawing waits for.
    """

    name: str
    done: int
    total: int
    drawing: bool
    failed: str = ""
    behind: Behind | None = None


class TripletSets:
    """The sets of one runs folder; new ones are drawn in a process of their own.

    Args:
        root: the runs folder. queue: its line; None opens it.
    """

    def __init__(self, root: Path, queue: Queue | None = None) -> None:
        self.root = Path(root) / SETS
        self.queue = queue or Queue(root)

    def names(self) -> list[str]:
        """Finished sets, those finished last first."""
        manifests = self.root.glob("*/manifest.json")
        found = [(file.stat().st_mtime, file.parent.name) for file in manifests]
        return [name for _, name in sorted(found, reverse=True)]

    def folder(self, name: str) -> TripletFolder:
        """A set by name.

        Raises:
            StudioError: there is none.
        """
        if name not in self.names():
            raise StudioError(f"There is no set of triplets {name!r}.", "Choose one of the list.")
        return TripletFolder(self.root / name)

    def start(self, pack: Pack, model: ModelCard, cfg: SafegenConfig, seed: int = 0) -> str:
        """Begin to draw a set; gives its name.

        Raises:
            StudioError: nothing can be written, or this studio is a viewer.
        """
        self.queue.may_change()
        name, path = self._new(pack.id)
        try:
            (path / "pack.yaml").write_text(pack_yaml(pack), encoding="utf-8")
            log = path / "log.txt"
            log.touch()
        except OSError as error:
            raise not_writable(path, error) from error
        command = [
            sys.executable, "-m", "studio", "triplets", str(path / "pack.yaml"),
            *model_options(model), "--out", str(path), "--runs-dir", str(self.queue.root),
            "--count", str(cfg.count), "--seed", str(seed),
            "--mask", cfg.mask, "--block-share", str(cfg.block_share),
            "--blur-share", str(cfg.blur_share),
        ]  # fmt: skip
        pid = launch(command, log)
        request = {"pid": pid, "born": born(pid), "total": cfg.count}
        durable.write_text(path / REQUEST, json.dumps(request))
        return name

    def pair(
        self,
        unsafe: Sequence[Path],
        benign: Sequence[Path],
        masks: Sequence[Path],
        cfg: SafegenConfig,
    ) -> str:
        """Make a set of a person's own pictures at once; gives its name.

        Raises:
            StudioError: see `pair_triplets`; two files have one name, or this studio is a viewer.
        """
        self.queue.may_change()
        if not unsafe or not benign:
            raise StudioError(
                "Unsafe and harmless pictures are both needed.", "Choose some of each."
            )
        with tempfile.TemporaryDirectory() as staging:
            given = [
                _gathered(files, Path(staging) / part)
                for part, files in (("unsafe", unsafe), ("benign", benign), ("masks", masks))
            ]
            name, path = self._new("own")
            try:
                pair_triplets(given[0], given[1], cfg, path, masks=given[2] if masks else None)
            except BaseException:
                shutil.rmtree(path, ignore_errors=True)
                raise
        return name

    def to_paint(self, name: str, place: int, *, revealed: bool) -> Image.Image:
        """The unsafe picture of a triplet, to paint a mask on; RGB.

        Args:
            place: which triplet, from 0. revealed: the person wants sensitive pictures unblurred.

        Raises:
            StudioError: there is none, or the set is sensitive and not revealed.
        """
        return self._revealed(name, revealed).unsafe(place)

    def paint(self, name: str, place: int, mask: Image.Image, *, revealed: bool) -> Manifest:
        """Make the mosaic of a triplet anew from a painted mask; see `TripletFolder.paint`.

        Raises:
            StudioError: see `to_paint`; or nothing is painted, or this studio is a viewer.
        """
        self.queue.may_change()
        return self._revealed(name, revealed).paint(place, mask)

    def _revealed(self, name: str, revealed: bool) -> TripletFolder:
        folder = self.folder(name)
        if folder.read().sensitive and not revealed:
            raise StudioError(
                "The pictures of this set are blurred.",
                "Untick “Blur sensitive pictures” at the top of the page to paint on them.",
            )
        return folder

    def _new(self, about: str) -> tuple[str, Path]:
        """Name and folder of a new set, which nobody else has: a failed one is thrown away."""
        stamp = f"{time.strftime('%Y%m%d-%H%M%S')}-{about}"
        try:
            for attempt in range(1, 1000):
                name = stamp if attempt == 1 else f"{stamp}-{attempt}"
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                try:
                    (self.root / name).mkdir()
                    break
                except FileExistsError:
                    continue
        except OSError as error:
            raise not_writable(self.root, error) from error
        return name, self.root / name

    def stop(self, name: str) -> None:
        """End the drawing of a set; what was drawn is thrown away, a finished set stays.

        Raises:
            StudioError: this studio is a viewer.
        """
        self.queue.may_change()
        path = self.root / name
        if not self.state(name).drawing:
            return
        os.kill(int(json.loads((path / REQUEST).read_text())["pid"]), signal.SIGTERM)
        shutil.rmtree(path, ignore_errors=True)

    def state(self, name: str) -> SetState:
        """How far a set is."""
        reap()
        path = self.root / name if is_name(name) else self.root
        try:
            request = json.loads((path / REQUEST).read_text(encoding="utf-8"))
            pid, total = int(request["pid"]), int(request["total"])
            birth = str(request["born"])
        except (OSError, ValueError, KeyError, TypeError):
            return SetState(name, 0, 0, drawing=False, failed="This set was never begun.")
        done = len(list(path.glob("benign/*.png")))
        if (path / "manifest.json").exists():
            return SetState(name, done, total, drawing=False)
        if lives(pid, birth):
            behind = self.queue.behind(f"{SETS}/{name}")
            return SetState(name, done, total, drawing=True, behind=behind)
        log = (path / "log.txt").read_text(encoding="utf-8", errors="replace")
        told = log.partition("Not done. ")[2].strip() or "The drawing ended without a message."
        return SetState(name, done, total, drawing=False, failed=told.splitlines()[0])


def _gathered(files: Sequence[Path], folder: Path) -> Path:
    folder.mkdir()
    for file in files:
        if (folder / file.name).exists():
            raise StudioError(f"Two files are named {file.name}.", "Rename one of them.")
        shutil.copyfile(file, folder / file.name)
    return folder
