"""Plan, start, watch and stop runs."""

import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.config import ModelCard, Pack, RunConfig
from studio.errors import StudioError
from studio.files import is_name
from studio.jobs.run_folder import RunFolder
from studio.jobs.run_queue import folders
from studio.presets import check, find_pack, load_pack, load_packs, resolve, save_pack
from studio.records import Progress, State, Status
from studio.safeguards import find_method_preset
from studio.services.processes import launch, reap
from studio.words import slug
from studio.world import ROOT

DEMO = ROOT / "assets" / "demo-run"


class Runs:
    """All runs of one folder, and the packs a person may start them from."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

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
            StudioError: nothing can be written.
        """
        folder = RunFolder.create(self.root, config)
        command = [sys.executable, "-m", "studio.jobs.worker", str(folder.path.resolve())]
        launch(command, folder.log_file)
        return folder.id

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

    def list(self) -> list[Progress]:
        """All runs, newest first, without metrics and samples; broken folders are left out."""
        reap()
        found = []
        for folder in folders(self.root):
            try:
                found.append(folder.read(full=False))
            except StudioError:
                continue
        if (DEMO / "config.yaml").exists():
            found.append(RunFolder(DEMO).read(full=False))
        return found

    def progress(self, run_id: str) -> Progress:
        """All that a page shows of a run; StudioError when there is none."""
        reap()
        return self.folder(run_id).read()

    def current(self) -> str | None:
        """The run that trains, else the one that waits longest, else None."""
        reap()
        states = [(folder.id, folder.status().state) for folder in folders(self.root)]
        working = [run_id for run_id, state in states if state.alive and state is not State.QUEUED]
        waiting = [run_id for run_id, state in states if state is State.QUEUED]
        return working[0] if working else waiting[-1] if waiting else None

    def stop(self, run_id: str) -> None:
        """Ask a run to end; it keeps what there is."""
        folder = self.folder(run_id)
        status = folder.status()
        if status.state.alive:
            folder.ask("stop")
            if status.state is State.RUNNING:
                folder.write_status(replace(status, state=State.STOPPING))

    def ask(self, run_id: str, what: str) -> None:
        """Ask a living run to "save" or "sample"."""
        folder = self.folder(run_id)
        if folder.status().state.alive:
            folder.ask(what)

    def delete(self, run_id: str) -> None:
        """Delete a run that has ended.

        Raises:
            StudioError: it is still alive, or it is the example that ships with the studio.
        """
        folder = self.folder(run_id)
        if folder.path == DEMO:
            raise StudioError("The example run belongs to the studio.", "Delete one of your own.")
        if folder.status().state.alive:
            raise StudioError("This run is still at work.", "Stop it first, then delete it.")
        shutil.rmtree(folder.path)

    def wait(self, run_id: str, seconds: float) -> Status:
        """Wait until a run has ended or the time is up."""
        folder, end = self.folder(run_id), time.monotonic() + seconds
        while (status := folder.status()).state.alive and time.monotonic() < end:
            time.sleep(0.2)
            reap()
        return status
