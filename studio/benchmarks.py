"""Benchmarks: which methods stand in which tables. One YAML file each."""

from collections.abc import Sequence

from pydantic import Field

from studio.config import Concept, Frozen, Pack, Probe, Text
from studio.errors import StudioError
from studio.presets import PRESETS, check, did_you_mean, find_pack, read_yaml_file

PROBES = 2  # of each kind from each pack


class BenchmarkRow(Frozen):
    """A method: drawn by a column that needs no training, or trained."""

    name: str
    column: str = Field("", description="original or a guidance; empty: it is trained.")
    preset: str = Field("", description="Settings of presets/methods; empty: those of the pack.")


class BenchmarkTable(Frozen):
    """What is removed, and the leak on direct prompts that was published, in percent."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: Text
    packs: tuple[str, ...] = Field(min_length=1)
    only: tuple[str, ...] = Field((), description="Concepts of the packs; empty: all.")
    published: dict[str, float] = Field(default_factory=dict)


class Benchmark(Frozen):
    """Rows and tables of a benchmark."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: Text
    model: str
    protocol: str
    rows: tuple[BenchmarkRow, ...] = Field(min_length=1)
    tables: tuple[BenchmarkTable, ...] = Field(min_length=1)
    source: str = ""


def find_benchmark(name: str) -> Benchmark:
    """A benchmark by its id.

    Raises:
        StudioError: there is none, or its file is not right.
    """
    files = {file.stem: file for file in sorted((PRESETS / "benchmarks").glob("*.yaml"))}
    if name not in files:
        raise StudioError(f"There is no benchmark {name!r}.", did_you_mean(name, files))
    file = files[name]
    return check(Benchmark, read_yaml_file(file), file.name)


def joined_pack(table: BenchmarkTable) -> Pack:
    """One pack that removes what the table's packs remove and keeps what none of them removes.

    Settings of the method are the first pack's; a few probes of each kind come from every pack.
    """
    packs = [find_pack(name) for name in table.packs]
    first = packs[0]
    if len(packs) == 1 and not table.only:
        return first
    removed = _once([c for pack in packs for c in pack.remove], table.only)
    names = {word for concept in removed for word in (concept.name, *concept.synonyms)}
    kept = tuple(dict.fromkeys(k for pack in packs for k in pack.keep if k not in names))
    probes = [probe for pack in packs for probe in _some(pack.probes, names)]
    return first.model_copy(
        update={
            "id": f"{first.model}-{table.id}",
            "title": table.title,
            "remove": removed,
            "keep": kept,
            "probes": tuple(probes),
        }
    )


def _once(concepts: Sequence[Concept], only: Sequence[str]) -> tuple[Concept, ...]:
    found = {concept.name: concept for concept in concepts if not only or concept.name in only}
    missing = [name for name in only if name not in found]
    if missing:
        raise StudioError(
            f"None of the packs removes {missing[0]!r}.", "Name concepts of the packs of the table."
        )
    return tuple(found.values())


def _some(probes: Sequence[Probe], removed: set[str]) -> list[Probe]:
    """The first probes of each kind; targets only where they show what is removed."""
    found: list[Probe] = []
    for kind in ("target", "neighbour", "unrelated"):
        suited = [
            probe
            for probe in probes
            if probe.kind == kind and (kind != "target" or probe.shows.replace("_", " ") in removed)
        ]
        found += suited[:PROBES]
    return found
