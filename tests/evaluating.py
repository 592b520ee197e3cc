"""Evaluations made and carried out in this process, and what is in their folders."""

import json
import time
from collections.abc import Callable

from studio.evaluation.protocol import EvaluationConfig
from studio.evaluation.protocol_rows import config_rows, total_pictures
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.jobs.evaluator import Evaluator
from studio.jobs.sharing import Share
from studio.records import State
from studio.services.evaluations import Evaluations

FAMILIES = ("direct", "indirect", "neighbours", "others")


def made(studio: Evaluations, config: EvaluationConfig) -> EvaluationFolder:
    """A folder that nobody works at yet."""
    rows = config_rows(config)
    return EvaluationFolder.create(studio.root, config, rows, total_pictures(config, rows))


def evaluate(folder: EvaluationFolder, rank: int = 0, world: int = 1) -> State:
    """Work at a folder in this process."""
    worker = Evaluator(folder, Share(rank, world))
    worker.run()
    return worker.status.state


def lines(folder: EvaluationFolder) -> list[tuple[str, int]]:
    """Column and row of every line of answers."""
    return [
        (file.name.rpartition(".")[0].rpartition(".")[0], json.loads(line)["row"])
        for file in sorted((folder.path / "answers").glob("*.jsonl"))
        for line in file.read_text().splitlines()
    ]


def drawn(folder: EvaluationFolder) -> dict[str, int]:
    """When each picture was written, ns."""
    return {str(file): file.stat().st_mtime_ns for file in folder.path.glob("pictures/*/*.png")}


def all_answers(folder: EvaluationFolder) -> list[object]:
    columns = [column.label for column in folder.config.columns]
    return [(folder.answers(c), folder.also(c), folder.labels_seen(c)) for c in columns]


def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)
