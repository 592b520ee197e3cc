"""Plan, start, watch, stop and resume evaluations."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from studio.config import Column, ModelCard, Pack, SampleConfig, Text
from studio.errors import StudioError
from studio.evaluation.aggregation import Aggregate, Answered, get_aggregation
from studio.evaluation.detectors import find_detector, missing
from studio.evaluation.detectors.base import Own
from studio.evaluation.protocol import (
    QUICK_COUNT,
    EvaluationConfig,
    OwnFiles,
    Split,
    adapter_hashes,
    refuse_changed,
)
from studio.evaluation.protocol_rows import config_rows, total_pictures
from studio.evaluation.quality import get_scorer
from studio.evaluation.worlds import knows, refuse_grid, refuse_strangers
from studio.files import is_name
from studio.jobs.evaluation_folder import EvaluationFolder, evaluation_folders
from studio.jobs.run_queue import enter
from studio.lives import born
from studio.presets import find_model
from studio.protocols import find_protocol
from studio.records import State, Status
from studio.services.columns import once
from studio.services.processes import reap
from studio.services.queue import Queue, launch_worker, truth
from studio.services.test_split import note_opening


@dataclass(frozen=True)
class Evaluated:
    """One line of the list of evaluations."""

    id: str
    pack: str
    title: Text
    protocol: str
    columns: tuple[str, ...]
    quick: bool
    status: Status


class Evaluations:
    """All evaluations of one runs folder.

    Args:
        root: the runs folder; evaluations lie in `evaluations` below it.
        queue: its line; None opens it.
    """

    def __init__(self, root: Path, queue: Queue | None = None) -> None:
        self.root = Path(root) / "evaluations"
        self.queue = queue or Queue(root)

    def plan(
        self,
        protocol: str,
        columns: Sequence[Column],
        pack: Pack,
        *,
        quick: bool = False,
        split: Split = "test",
        count: int | None = None,
        model: ModelCard | None = None,
        prompt_file: Path | None = None,
        detectors: Sequence[str] | None = None,
        scorers: Sequence[str] | None = None,
        own: Mapping[str, OwnFiles] | None = None,
        scorer_weights: Path | None = None,
    ) -> EvaluationConfig:
        """Check everything and say what would happen; starts nothing.

        Args:
            protocol: its id.
            columns: what is measured; the original is put first where it is not there.
            count: pictures of each family; None: as the protocol says, or as a quick look has.
            model: None: the one the pack was made for.
            detectors, scorers: None: those of the protocol.
            own: a person's files for detectors, by the name of the detector.
            scorer_weights: a person's folder of weights for scorers.

        Raises:
            StudioError: there is no such protocol, its list of prompts is missing, Icon World knows
                nothing of the pack, an adapter's file is not there, or a detector needs something
                or does not know the model's pictures.
        """
        found = find_protocol(protocol)
        chosen = once((Column(), *columns))
        card = model or find_model(pack.model)
        wanted = count or min(found.prompts.count, QUICK_COUNT if quick else found.prompts.count)
        config = EvaluationConfig(
            protocol=found.id,
            title=found.title,
            pack=pack,
            model=card,
            columns=chosen,
            detectors=found.detectors if detectors is None else tuple(detectors),
            scorers=found.scorers if scorers is None else tuple(scorers),
            aggregations=found.aggregations,
            quick=quick,
            split=split if found.prompts.source == "icon-world" else "",
            sample=SampleConfig(**{**card.sample.model_dump(), **found.sample}),
            adapters=adapter_hashes(chosen),
            count=wanted,
            prompts=found.prompts,
            prompt_file=str(prompt_file.resolve()) if prompt_file else "",
            own=dict(own or {}),
            scorer_weights=str(scorer_weights.resolve()) if scorer_weights else "",
        )
        missing = [name for name, stamp in config.adapters.items() if not stamp]
        if missing:
            raise StudioError(
                f"The adapter {missing[0]} is not there.", "Check the path of its file."
            )
        _refuse_scorers(card, scorers or ())
        for scorer in config.scorers:
            get_scorer(scorer)
        refuse_grid(card, found.prompts.source, found.id)
        refuse_strangers(card, config.detectors)
        config_rows(config)
        _refuse_unready(config)
        return config

    def start(self, config: EvaluationConfig, processes: int = 1) -> str:
        """Make the evaluation's folder and start its worker.

        Args:
            processes: that share the pictures; more than one go through torchrun.

        Returns:
            The id of the evaluation.

        Raises:
            StudioError: see `plan`, or nothing can be written.
        """
        self.queue.may_change()
        rows = config_rows(config)
        if config.split == "test":
            labels = ", ".join(column.label for column in config.columns)
            asked = [(row.prompt, row.seed) for row in rows]
            note_opening(self.root.parent, config.pack.id, labels, asked)
        folder = EvaluationFolder.create(self.root, config, rows, total_pictures(config, rows))
        _launch(folder, processes)
        return folder.id

    def resume(self, evaluation_id: str, processes: int = 1) -> None:
        """Go on with an evaluation that was stopped, interrupted or failed.

        Raises:
            StudioError: there is none, it is still at work, it is done, or an adapter changed.
        """
        self.queue.may_change()
        folder = self.folder(evaluation_id)
        status = self._status(folder)
        if status.state.alive:
            raise StudioError("This evaluation is still at work.", "Stop it, or wait for its end.")
        if status.state is State.DONE:
            raise StudioError("This evaluation is done.", "Start a new one to measure again.")
        refuse_changed(folder.config)
        refuse_strangers(folder.config.model, folder.config.detectors)
        folder.answered("stop")
        folder.write_status(Status(State.QUEUED, status.step, status.total, heartbeat=time.time()))
        _launch(folder, processes)

    def stop(self, evaluation_id: str) -> None:
        """Ask an evaluation to end; what is drawn and answered stays."""
        self.queue.may_change()
        folder = self.folder(evaluation_id)
        if folder.status().state.alive:
            folder.ask_stop()
        self.queue.cancel(folder.key)

    def wait(self, evaluation_id: str, seconds: float) -> Status:
        """Wait until an evaluation has ended or the time is up."""
        folder, end = self.folder(evaluation_id), time.monotonic() + seconds
        while (status := folder.status()).state.alive and time.monotonic() < end:
            time.sleep(0.2)
            reap()
        return status

    def folder(self, evaluation_id: str) -> EvaluationFolder:
        """The folder of an evaluation.

        Raises:
            StudioError: there is none.
        """
        known = is_name(evaluation_id)
        path = self.root / evaluation_id if known else self.root
        if not known or not (path / "evaluation.yaml").exists():
            raise StudioError(
                f"There is no evaluation {evaluation_id!r}.",
                "Choose one from the list of evaluations.",
            )
        return EvaluationFolder(path)

    def status(self, evaluation_id: str) -> Status:
        """Its state; one that waits for a worker in the line waits. StudioError: there is none."""
        return self._status(self.folder(evaluation_id))

    def _status(self, folder: EvaluationFolder) -> Status:
        return truth(folder.status(), folder.key in self.queue.waits())

    def aggregates(self, evaluation_id: str) -> dict[str, tuple[Aggregate, ...]]:
        """The numbers of the protocol for each column, from the answers there are so far."""
        folder = self.folder(evaluation_id)
        refuse_strangers(folder.config.model, folder.config.detectors)
        labels = [column.label for column in folder.config.columns]
        columns = {label: _answered(folder, label) for label in labels}
        names = folder.config.aggregations
        return {
            label: tuple(
                number
                for name in names
                for number in get_aggregation(name)(column, columns[labels[0]])
            )
            for label, column in columns.items()
        }

    def list(self) -> list[Evaluated]:
        """All evaluations, newest first; broken folders are left out."""
        reap()
        found, waits = [], self.queue.waits()
        for folder in evaluation_folders(self.root):
            try:
                config = folder.config
            except StudioError:
                continue
            found.append(
                Evaluated(
                    folder.id,
                    config.pack.id,
                    config.title,
                    config.protocol,
                    tuple(column.label for column in config.columns),
                    config.quick,
                    truth(folder.status(), folder.key in waits),
                )
            )
        return found


def _refuse_scorers(model: ModelCard, asked: Sequence[str]) -> None:
    """Raises: StudioError: a scorer was asked for that reads Icon World alone."""
    if not knows(model) and "icon-match" in asked:
        raise StudioError(
            f"icon-match knows the pictures of Icon World alone, and {model.title.en} draws "
            "others.",
            "Ask --scorer clip-score instead; it needs a CLIP in --scorer-weights.",
        )


def _refuse_unready(config: EvaluationConfig) -> None:
    for name in config.detectors:
        files = config.own.get(name, OwnFiles())
        own = Own(files.weights, Path(files.prompts) if files.prompts else None)
        lacks = missing(find_detector(name), own)
        if lacks is not None:
            raise lacks


def _answered(folder: EvaluationFolder, label: str) -> Answered:
    return Answered(
        folder.rows(),
        folder.answers(label),
        folder.also(label),
        folder.labels_seen(label),
        folder.profiles(),
    )


def _launch(folder: EvaluationFolder, processes: int) -> None:
    folder.forget_ranks()
    enter(folder, processes=processes)
    pid = launch_worker(folder, processes)
    if processes > 1:  # torchrun takes its time before the first worker can write its own
        folder.write_status(replace(folder.stored_status(), pid=pid, born=born(pid)))
