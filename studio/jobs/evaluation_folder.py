"""An evaluation is a folder. Worker, page, report and command line share nothing else; no torch.

evaluation.yaml   everything that was decided      rows.jsonl   a line a prompt with its seed
status.json, control.json, log.txt                 see `WorkFolder`
pictures/<slug>/00000.png                          the number is the row's
answers/<slug>.<rank>.jsonl                        a line a picture: what each detector said
profiles.json     who answered                     scores.json  numbers about whole columns
timing.json       seconds and pictures a column    labels.jsonl what people said
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from studio import durable
from studio.config import Text
from studio.errors import StudioError, not_writable
from studio.evaluation.findings import Profile, Row, Score
from studio.evaluation.protocol import EvaluationConfig, column_slug
from studio.jobs.stamps import Stamp, stamp
from studio.jobs.work_folder import WorkFolder, new_folder, read_status
from studio.records import State, Status
from studio.yaml_files import check, read_yaml_file

Answers = dict[int, dict[str, bool]]  # row -> detector -> whether the picture shows it


class EvaluationFolder(WorkFolder):
    """One evaluation on disk."""

    work = "evaluate"

    @classmethod
    def create(
        cls, root: Path, config: EvaluationConfig, rows: Sequence[Row], total: int
    ) -> "EvaluationFolder":
        """Make the folder of a new evaluation, in state queued.

        Args:
            root: where evaluations lie, RUNS_DIR/evaluations.
            total: pictures to come, all columns together.

        Raises:
            StudioError: nothing can be written under `root`.
        """
        stamp = time.strftime("%Y%m%d-%H%M%S")
        name = re.sub(r"[^a-z0-9]+", "-", f"{config.pack.id}-{config.protocol}".lower()).strip("-")
        try:
            folder = cls(new_folder(root, f"{stamp}-{name}"))
            text = yaml.safe_dump(
                config.model_dump(mode="json"), sort_keys=False, allow_unicode=True
            )
            folder.note_made()
            folder._write(folder.path / "evaluation.yaml", text)
            lines = "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
            folder._write(folder.path / "rows.jsonl", lines)
            folder.write_status(Status(State.QUEUED, total=total, heartbeat=time.time()))
        except OSError as error:
            raise not_writable(root, error) from error
        return folder

    @property
    def config(self) -> EvaluationConfig:
        """What was decided for this evaluation.

        Raises:
            StudioError: this folder is no evaluation, or was changed by hand and no longer fits.
        """
        file = self.path / "evaluation.yaml"
        try:
            return _config(file, stamp(file))
        except (OSError, StudioError) as error:
            raise StudioError(
                f"{self.path.name} is no evaluation: its evaluation.yaml cannot be read.",
                "Choose another evaluation, or delete this folder.",
            ) from error

    def called(self) -> Text:
        """The title of its pack."""
        return self.config.pack.title

    def rows(self) -> tuple[Row, ...]:
        """What every column is asked, in order."""
        return tuple(Row(**line) for line in durable.read_lines(self.path / "rows.jsonl"))

    def answers(self, label: str) -> Answers:
        """What the detectors said of a column's pictures; rows without an answer are left out, and
        those whose pictures came out as no numbers: they were not measured."""
        return {line["row"]: line["seen"] for line in self._answered(label)}

    def also(self, label: str) -> Answers:
        """The same of what else must still be there, for rows that ask for it."""
        return {line["row"]: line["also"] for line in self._answered(label) if "also" in line}

    def labels_seen(self, label: str) -> dict[int, dict[str, tuple[str, ...]]]:
        """Row -> detector -> everything it saw in the picture, by its own names."""
        return {
            line["row"]: {name: tuple(seen) for name, seen in line.get("labels", {}).items()}
            for line in self._answered(label)
        }

    def picture(self, label: str, row: int) -> Path:
        """Where the picture of a row lies in a column."""
        return self.pictures(column_slug(label)) / f"{row:05d}.png"

    def pictures(self, slug: str) -> Path:
        """The folder of a column's pictures."""
        return self.path / "pictures" / slug

    def answer_file(self, label: str, rank: int) -> Path:
        """Where the process of this rank writes a column's answers."""
        return self.path / "answers" / f"{column_slug(label)}.{rank}.jsonl"

    def profiles(self) -> tuple[Profile, ...]:
        """Who answered; empty before anybody did."""
        return tuple(map(_profile, self._json("profiles.json", [])))

    def cut(self) -> tuple[int, ...] | None:
        """Rows of whose prompts the model read only the start; None where nobody looked."""
        found = self._json("cut.json", None)
        return None if found is None else tuple(found)

    def write_cut(self, rows: Sequence[int]) -> None:
        """Replace what `cut` gives."""
        self.write_json("cut.json", list(rows))

    def scores(self, label: str) -> tuple[Score, ...]:
        """Numbers about the whole column against the original."""
        found = self._json("scores.json", {}).get(column_slug(label), [])
        return tuple(map(_score, found))

    def timing(self, label: str) -> tuple[float, int]:
        """Seconds that drawing and judging a column took in its first process, and its pictures."""
        found = self._json("timing.json", {}).get(column_slug(label), {})
        return float(found.get("seconds", 0.0)), int(found.get("pictures", 0))

    def write_timing(self, label: str, seconds: float, pictures: int) -> None:
        """Replace what `timing` gives."""
        entry = {"seconds": round(seconds, 3), "pictures": pictures}
        self.write_json("timing.json", self._json("timing.json", {}) | {column_slug(label): entry})

    def labels(self) -> tuple[dict[str, Any], ...]:
        """What people said of pictures, oldest first; the last line of a picture counts."""
        return tuple(durable.read_lines(self.path / "labels.jsonl"))

    def count_answers(self) -> int:
        """Pictures answered so far, in all columns and by all processes."""
        files = (self.path / "answers").glob("*.jsonl")
        return sum(file.read_bytes().count(b"\n") for file in files)

    def rank_status(self, rank: int) -> Status | None:
        """What a process beside the first last said of itself; None before it said anything."""
        return read_status(self.path / "ranks" / f"{rank}.json")

    def write_rank_status(self, rank: int, status: Status) -> None:
        """Replace what a process beside the first says of itself."""
        (self.path / "ranks").mkdir(exist_ok=True)
        self.write_json(f"ranks/{rank}.json", asdict(status))

    def forget_ranks(self) -> None:
        """Take away what processes of an earlier start said of themselves."""
        for file in (self.path / "ranks").glob("*.json"):
            file.unlink(missing_ok=True)

    def ask_stop(self) -> None:
        """Ask the worker to end; what is there stays."""
        self.ask("stop")

    def write_json(self, name: str, data: Any) -> None:
        """Replace one of the folder's JSON files in one go."""
        self._write(self.path / name, json.dumps(data, indent=1, ensure_ascii=False))

    def _died(self) -> tuple[str, str]:
        return (
            "The evaluation ended without a message.",
            "Resume it: pictures that are there are not drawn again.",
        )

    def looked_at(self, label: str) -> set[int]:
        """Rows that are done: answered, or drawn as no numbers."""
        return {line["row"] for line in self._lines(label)}

    def broken(self, label: str) -> set[int]:
        """Rows whose pictures came out as no numbers (NaN): there is none, nothing is measured."""
        return {line["row"] for line in self._lines(label) if line.get("broken")}

    def _answered(self, label: str) -> Iterator[dict[str, Any]]:
        return (line for line in self._lines(label) if not line.get("broken"))

    def _lines(self, label: str) -> Iterator[dict[str, Any]]:
        for file in sorted((self.path / "answers").glob(f"{column_slug(label)}.*.jsonl")):
            if file.name.removeprefix(column_slug(label)).count(".") == 2:
                yield from durable.read_lines(file)

    def _json(self, name: str, empty: Any) -> Any:
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return empty


@lru_cache(maxsize=1024)
def _config(file: Path, written: Stamp) -> EvaluationConfig:
    return check(EvaluationConfig, read_yaml_file(file), file.name)


def evaluation_folders(root: Path) -> list[EvaluationFolder]:
    """All evaluations under `root`, newest first."""
    if not root.is_dir():
        return []
    found = [EvaluationFolder(path.parent) for path in root.glob("*/evaluation.yaml")]
    return sorted(found, key=lambda folder: folder.age_key, reverse=True)


def _profile(row: dict[str, Any]) -> Profile:
    return Profile(**_tuples(row))


def _score(row: dict[str, Any]) -> Score:
    return Score(**{**_tuples(row), "profile": _profile(row["profile"])})


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
