"""Findings of an evaluation, and the files that tell them: page, JSON, model card, figures."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.errors import StudioError
from studio.evaluation.comparison import Calibration
from studio.evaluation.findings import RECKONED, Agreement, Findings
from studio.evaluation.labels import human_check
from studio.evaluation.levels import level
from studio.evaluation.protocol import EvaluationConfig, column_slug
from studio.evaluation.verdict import Answered, agree, compare, worst
from studio.evaluation.worlds import refuse_strangers
from studio.jobs.evaluation_folder import EvaluationFolder, evaluation_folders
from studio.records import Behind, State, Status
from studio.services.calibration import FOLDER as CALIBRATIONS
from studio.services.calibration import detector_calibration
from studio.services.columns import ORIGINAL
from studio.services.evaluations import Evaluations
from studio.services.reporting import facts
from studio.services.reporting.export_json import findings_json
from studio.services.reporting.page import report_html
from studio.services.reporting.stored import read_findings, write_findings, write_text
from studio.services.reporting.tradeoff import Point, points
from studio.services.runs import Runs


@dataclass(frozen=True)
class Exported:
    """The files of one report."""

    html: Path
    json: Path
    card: Path
    figures: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return self.html, self.json, self.card, *self.figures


class Reports:
    """The reports of all evaluations of one runs folder."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.evaluations = Evaluations(runs.root, runs.queue)

    def columns(self, evaluation: str) -> tuple[str, ...]:
        """Labels of the safeguarded columns; StudioError when there is no such evaluation."""
        config = self.config(evaluation)
        return tuple(c.label for c in config.columns if c.label != ORIGINAL)

    def stale(self, evaluation: str) -> bool:
        """Whether an adapter has changed since it was tested, or is gone."""
        return facts.stale(self.config(evaluation))

    def state(self, evaluation: str) -> tuple[Status, bool, Behind | None]:
        """How far it is, whether it is stale, and what it waits behind."""
        status, folder = self.evaluations.status(evaluation), self.evaluations.folder(evaluation)
        waits = status.state is State.QUEUED
        behind = self.evaluations.queue.behind(folder.key) if waits else None
        return status, self.stale(evaluation), behind

    def config(self, evaluation: str) -> EvaluationConfig:
        """What was decided for an evaluation, which never changes; StudioError: there is none."""
        return self.evaluations.folder(evaluation).config

    def read(self, evaluation: str, column: str = "") -> Findings | None:
        """Findings made before; None where none can be read, or they were reckoned otherwise."""
        folder, label = self._named(evaluation, column)
        try:
            found = read_findings(findings_file(folder, label))
        except StudioError:
            return None
        return found if found.reckoned == RECKONED else None

    def current(self, evaluation: str, column: str = "") -> Findings:
        """Findings as they are now: those that were made, or new ones where pictures or people's
        labels have come since.

        Raises:
            StudioError: see `make`.
        """
        folder, made = self.evaluations.folder(evaluation), self.read(evaluation, column)
        refuse_strangers(folder.config.model, folder.config.detectors)
        labels = self.runs.root.glob(f"{CALIBRATIONS}/*/labels.jsonl")
        files = [file for file in (folder.path / "labels.jsonl", *labels) if file.exists()]
        newest = max([file.stat().st_mtime for file in files], default=0.0)
        since = max(newest, folder.stored_status().ended or 0.0)
        return made if made and made.made >= since else self.make(evaluation, column)

    def make(
        self,
        evaluation: str,
        column: str = "",
        calibration: Mapping[str, Calibration] | None = None,
    ) -> Findings:
        """Work out the findings of a column against the original, and keep them.

        Args:
            column: its label; "" for the first that is not the original.
            calibration: by detector, how it did on labelled pictures; None: from the labelled sets
                of the runs folder.

        Raises:
            StudioError: there is no such evaluation or column, it is still at work, or nothing
                was answered.
        """
        folder, label = self._named(evaluation, column)
        if folder.status().state.alive:
            raise StudioError(
                "This evaluation is still at work.", "Wait for its end, or stop it first."
            )
        known = self._calibration(folder) if calibration is None else dict(calibration)
        found = self._findings(folder, label, known)
        write_findings(found, findings_file(folder, label))
        return found

    def points(self, findings: Findings) -> tuple[Point, ...]:
        """The trade-off over all reports of the runs folder that compare with this one."""
        return points(findings, self._all(findings.pack))

    def export(self, findings: Findings, out: Path | None = None) -> Exported:
        """Write report.html, report.json, MODEL_CARD.md and the figures.

        Args:
            out: where to; None: into the evaluation's folder.

        Raises:
            StudioError: nothing can be written there, or there is no such evaluation.
        """
        from studio.services.reporting.card import model_card
        from studio.services.reporting.figures import write_figures

        folder = self.evaluations.folder(findings.evaluation)
        place, shown = out or self._place(folder, findings), self.points(findings)
        told = findings_json(findings, shown, stale=self.stale(findings.evaluation))
        card = model_card(findings, self.config(findings.evaluation))
        return Exported(
            write_text(place / "report.html", self.html(findings)),
            write_text(place / "report.json", told),
            write_text(place / "MODEL_CARD.md", card),
            write_figures(findings, shown, place / "figures"),
        )

    def files(self, findings: Findings) -> Exported:
        """What `export` writes into the evaluation's folder, anew where something has changed."""
        folder = self.evaluations.folder(findings.evaluation)
        place = self._place(folder, findings)
        found = Exported(
            place / "report.html",
            place / "report.json",
            place / "MODEL_CARD.md",
            tuple(sorted((place / "figures").glob("*.*g"))),
        )
        used = [*self.evaluations.root.glob("*/findings/*.json"), *self._adapters(findings)]
        newest = max((file.stat().st_mtime for file in used if file.exists()), default=0.0)
        written = [file.stat().st_mtime for file in found.files if file.exists()]
        whole = found.figures and len(written) == len(found.files)
        return found if whole and min(written) > newest else self.export(findings)

    def html(self, findings: Findings) -> str:
        """The report as one HTML file; StudioError when there is no such evaluation."""
        folder, old = self.evaluations.folder(findings.evaluation), self.stale(findings.evaluation)
        return report_html(findings, folder.path, self.points(findings), stale=old)

    def _place(self, folder: EvaluationFolder, findings: Findings) -> Path:
        """Beside the answers; of several columns each has a folder of its own."""
        several = len(self.columns(folder.id)) > 1
        return folder.path / "reports" / column_slug(findings.column) if several else folder.path

    def _adapters(self, findings: Findings) -> list[Path]:
        columns = self.config(findings.evaluation).columns
        return [Path(use.file) for column in columns for use in column.adapters]

    def _named(self, evaluation: str, column: str) -> tuple[EvaluationFolder, str]:
        folder, labels = self.evaluations.folder(evaluation), self.columns(evaluation)
        refuse_strangers(folder.config.model, folder.config.detectors)
        if not labels:
            raise StudioError(
                "This evaluation has nothing but the original.", "Evaluate a run with it."
            )
        if column and column not in labels:
            raise StudioError(
                f"This evaluation has no column {column!r}.", f"Choose one of: {', '.join(labels)}."
            )
        return folder, column or labels[0]

    def _all(self, pack: str) -> Iterator[Findings]:
        """Findings of all tests of a pack; worked out where a test ended and nobody looked yet."""
        for folder in evaluation_folders(self.evaluations.root):
            try:
                if self.config(folder.id).pack.id != pack:
                    continue
                for label in self.columns(folder.id):
                    if folder.stored_status().state is State.DONE:
                        yield self.current(folder.id, label)
            except StudioError:
                continue

    def _calibration(self, folder: EvaluationFolder) -> dict[str, Calibration]:
        pack, model = self.config(folder.id).pack.id, self.config(folder.id).model.id
        found = {
            p.id: detector_calibration(self.runs.root, pack, p, model) for p in folder.profiles()
        }
        return {name: judge for name, judge in found.items() if judge is not None}

    def _findings(
        self, folder: EvaluationFolder, label: str, calibration: dict[str, Calibration]
    ) -> Findings:
        config, rows = self.config(folder.id), folder.rows()
        seen = {name: _Seen(folder, name) for name in (ORIGINAL, label)}
        detectors = _detectors(config, folder)
        first = detectors[0] if detectors else ""
        before, after = seen[ORIGINAL].by(first), seen[label].by(first)
        if not set(before.shows) & set(after.shows):
            raise StudioError(
                "No picture of this evaluation was judged in both columns.",
                "Resume it, or start a new one.",
            )
        families, things = compare(rows, before, after, calibration.get(first))
        scores = folder.scores(label)
        profiles = {profile.id: profile for profile in folder.profiles()}
        return Findings(
            evaluation=folder.id,
            made=time.time(),
            column=label,
            pack=config.pack.id,
            title=config.pack.title.model_dump(),
            protocol=config.protocol,
            quick=config.quick,
            sensitive=config.pack.sensitivity == "sensitive",
            level=level(families, things, scores),
            families=families,
            things=things,
            scores=scores,
            detectors=tuple(profiles[name] for name in detectors if name in profiles),
            worst=worst(rows, before, after, (ORIGINAL, label), picture_path),
            agreements=(*_agreements(detectors, seen), *_people(folder, first)),
            calibration=calibration,
            about=facts.about(self.runs, folder, config, label, rows, len(after.shows)),
            reckoned=RECKONED,
        )


