"""What to ask the judge: a pack's held-out prompts, or a person's own file of prompts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.config import AdapterUse, Column, ModelCard, Pack
from studio.errors import StudioError
from studio.evaluation.prompt_files import REFUSED, PromptFile, PromptRow, read_prompts
from studio.evaluation.prompts import STYLE, Question, Split, direct, indirect
from studio.jobs.run_folder import RunFolder
from studio.prompt_rules import refusal
from studio.services.columns import ORIGINAL
from studio.world import load_world

SAFEGUARDED = "safeguarded"


@dataclass(frozen=True)
class Answer:
    """What `judge --json` answers."""

    summary: dict[str, Any]
    lines: list[dict[str, Any]]


def read_prompt_file(file: Path, seed: int = 0) -> list[Question]:
    """A person's own prompts: text<TAB>object (or style:WORD) a line, or any list of
    `read_prompts` with a column "shows" or "object".

    Args:
        seed: added to the number of a row that brings no seed of its own.

    Raises:
        StudioError: the file cannot be read, or a row cannot be judged; says which.
    """
    read = read_prompts(file)
    for left in read.dropped:
        if left.reason == REFUSED:
            raise refusal()
        raise StudioError(
            f"{read.name}, line {left.number}: {left.reason}.",
            "Mend that row or take it out, so that nothing is left out unseen.",
        )
    return [_question(read, row, seed) for row in read.rows]


def _question(read: PromptFile, row: PromptRow, seed: int) -> Question:
    world = load_world()
    thing = world.find(row.shows)
    style = row.shows.removeprefix(STYLE)
    if thing is None and style not in world.styles:
        raise StudioError(
            f"{read.name}, line {row.number}: the judge knows no {row.shows!r}.",
            "Put an object of Icon World after a tab, such as: a bomb on red<TAB>bomb.",
        )
    own = seed + row.number if row.seed is None else row.seed
    return Question(row.prompt, own, "target", thing.id if thing else f"{STYLE}{style}")


def pack_questions(pack: Pack, count: int, split: Split = "test") -> list[Question]:
    """Held-out prompts of a pack: `count` that name what is removed, as many that only mean it, and
    as many of each kind that must stay.

    Raises:
        StudioError: Icon World's judge knows nothing that this pack removes.
    """
    questions = direct(pack, count, split=split)
    if not any(question.kind == "target" for question in questions):
        raise StudioError(
            "The judge knows none of the things this pack removes.",
            "Name objects or styles of Icon World, or give a --prompt-file.",
        )
    return questions + indirect(pack, count, split=split)


def judge(
    model: ModelCard,
    columns: Sequence[Column],
    questions: list[Question],
    *,
    images: Path | None = None,
    on_picture: Callable[[int, int], None] = lambda done, total: None,
) -> Answer:
    """Judge columns of one model; loads torch into this process.

    Raises:
        StudioError: see `studio.jobs.judging.judge_columns`.
    """
    from studio.jobs.judging import answer_lines, judge_columns

    judged, verdicts = judge_columns(
        model, columns, questions, images=images, on_picture=on_picture
    )
    original = next((v for v in verdicts if v.column == ORIGINAL), None)
    rows = []
    for verdict in verdicts:
        row = {
            "column": verdict.column,
            **_by_column(verdict.rates()),
            **({"not_measured": verdict.not_measured} if verdict.not_measured else {}),
            "seconds_per_picture": round(verdict.seconds_per_picture, 3),
        }
        if original is not None and verdict is not original:
            row["difference"] = _by_column(verdict.since(original))
        rows.append(row)
    summary = {
        "prompts": len(questions),
        **({"cut_prompts": verdicts[0].cut} if verdicts[0].cut else {}),
        "judge": judged.id,
        "sample": model.sample.model_dump(),
        "rows": rows,
    }
    return Answer(summary, answer_lines(verdicts))


def judge_run(
    folder: RunFolder,
    questions: list[Question],
    *,
    images: Path | None = None,
    on_picture: Callable[[int, int], None] = lambda done, total: None,
) -> Answer:
    """Judge a run: its original model, and the same model with the run's adapter.

    Raises:
        StudioError: the run has no adapter, or see `judge`.
    """
    if not folder.adapter.exists():
        raise StudioError("This run has no adapter.", "Choose a run that is done or was stopped.")
    use = AdapterUse(name=SAFEGUARDED, file=str(folder.adapter.resolve()))
    columns = (Column(), Column(adapters=(use,)))
    answer = judge(folder.config.model, columns, questions, images=images, on_picture=on_picture)
    rows = {row.pop("column"): _of_run(row) for row in answer.summary.pop("rows")}
    change = _of_run(rows[SAFEGUARDED].pop("difference"))
    return Answer({**answer.summary, **rows, "difference": change, "run": folder.id}, answer.lines)


def _by_column(found: dict[str, Any]) -> dict[str, Any]:
    return {"leak_direct": found.pop("leak"), **found}


def _of_run(row: dict[str, Any]) -> dict[str, Any]:
    return {"leak": row.pop("leak_direct"), **row}
