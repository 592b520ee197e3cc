"""The doctor's look at what ships with the studio and at its line: no torch, nothing is made."""

from collections.abc import Callable, Iterator
from pathlib import Path

from studio.errors import StudioError
from studio.evaluation.detectors import load_detectors, missing
from studio.jobs.line import Line
from studio.jobs.queue_tables import FILE
from studio.presets import load_models, load_packs
from studio.services.doctor_findings import FAIL, OK, Finding
from studio.world import load_world


def looked_around(runs: Path) -> Iterator[Finding]:
    """Assets, cards, packs, detectors and the line of a runs folder."""
    looks: tuple[Callable[[], Finding], ...] = (
        _world, _cards, _packs, _detectors, lambda: _line(runs)
    )  # fmt: skip
    for look in looks:
        try:
            yield look()
        except StudioError as error:
            yield Finding(FAIL, "part_bad", {"why": f"{error.what} {error.way_out}"})
        except Exception as error:  # a damaged file can break its reader anywhere
            yield Finding(FAIL, "part_bad", {"why": f"{type(error).__name__}: {error}"[:200]})


def _world() -> Finding:
    return Finding(OK, "world", {"count": len(load_world().objects)})


def _cards() -> Finding:
    return Finding(OK, "cards", {"count": len(load_models())})


def _packs() -> Finding:
    return Finding(OK, "packs", {"count": len(load_packs())})


def _detectors() -> Finding:
    known = load_detectors()
    ready = [name for name, preset in known.items() if missing(preset) is None]
    return Finding(OK, "detectors", {"ready": ", ".join(ready), "count": len(known)})


def _line(runs: Path) -> Finding:
    waiting = len(Line(runs).entries()) if (runs / FILE).exists() else 0
    return Finding(OK, "line", {"count": waiting})
