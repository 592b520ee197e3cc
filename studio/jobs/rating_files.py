"""Ratings as files: CSV and Parquet, out and in; no torch.

A row says one thing of one picture. Columns: rater, question, picture, label and shows (binary
rounds) or rank (rankings), at. Whatever is wrong in a file is said with its row, counted as a
spreadsheet does, where the first row holds the names of the columns; nothing is taken then.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from studio import durable
from studio.errors import StudioError, not_writable
from studio.files import read_bytes, text_of
from studio.jobs.feedback_folder import FeedbackFolder, RoundConfig
from studio.jobs.feedback_tables import Answer, Question, check_ranks, check_rater
from studio.limits import RATINGS_MB
from studio.yaml_files import did_you_mean

REQUIRED = {
    "binary": ("rater", "picture", "shows"),
    "ranking": ("rater", "question", "picture", "rank"),
}
COLUMNS = {
    "binary": ("rater", "question", "picture", "label", "shows", "at"),
    "ranking": ("rater", "question", "picture", "rank", "at"),
}
YES = (
    "true", "yes", "y", "1", "1.0", "wahr", "ja", "vrai", "oui",
    "v", "verdadero", "sí", "si", "да", "истина", "是", "真", "对",
)  # fmt: skip
NO = (
    "false", "no", "n", "0", "0.0", "falsch", "nein", "faux",
    "non", "f", "falso", "нет", "ложь", "否", "假", "错",
)  # fmt: skip
NOT_APPLICABLE = ("", "x")
SUFFIXES = (".csv", ".parquet")
TABLES = (".csv", ".tsv", ".txt")  # that are read; .txt is the "Unicode text" of Excel


def export_ratings(folder: FeedbackFolder, file: Path) -> int:
    """Write all ratings of a round; gives the number of rows.

    Args:
        file: its ending says the format, .csv or .parquet.

    Raises:
        StudioError: another ending, or the file cannot be written.
    """
    config, rows = folder.config, []
    for answer in folder.store.answers():
        label = config.labels[answer.label].en if config.labels else ""
        at = datetime.fromtimestamp(answer.at, UTC).isoformat()
        said = {**vars(answer), "label": label, "at": at}
        rows.append({name: said[name] for name in COLUMNS[config.kind]})
    table = pd.DataFrame(rows, columns=list(COLUMNS[config.kind]))
    if config.kind == "ranking":
        table["rank"] = table["rank"].astype("Int64")
    _refuse_suffix(file)
    write = table.to_csv if file.suffix == ".csv" else table.to_parquet
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        durable.write_with(file, lambda beside: write(beside, index=False))
    except OSError as error:
        raise not_writable(file.parent, error) from error
    return len(table)


def import_ratings(folder: FeedbackFolder, file: Path) -> int:
    """Add the ratings of a file to a round, all or none; gives how many rows were new.

    Raises:
        StudioError: the file cannot be read, is empty or has other columns, or a row does not fit
            the round; says which.
    """
    config, store = folder.config, folder.store
    rows = _read(file, config)
    reader = _Rows(file.name, config, store.questions())
    answers = [reader.answer(number, row) for number, row in enumerate(rows, start=2)]
    reader.check_whole(answers)
    reader.check_against(answers, store.answers())
    return store.add_all(answers)


def _read(file: Path, config: RoundConfig) -> list[dict[str, str]]:
    as_table = file.suffix.lower() in TABLES
    if not as_table:
        _refuse_suffix(file)
    data = BytesIO(read_bytes(file, RATINGS_MB))
    try:
        table = _table(data.getvalue(), file.name) if as_table else pd.read_parquet(data)
    except pd.errors.EmptyDataError:
        table = pd.DataFrame()
    except (OSError, ValueError, RuntimeError, LookupError, TypeError, MemoryError) as error:
        raise StudioError(
            f"{file.name} cannot be read as ratings.",
            "Give a CSV file in UTF-8 or a Parquet file, with one rating in each row.",
        ) from error
    if table.empty:
        raise StudioError(f"{file.name} holds no ratings.", "Choose a file with at least one row.")
    names, required = [str(n).strip().lower() for n in table.columns], REQUIRED[config.kind]
    needed = (*required, "label") if len(config.labels) > 1 else required
    lacking = next((name for name in needed if name not in names), None)
    if lacking:
        raise StudioError(
            f"{file.name} lacks the column {lacking}.",
            f"This round needs the columns {', '.join(needed)}.",
        )
    strange = next((name for name in names if name not in COLUMNS[config.kind]), None)
    if strange:
        raise StudioError(
            f"{file.name} has a column that nothing reads: {strange}.",
            did_you_mean(strange, COLUMNS[config.kind]),
        )
    return [
        {name: "" if pd.isna(value) else str(value).strip() for name, value in row.items()}
        for row in table.set_axis(names, axis=1).to_dict("records")
    ]


def _table(data: bytes, name: str) -> pd.DataFrame:
    """A table as spreadsheets write it: comma, semicolon or tab; UTF-8, or UTF-16 with its mark."""
    text = text_of(data, name)
    first, _, rest = text.partition("\n")
    told = first.strip().strip('"').lower()
    delimiter = max(",;\t", key=first.count)
    if told.startswith("sep=") and len(told) == len("sep=;"):
        delimiter, text = told[-1], rest
    return pd.read_csv(StringIO(text), sep=delimiter, dtype=str, keep_default_na=False)


def _refuse_suffix(file: Path) -> None:
    if file.suffix not in SUFFIXES:
        raise StudioError(
            f"{file.name} is neither a CSV nor a Parquet file.",
            "Give it the ending .csv or .parquet.",
        )


class _Rows:
    """Reads the rows of one file for one round."""

    def __init__(self, name: str, config: RoundConfig, asked: Mapping[int, Question]) -> None:
        self.name, self.config, self.asked = name, config, asked
        self.pictures = {shot.picture for shot in config.pictures}
        self.question_of = {p: q.number for q in asked.values() for p in q.pictures}

    def answer(self, number: int, row: Mapping[str, str]) -> Answer:
        """A row of the file as an answer."""
        try:
            check_rater(row["rater"])
        except StudioError as error:
            raise self._wrong(number, error.what, error.way_out) from error
        picture = row["picture"]
        if picture not in self.pictures:
            raise self._wrong(
                number,
                f"this round has no picture {picture}.",
                "Import into the round in which these pictures were rated.",
            )
        binary = self.config.kind == "binary"
        question = self.question_of[picture] if binary else self._question(number, row)
        if picture not in self.asked[question].pictures:
            raise self._wrong(
                number,
                f"question {question} is not about {picture}.",
                "Import into the round in which these pictures were rated.",
            )
        return Answer(
            row["rater"],
            question,
            picture,
            self._label(number, row) if binary else 0,
            self._shows(number, row) if binary else None,
            None if binary else self._rank(number, row),
            self._at(number, row),
        )

    def check_whole(self, answers: Sequence[Answer]) -> None:
        """Let the answers pass, or refuse them where one question is answered twice or in part."""
        seen: dict[tuple[str, int], dict[Any, tuple[int, Answer]]] = {}
        for number, answer in enumerate(answers, start=2):
            given = seen.setdefault((answer.rater, answer.question), {})
            key = (answer.picture, answer.label)
            if key in given:
                raise self._wrong(
                    number, f"it says the same thing twice, as row {given[key][0]}.", "Take it out."
                )
            taken = {other.rank: row for row, other in given.values() if other.rank is not None}
            if answer.rank in taken:
                raise self._wrong(
                    number,
                    f"the rank {answer.rank} stands in row {taken[answer.rank]} already.",
                    "Give each rank of a question once.",
                )
            given[key] = (number, answer)
        for (rater, question), given in seen.items():
            wanted = len(self.asked[question].pictures) * max(1, len(self.config.labels))
            first, _ = next(iter(given.values()))
            if len(given) != wanted:
                raise self._wrong(
                    first,
                    f"of question {question}, {rater} says {len(given)} of {wanted} things.",
                    "Add the missing rows; a picture that does not apply has an empty rank.",
                )
            if self.config.kind == "ranking":
                ranks = {answer.picture: answer.rank for _, answer in given.values()}
                check_ranks(self.asked[question], ranks)

    def check_against(self, answers: Sequence[Answer], stored: Sequence[Answer]) -> None:
        """Let the answers pass, or refuse them where somebody said something else before."""
        before = {(a.rater, a.question, a.picture, a.label): (a.shows, a.rank) for a in stored}
        for number, a in enumerate(answers, start=2):
            known = before.get((a.rater, a.question, a.picture, a.label), (a.shows, a.rank))
            if known != (a.shows, a.rank):
                raise self._wrong(
                    number,
                    f"{a.rater} said something else of {a.picture} in this round before.",
                    "Take the row out, or give its rater another name.",
                )

    def _question(self, number: int, row: Mapping[str, str]) -> int:
        found = _whole(row["question"])
        if found is None or found not in self.asked:
            raise self._wrong(
                number,
                f"this round has no question {row['question']}.",
                "Import into the round in which these pictures were rated.",
            )
        return found

    def _label(self, number: int, row: Mapping[str, str]) -> int:
        said = row.get("label", "")
        for place, label in enumerate(self.config.labels):
            if said in (label.en, label.zh) or (not said and len(self.config.labels) == 1):
                return place
        known = [label.en for label in self.config.labels]
        raise self._wrong(number, f"there is no label {said}.", did_you_mean(said, known))

    def _shows(self, number: int, row: Mapping[str, str]) -> bool:
        said = row["shows"].lower()
        if said not in (*YES, *NO):
            raise self._wrong(
                number, f"{row['shows']!r} is neither yes nor no.", "Write yes or no."
            )
        return said in YES

    def _rank(self, number: int, row: Mapping[str, str]) -> int | None:
        said = row["rank"]
        if said.lower() in NOT_APPLICABLE:
            return None
        rank, most = _whole(said), max(len(q.pictures) for q in self.asked.values())
        if rank is None or not 1 <= rank <= most:
            raise self._wrong(
                number,
                f"the rank {said} lies outside 1 to {most}.",
                "Correct it, or leave it empty where the picture does not apply.",
            )
        return rank

    def _at(self, number: int, row: Mapping[str, str]) -> float:
        said = row.get("at", "")
        try:
            return datetime.fromisoformat(said).timestamp() if said else time.time()
        except (ValueError, OverflowError, OSError) as error:
            raise self._wrong(
                number, f"{said!r} is no time.", "Write it as 2026-01-31T12:00:00+00:00."
            ) from error

    def _wrong(self, number: int, what: str, way_out: str) -> StudioError:
        return StudioError(f"{self.name}, row {number}: {what}", way_out)


def _whole(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
