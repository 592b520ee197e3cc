"""Make a benchmark's tables: train each method with several seeds, evaluate every row, go on where
it stopped.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from statistics import fmean
from typing import Any

from studio import durable
from studio.benchmarks import Benchmark, BenchmarkRow, BenchmarkTable, joined_pack
from studio.config import Column, Pack, RunConfig
from studio.errors import StudioError
from studio.evaluation.findings import Row, Score
from studio.evaluation.protocol import Split, file_sha256
from studio.evaluation.protocol_rows import config_rows
from studio.evaluation.rates import wilson
from studio.evaluation.training_seeds import SEEDS, over_seeds, scores_over_seeds
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.records import Rate, State
from studio.services.columns import column, pack_concepts, run_adapter
from studio.services.evaluations import Evaluations
from studio.services.runs import Runs
from studio.world import ICON_WORLD, load_world

LONGEST = 24 * 3600.0  # seconds to wait for one training or one evaluation
JUDGE = "icon-world"


@dataclass(frozen=True)
class Line:
    """One row of a table; rates and scores of what is trained are over all its trainings.

    Attributes:
        harm: leak on prompts that only mean a thing, by group of things.
        seconds: of one training, the mean; 0 where nothing is trained.
        seeds: of the trainings. each: of each, the leak on direct prompts. kept_each: what it kept.
    """

    name: str
    direct: Rate
    harm: dict[str, Rate]
    kept: Rate
    scores: tuple[Score, ...]
    seconds: float
    seeds: tuple[int, ...] = ()
    each: tuple[Rate, ...] = ()
    kept_each: tuple[Rate, ...] = ()


@dataclass(frozen=True)
class Made:
    """A table that was made.

    Attributes:
        device: what drew its pictures; empty where nobody wrote it down.
    """

    table: BenchmarkTable
    evaluation: str
    device: str
    lines: tuple[Line, ...]


class Benchmarking:
    """A benchmark in a runs folder. What is done is not done again while nothing changed.

    Args:
        count: pictures of each family. processes: that share an evaluation.
        seeds: of the trainings of each method that is trained; each is a run of its own.
        say: told what begins.

    Raises:
        StudioError: no seed is named, or one twice.
    """

    def __init__(
        self,
        runs: Runs,
        benchmark: Benchmark,
        *,
        count: int,
        processes: int = 1,
        split: Split = "test",
        steps: int | None = None,
        seeds: Sequence[int] = SEEDS,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.runs, self.benchmark, self.count = runs, benchmark, count
        self.evaluations = Evaluations(runs.root, runs.queue)
        self.processes, self.split, self.steps, self.say = processes, split, steps, say
        self.seeds = own_seeds(seeds)
        self._note = runs.root / f"benchmark-{benchmark.id}.json"

    def make(self) -> list[Made]:
        """Make every table.

        Raises:
            StudioError: a training or an evaluation failed; what was done is kept.
        """
        return [self._table(table) for table in self.benchmark.tables]

    def _table(self, table: BenchmarkTable) -> Made:
        pack = joined_pack(table)
        columns: dict[str, list[Column]] = {}
        seconds: dict[str, float] = {}
        for row in self.benchmark.rows:
            columns[row.name], seconds[row.name] = self._columns(table, row, pack)
        asked = [chosen for found in columns.values() for chosen in found]
        folder = self._evaluated(table, pack, asked)
        seeds = {row.name: () if row.column else self.seeds for row in self.benchmark.rows}
        lines = tuple(
            _over([_line(folder, name, c.label, seconds[name]) for c in found], seeds[name])
            for name, found in columns.items()
        )
        return Made(table, folder.id, folder.environment().get("device", ""), lines)

    def _columns(
        self, table: BenchmarkTable, row: BenchmarkRow, pack: Pack
    ) -> tuple[list[Column], float]:
        """A column for each training seed, or the one that needs no training; mean seconds."""
        if row.column:
            return [column(self.runs, row.column, pack_concepts(pack))], 0.0
        columns, spent = [], []
        for seed in self.seeds:
            changed = {"steps": self.steps, "seed": seed}
            config = self.runs.plan(pack, preset=row.preset, overrides=changed)
            run_id = self._trained(f"{table.id} {row.name}, seed {seed}", config)
            status = self.runs.folder(run_id).stored_status()
            spent.append((status.ended or 0.0) - (status.started or 0.0))
            columns.append(Column(adapters=(run_adapter(self.runs, run_id),)))
        return columns, fmean(spent)

    def _trained(self, name: str, config: RunConfig) -> str:
        key = _key(config.model_dump(mode="json"), networks=drawing_networks())
        done = self._noted().get(key)
        if done and self._state(done) is State.DONE:
            return done
        self.say(f"training: {name}")
        run_id = self.runs.start(config)
        status = self.runs.wait(run_id, LONGEST)
        if status.state is not State.DONE:
            raise StudioError(f"{name} was not trained: {status.what}", status.way_out)
        self._keep(key, run_id)
        return run_id

    def _state(self, run_id: str) -> State | None:
        try:
            return self.runs.folder(run_id).status().state
        except StudioError:
            return None

    def _evaluated(
        self, table: BenchmarkTable, pack: Pack, columns: list[Column]
    ) -> EvaluationFolder:
        config = self.evaluations.plan(
            self.benchmark.protocol, columns, pack, split=self.split, count=self.count
        )
        key = _key(config.model_dump(mode="json"), config_rows(config), networks=networks())
        evaluation = self._noted().get(key)
        state = self._progress(evaluation)
        self.say(f"drawing and judging: {table.id}")
        if evaluation is None or state is None:
            evaluation = self.evaluations.start(config, self.processes)
            self._keep(key, evaluation)
        elif state is not State.DONE and not state.alive:
            self.evaluations.resume(evaluation, self.processes)
        status = self.evaluations.wait(evaluation, LONGEST)
        if status.state is not State.DONE:
            raise StudioError(f"The table {table.id} was not made: {status.what}", status.way_out)
        return self.evaluations.folder(evaluation)

    def _progress(self, evaluation: str | None) -> State | None:
        try:
            return self.evaluations.folder(evaluation or "").status().state
        except StudioError:
            return None

    def _noted(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def _keep(self, key: str, done: str) -> None:
        durable.write_text(self._note, json.dumps({**self._noted(), key: done}, indent=1))


def own_seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    """Training seeds as they were given.

    Raises:
        StudioError: none is named, or one twice, which would count one training as two.
    """
    if not seeds or len(set(seeds)) < len(seeds):
        raise StudioError(
            "Training seeds must be named once each.", "Give them as in: --seeds 0 1 2."
        )
    return tuple(seeds)


def _over(lines: Sequence[Line], seeds: tuple[int, ...]) -> Line:
    """One line of those of all trainings."""
    if not seeds:
        return lines[0]
    return replace(
        lines[0],
        direct=over_seeds([line.direct for line in lines]),
        harm={group: over_seeds([line.harm[group] for line in lines]) for group in lines[0].harm},
        kept=over_seeds([line.kept for line in lines]),
        scores=scores_over_seeds([line.scores for line in lines]),
        seeds=seeds,
        each=tuple(line.direct for line in lines),
        kept_each=tuple(line.kept for line in lines),
    )


def _key(told: dict[str, Any], asked: Sequence[Row] = (), *, networks: Sequence[str]) -> str:
    """What a piece of work is made of: its settings, its prompts, the networks that take part."""
    text = json.dumps([told, [asdict(row) for row in asked], networks], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def networks() -> tuple[str, ...]:
    """Hashes of all networks of Icon World that draw and judge."""
    files = sorted(ICON_WORLD.parent.glob("icon-world*/**/*.safetensors"))
    return tuple(file_sha256(file) for file in files)


@cache
def drawing_networks() -> tuple[str, ...]:
    """Hashes of the networks that draw Icon World: all that a training of a method depends on."""
    files = sorted(ICON_WORLD.glob("**/*.safetensors"))
    return tuple(file_sha256(file) for file in files)


def _line(folder: EvaluationFolder, name: str, label: str, seconds: float) -> Line:
    seen = {row: bool(answer[JUDGE]) for row, answer in folder.answers(label).items()}
    rows = folder.rows()
    groups = {thing.id: thing.group for thing in load_world().objects}

    def rate(family: str, group: str = "") -> Rate:
        asked = [row for row in rows if row.family == family and row.row in seen]
        answers = [seen[row.row] for row in asked if group in ("", groups.get(row.shows))]
        return wilson(sum(answers), len(answers))

    harm = dict.fromkeys(groups[r.shows] for r in rows if r.family == "indirect")
    return Line(
        name,
        rate("direct"),
        {group: rate("indirect", group) for group in harm},
        rate("others"),
        folder.scores(label),
        seconds,
    )
