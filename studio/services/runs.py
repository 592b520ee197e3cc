"""Plan, start, watch and stop runs."""

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.config import HIDDEN, ModelCard, Pack, RunConfig, TrainConfig
from studio.errors import StudioError
from studio.files import is_name, place_of
from studio.jobs.queue_tables import Work
from studio.jobs.run_folder import RunFolder
from studio.jobs.run_queue import enter, folders
from studio.jobs.smaller import with_less
from studio.presets import check, find_pack, load_pack, load_packs, resolve, save_pack
from studio.records import Progress, State, Status
from studio.safeguards import find_method_preset
from studio.services.processes import reap
from studio.services.queue import Queue, launch_worker, truth
from studio.words import slug
from studio.world import ROOT

MOST_LETTERS = 80  # of a name
DEMO = ROOT / "assets" / "demo-run"


class Runs:
    """All runs of one folder, and the packs a person may start them from.

    Attributes:
        queue: the line that all work of the folder waits in.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.queue = Queue(self.root)

    @property
    def own_packs(self) -> Path:
        """Where the person's own packs lie."""
        return self.root / "packs"

    def packs(self) -> dict[str, Pack]:
        """All packs by id: those of the studio, then the person's own; broken own ones left out."""
        found = load_packs()
        for file in sorted(self.own_packs.glob("*.yaml")):
            try:
                pack = load_pack(file)
            except StudioError:
                continue
            found.setdefault(pack.id, pack)
        return found

    def pack(self, name: str) -> Pack:
        """A pack by id or file; StudioError when there is none."""
        own = self.own_packs / f"{name}.yaml" if is_name(name) else None
        return load_pack(own) if own and own.exists() else find_pack(name, self.packs())

    def save_pack(self, pack: Pack, title: str) -> Pack:
        """Keep a pack among the person's own, under a title; an own one of that title is replaced.

        Raises:
            StudioError: there is no title, the pack is not right, or nothing can be written.
        """
        name = title.strip()
        if not name:
            raise StudioError("Your pack has no name.", "Give it one, then save it.")
        titled = {"title": {"en": name, "zh": name}, "author": "you"}
        own = check(Pack, {**pack.model_dump(), **titled, "id": slug(name, "my")}, "Your pack")
        save_pack(own, self.own_packs / f"{own.id}.yaml")
        return own

    def plan(
        self,
        pack: Pack,
        model: ModelCard | None = None,
        *,
        preset: str = "",
        method: dict[str, Any] | None = None,
        overrides: dict[str, Any] | None = None,
    ) -> RunConfig:
        """Check everything and say what would happen; starts nothing.

        Raises:
            StudioError: a setting is wrong, there is no such preset, or nothing is removed.
        """
        chosen = find_method_preset(preset) if preset else None
        return resolve(pack, model, preset=chosen, method=method, overrides=overrides)

    def start(self, config: RunConfig) -> str:
        """Make the run's folder and start its worker; a second run waits for the first.

        Returns:
            The id of the run.

        Raises:
            StudioError: nothing can be written, or this studio is a viewer.
        """
        self.queue.may_change()
        folder = RunFolder.create(self.root, config)
        return self._begin(folder)

    def resume(self, run_id: str) -> None:
        """Put a run that was stopped, interrupted or failed into the line again; it goes on from
        its last checkpoint.

        Raises:
            StudioError: there is none, it is still alive, it is done, or see `start`.
        """
        self.queue.may_change()
        folder = self._own(run_id)
        status = self._status(folder)
        if status.state.alive:
            raise StudioError("This run is still at work.", "Wait for its end, or stop it first.")
        if status.state is State.DONE:
            raise StudioError("This run is done.", "Clone it to train again.")
        folder.answered("stop")
        waiting = Status(State.QUEUED, status.step, status.total, heartbeat=time.time())
        folder.write_status(waiting)
        enter(folder)
        launch_worker(folder)

    def clone(self, run_id: str, title: str = "", **overrides: float | None) -> str:
        """Start a run with the settings of another one; gives its id.

        Args:
            title: a name for it; empty: it is called after what it removes.
            overrides: training settings to change, such as steps or seed; None leaves one.

        Raises:
            StudioError: there is no such run, a setting is out of range, or see `start`.
        """
        self.queue.may_change()
        name, config = _name(title), self.folder(run_id).config
        given = {name: value for name, value in overrides.items() if value is not None}
        train = check(TrainConfig, {**config.train.model_dump(), **given}, "Settings")
        folder = RunFolder.create(self.root, config.model_copy(update={"train": train}))
        if name:
            folder.rename(name)
        return self._begin(folder)

    def start_smaller(self, run_id: str) -> str:
        """Start a run whose memory ran out anew, with what its status offers; gives the new id.

        Raises:
            StudioError: there is no such run, it offers nothing smaller, or see `start`.
        """
        folder = self.folder(run_id)
        less = folder.stored_status().smaller
        if not less:
            raise StudioError("This run did not run out of memory.", "Resume or clone it.")
        return self.start(with_less(folder.config, less))

    def rename(self, run_id: str, title: str) -> None:
        """Give a run a name.

        Raises:
            StudioError: there is no such run, no name, nothing can be written, or this studio is a
                viewer.
        """
        self.queue.may_change()
        folder, name = self._own(run_id), _name(title)
        if not name:
            raise StudioError("A run needs a name.", "Write one, then save it.")
        folder.rename(name)
        self.queue.line.rename(folder.key, folder.called())

    def _begin(self, folder: RunFolder) -> str:
        try:
            enter(folder)
        except StudioError:
            shutil.rmtree(folder.path)
            raise
        launch_worker(folder)
        return folder.id

    def _own(self, run_id: str) -> RunFolder:
        folder = self.folder(run_id)
        if folder.path == DEMO:
            raise StudioError("The example run belongs to the studio.", "Choose one of your own.")
        return folder

    def _status(self, folder: RunFolder) -> Status:
        return truth(folder.status(), folder.key in self.queue.waits())

    def folder(self, run_id: str) -> RunFolder:
        """The folder of a run.

        Raises:
            StudioError: there is none.
        """
        if run_id == DEMO.name and (DEMO / "config.yaml").exists():
            return RunFolder(DEMO)
        path = self.root / run_id if is_name(run_id) else self.root
        if not is_name(run_id) or not (path / "config.yaml").exists():
            raise StudioError(f"There is no run {run_id!r}.", "Choose one from the list of runs.")
        return RunFolder(path)

    def at(self, name: str) -> RunFolder:
        """The folder of a run, by its id or by its path, in whatever runs folder it lies.

        For names that a person of this machine writes, never for those that a visitor sends.

        Raises:
            StudioError: there is none.
        """
        place = place_of(name)
        if not (is_name(name) and (self.root / name / "config.yaml").exists()) and (
            name.strip() and (place / "config.yaml").exists()
        ):
            found = RunFolder(place.resolve())
            own = found.root == self.root.resolve() or found.path == DEMO.resolve()
            return self.folder(found.id) if own else found
        return self.folder(name)

    def list(self) -> list[Progress]:
        """All runs, newest first, without metrics and samples; broken folders are left out."""
        reap()
        found, waits = [], self.queue.waits()
        for folder in folders(self.root):
            try:
                run = folder.read(full=False)
            except StudioError:
                continue
            found.append(replace(run, status=truth(run.status, run.run_id in waits)))
        if (DEMO / "config.yaml").exists():
            found.append(RunFolder(DEMO).read(full=False))
        return found

    def progress(self, run_id: str) -> Progress:
        """All that a page shows of a run; StudioError when there is none."""
        reap()
        folder = self.folder(run_id)
        run = folder.read()
        if run.status.state is State.DONE or folder.path == DEMO:
            return run
        status = truth(run.status, run_id in self.queue.waits())
        behind = self.queue.behind(run_id) if status.state is State.QUEUED else None
        return replace(run, status=status, behind=behind)

    def current(self) -> str | None:
        """The run that trains, else the one that waits longest, else None."""
        reap()
        found = self.queue.list()
        return next((entry.key for entry in found if entry.work is Work.TRAIN), None)

    def stop(self, run_id: str) -> None:
        """Ask a run to end, one that waits too; it keeps what there is.

        Raises:
            StudioError: there is no such run, or this studio is a viewer.
        """
        self.queue.may_change()
        folder = self.folder(run_id)
        status = folder.status()
        if status.state.alive:
            folder.ask("stop")
            if status.state is State.RUNNING:
                folder.write_status(replace(status, state=State.STOPPING))
        self.queue.cancel(folder.key)

    def ask(self, run_id: str, what: str) -> None:
        """Ask a living run to "save" or "sample"."""
        self.queue.may_change()
        folder = self.folder(run_id)
        if folder.status().state.alive:
            folder.ask(what)

    def delete(self, run_id: str) -> None:
        """Delete a run that has ended.

        Raises:
            StudioError: it is still alive, or it is the example that ships with the studio.
        """
        self.queue.may_change()
        folder = self.folder(run_id)
        if folder.path == DEMO:
            raise StudioError("The example run belongs to the studio.", "Delete one of your own.")
        if self._status(folder).state.alive:
            raise StudioError("This run is still at work.", "Stop it first, then delete it.")
        shutil.rmtree(folder.path)

    def wait(self, run_id: str, seconds: float) -> Status:
        """Wait until a run has ended or the time is up."""
        folder, end = self.folder(run_id), time.monotonic() + seconds
        while (status := folder.status()).state.alive and time.monotonic() < end:
            time.sleep(0.2)
            reap()
        return status


def _name(title: str) -> str:
    """A name as it is kept: short, and of letters that are seen."""
    name = title.strip()[:MOST_LETTERS]
    if HIDDEN.search(name):
        raise StudioError(f"A name holds a hidden letter: {name!r}.", "Type it anew.")
    return name
