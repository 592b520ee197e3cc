"""`python -m studio doctor`: is all here that a run needs, and what to do where it is not."""

import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from packaging.requirements import Requirement

from studio import __version__
from studio.config import ModelCard
from studio.errors import StudioError
from studio.files import place_of
from studio.models.snapshots import on_disk
from studio.presets import find_model
from studio.services.doctor_findings import FAIL, OK, WARN, Finding
from studio.services.doctor_findings import told as told
from studio.services.doctor_rounds import looked_around
from studio.services.processes import worker_environment
from studio.world import ROOT

GIGABYTE = 1e9
DISK_LOW_GB, DISK_OUT_GB = 10.0, 1.0
MEMORY_LOW_GB = 2.0
CARD_FULL_GB = 3.0
PORTS = range(7860, 7960)
PROBE_SECONDS = 180
OLDEST_PYTHON = (3, 11)
FIRST_MODEL = "icon-world"


def examine(runs: Path, models: tuple[str, ...] = (), port: int | None = None) -> list[Finding]:
    """Look at everything that a run needs; takes some seconds, for torch.

    Args:
        runs: where runs are kept. models: besides the embedded one. port: that is wanted.
    """
    cards, unknown = _cards((FIRST_MODEL, *models))
    probed = _probe([str(_place(card)) for card in cards if _place(card).exists()])
    return [
        *_studio(),
        *_torch(probed),
        *_memory(),
        *_disk(runs),
        *_write(runs),
        *unknown,
        *(found for card in cards for found in _model(card, probed)),
        *_judge(probed),
        *looked_around(runs),
        *_versions(ROOT / "requirements.txt"),
        *_ports(port),
    ]


def _studio() -> Iterator[Finding]:
    python = platform.python_version()
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    yield Finding(OK, "studio", {"studio": __version__, "python": python, "system": system})
    if sys.version_info < OLDEST_PYTHON:
        yield Finding(FAIL, "python_old", {"python": python})


def _probe(places: list[str]) -> dict[str, Any]:
    """What a process with torch finds; `why` where it fails."""
    command = [sys.executable, "-m", "studio.jobs.probe", *places]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            env=worker_environment(),
            timeout=PROBE_SECONDS,
            check=False,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired:
        return {"why": f"no answer within {PROBE_SECONDS} s"}
    except (IndexError, ValueError):
        return {"why": (done.stderr.strip().splitlines() or ["no answer"])[-1][:200]}


def _torch(probed: dict[str, Any]) -> Iterator[Finding]:
    if "why" in probed:
        yield Finding(FAIL, "torch_none", {"why": probed["why"]})
        return
    build = f"CUDA {probed['cuda']}" if probed["cuda"] else "CPU"
    yield Finding(OK, "torch", {"torch": probed["torch"], "build": build})
    for card in probed["cards"]:
        full = card["free"] < CARD_FULL_GB
        yield Finding(WARN, "card_full", card) if full else Finding(OK, "card", card)
    if not probed["cards"]:
        yield Finding(WARN, "no_card", {"threads": probed["threads"]})


def _memory() -> Iterator[Finding]:
    free = psutil.virtual_memory().available / GIGABYTE
    low = free < MEMORY_LOW_GB
    yield Finding(WARN if low else OK, "memory_low" if low else "memory", {"free": free})


def _disk(runs: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(_nearest(runs)).free / GIGABYTE
    if free >= DISK_LOW_GB:
        yield Finding(OK, "disk", {"free": free})
    else:
        yield Finding(FAIL if free < DISK_OUT_GB else WARN, "disk_low", {"free": free})


def _write(runs: Path) -> Iterator[Finding]:
    """Write a little file to the disk itself, and take it away."""
    place = _nearest(runs)
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".doctor-") as file:
            file.write(b"doctor")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        yield Finding(FAIL, "write_not", {"place": place, "why": error.strerror})
    else:
        yield Finding(OK, "write", {"place": place})


def _nearest(folder: Path) -> Path:
    """The folder, or what of its path is there already."""
    path = folder.resolve()
    return next(place for place in (path, *path.parents) if place.exists())


def _cards(names: tuple[str, ...]) -> tuple[list[ModelCard], list[Finding]]:
    cards, unknown = [], []
    for name in dict.fromkeys(names):
        try:
            cards.append(find_model(name))
        except StudioError as error:
            unknown.append(Finding(FAIL, "model_bad", {"name": name, "why": error.what}))
    return cards, unknown


def _place(card: ModelCard) -> Path:
    """Where its files are, in the cache of the hub too; a path that is not there where nowhere."""
    try:
        found = on_disk(card)
    except StudioError:  # not pinned; told where it is looked for
        found = None
    return found or ROOT / place_of(card.source)


def _model(card: ModelCard, probed: dict[str, Any]) -> Iterator[Finding]:
    if not _place(card).exists():
        yield Finding(WARN, "model_away", {"name": card.id})
        return
    found = probed.get("models", {}).get(str(_place(card)))
    if found is None:
        return  # torch fails, and a line says so
    wrong = [f"{name}: {why}" for name, why in found["bad"].items()]
    wrong += [found["why"]] if found.get("why") else []
    wrong += [] if found["files"] else ["no .safetensors weights"]
    for why in wrong:
        yield Finding(FAIL, "model_bad", {"name": card.id, "why": why})
    if not wrong:
        yield Finding(OK, "model", {"name": card.id, "files": found["files"]})


def _judge(probed: dict[str, Any]) -> Iterator[Finding]:
    why = probed.get("judge")
    if why is not None:  # otherwise torch fails, and a line says so
        yield Finding(FAIL, "judge_bad", {"why": why}) if why else Finding(OK, "judge")


def _versions(file: Path) -> Iterator[Finding]:
    lines = [line.partition("#")[0].strip() for line in file.read_text().splitlines()]
    wanted = [Requirement(line) for line in lines if line]
    other = list(_others(wanted))
    yield from other
    if not other:
        yield Finding(OK, "versions", {"count": len(wanted)})


def _others(wanted: list[Requirement]) -> Iterator[Finding]:
    for needed in wanted:
        values = {"name": needed.name, "wanted": str(needed.specifier)}
        try:
            found = importlib.metadata.version(needed.name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(FAIL, "version_none", values, "version_fix")
            continue
        if not needed.specifier.contains(found, prereleases=True):
            yield Finding(WARN, "version_other", {**values, "found": found}, "version_fix")


def _ports(wanted: int | None) -> Iterator[Finding]:
    ports = [wanted] if wanted is not None else list(PORTS)
    free = next((port for port in ports if _is_free(port)), None)
    if free is None:
        yield Finding(FAIL, "port_none", {"first": ports[0], "last": ports[-1]})
    elif free == ports[0]:
        yield Finding(OK, "port", {"port": free})
    else:
        yield Finding(WARN, "port_other", {"wanted": ports[0], "port": free})


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
