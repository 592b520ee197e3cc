"""Plan, start, watch and stop runs."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.config import ModelCard, Pack, RunConfig
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.jobs.run_queue import folders
from studio.presets import PACKS, find_pack, load_packs, resolve
from studio.records import Progress, State, Status
from studio.world import ROOT

DEMO = ROOT / "assets" / "demo-run"


class Runs:
    """All runs of one folder, and the packs a person may start them from."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    @property
    def pack_folders(self) -> tuple[Path, ...]:
        """Where packs lie: those of the studio, and the person's own."""
        return (PACKS, self.root / "packs")

    def packs(self) -> dict[str, Pack]:
        """All packs by id."""
        return load_packs(self.pack_folders)

    def pack(self, name: str) -> Pack:
        """A pack by id or file; StudioError when there is none."""
        return find_pack(name, self.pack_folders)

    def plan(
        self,
        pack: Pack,
        model: ModelCard | None = None,
        *,
        method: dict[str, Any] | None = None,
        overrides: dict[str, Any] | None = None,
    ) -> RunConfig:
        """Check everything and say what would happen; starts nothing.

        Raises:
            StudioError: a setting is wrong, or nothing is removed.
        """
        return resolve(pack, model, method=method, overrides=overrides)

    def start(self, config: RunConfig) -> str:
        """Make the run's folder and start its worker; a second run waits for the first.

        Returns:
            The id of the run.

        Raises:
            StudioError: nothing can be written.
        """
        folder = RunFolder.create(self.root, config)
        environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONUNBUFFERED": "1"}
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(ROOT), environment.get("PYTHONPATH", "")])
        )
        with folder.log_file.open("a") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "studio.jobs.worker", str(folder.path.resolve())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        _children.append(worker)
        return folder.id

    def folder(self, run_id: str) -> RunFolder:
        """The folder of a run.

        Raises:
            StudioError: there is none.
        """
        if run_id == DEMO.name and (DEMO / "config.yaml").exists():
            return RunFolder(DEMO)
        path = self.root / run_id
        if not run_id or path.parent != self.root or not (path / "config.yaml").exists():
            raise StudioError(f"There is no run {run_id!r}.", "Choose one from the list of runs.")
        return RunFolder(path)

    def list(self) -> list[Progress]:
        """All runs, newest first, without metrics and samples; broken folders are left out."""
        _reap()
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
        _reap()
        return self.folder(run_id).read()

    def current(self) -> str | None:
        """The run that trains, else the one that waits longest, else None."""
        _reap()
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
            _reap()
        return status


_children: list[subprocess.Popen[bytes]] = []


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]