class _Seen:
    """All answers of one column."""

    def __init__(self, folder: EvaluationFolder, label: str) -> None:
        self.shows, self.also = folder.answers(label), folder.also(label)

    def by(self, detector: str) -> Answered:
        """What one detector said."""
        return Answered(
            *(
                {row: said[detector] for row, said in answers.items() if detector in said}
                for answers in (self.shows, self.also)
            )
        )


def findings_file(folder: EvaluationFolder, label: str) -> Path:
    """Where the findings of a column lie."""
    return folder.path / "findings" / f"{column_slug(label)}.json"


def picture_path(label: str, row: int) -> str:
    """A column's picture of a row, relative to the evaluation's folder."""
    return f"pictures/{column_slug(label)}/{row:05d}.png"


def _detectors(config: EvaluationConfig, folder: EvaluationFolder) -> list[str]:
    """Names of the detectors in the order that was asked for; the first one's word counts."""
    answered = [profile.id for profile in folder.profiles()]
    return list(dict.fromkeys([*config.detectors, *answered]))


def _people(folder: EvaluationFolder, detector: str) -> Iterator[Agreement]:
    found = human_check(folder.path, detector)
    if found is not None:
        yield found


def _agreements(detectors: list[str], seen: Mapping[str, _Seen]) -> Iterator[Agreement]:
    for other in detectors[1:]:
        found = agree(
            (detectors[0], other),
            [
                (label, column.by(detectors[0]).shows, column.by(other).shows)
                for label, column in seen.items()
            ],
            picture_path,
        )
        if found.n:
            yield found
