"""How often the judge still sees what was removed, and what must stay, before and after."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.config import Column, ModelCard
from studio.errors import StudioError
from studio.evaluation.columns import active
from studio.evaluation.comparison import difference
from studio.evaluation.judge import Judge, answers, load_judge
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question
from studio.evaluation.rates import wilson
from studio.models import adapters
from studio.models.finite import finite_rows
from studio.models.loading import Bundle, load_bundle
from studio.models.sampler import Steering, to_pil
from studio.models.text import is_cut
from studio.pictures import save_png

NAMES = {
    "target": "leak",
    "indirect": "leak_indirect",
    "neighbour": "neighbours",
    "unrelated": "keep",
}
Answers = dict[str, list[bool]]
OnPicture = Callable[[int, int], None]


@dataclass
class Verdict:
    """The answers for one column: question by question whether the picture shows it.

    Attributes:
        shown: None where the picture is not finite, and so was not measured.
        cut: prompts of which the model reads only the start.
    """

    column: str
    shown: list[bool | None]
    questions: Sequence[Question] = field(repr=False)
    seconds_per_picture: float
    cut: int = 0

    def answers(self) -> Answers:
        """Whether it was shown, question by question, for each kind of question."""
        return self._answers([answer is not None for answer in self.shown])

    @property
    def not_measured(self) -> int:
        """Pictures that are not finite; no rate counts them."""
        return self.shown.count(None)

    def _answers(self, counted: Sequence[bool]) -> Answers:
        rows = zip(self.shown, self.questions, counted, strict=True)
        pairs = [(bool(shown), question) for shown, question, counts in rows if counts]
        return {name: [s for s, q in pairs if q.kind == kind] for kind, name in NAMES.items()}

    def rates(self) -> dict[str, Any]:
        """Leaks, neighbours and keep, each k of n with its interval."""
        found = self.answers().items()
        return {name: asdict(wilson(sum(seen), len(seen))) for name, seen in found}

    def since(self, original: "Verdict") -> dict[str, Any]:
        """What changed against the original, asked the same: see `Difference`."""
        both = [
            one is not None and other is not None
            for one, other in zip(original.shown, self.shown, strict=True)
        ]
        asked = [q for q, counts in zip(self.questions, both, strict=True) if counts]
        prompts = {name: [q.prompt for q in asked if q.kind == k] for k, name in NAMES.items()}
        before = original._answers(both)
        return {
            name: asdict(difference(before[name], seen, prompts[name]))
            for name, seen in self._answers(both).items()
        }


def judge_columns(
    model: ModelCard,
    columns: Sequence[Column],
    questions: Sequence[Question],
    *,
    images: Path | None = None,
    on_picture: OnPicture = lambda done, total: None,
) -> tuple[Judge, list[Verdict]]:
    """Draw every question in every column and judge the pictures.

    Args:
        questions: the same prompts and seeds for all columns.
        images: where the pictures go, if anywhere; a folder for each column.
        on_picture: called with how many pictures are drawn and how many there will be.

    Returns:
        The judge, and a verdict for each column.

    Raises:
        StudioError: the model has no judge, or a column cannot be drawn.
    """
    judge = load_judge(model.judge)
    if judge is None:
        raise StudioError(
            f"{model.title.en} has no judge, so nothing can be counted.",
            "Look at the pictures with compare, or judge a run on Icon World.",
        )
    bundle = load_bundle(model)
    names: dict[str, str] = {}
    for file in dict.fromkeys(use.file for column in columns for use in column.adapters):
        names[file] = f"judged{len(names)}"
        adapters.load_adapter(bundle.unet, Path(file), names[file])
    cut = sum(is_cut(bundle, question.prompt) for question in questions)
    verdicts = []
    for place, column in enumerate(columns):

        def count(done: int, base: int = place * len(questions)) -> None:
            on_picture(base + done, len(columns) * len(questions))

        folder = images / re.sub(r"[^\w.*+-]+", "-", column.label) if images else None
        used = [names[use.file] for use in column.adapters]
        began = time.monotonic()
        with active(bundle, column, used, bundle.card.sample.guidance) as steering:
            shown = _ask(bundle, judge, questions, steering, folder, count)
        spent = (time.monotonic() - began) / max(1, len(questions))
        verdicts.append(Verdict(column.label, shown, questions, spent, cut))
    return judge, verdicts


def _ask(
    bundle: Bundle,
    judge: Judge,
    questions: Sequence[Question],
    steering: Steering | None,
    images: Path | None,
    count: Callable[[int], None],
) -> list[bool | None]:
    prompts, seeds = [q.prompt for q in questions], [q.seed for q in questions]
    shown: list[bool | None] = []
    for part in draw_all(bundle, prompts, seeds, bundle.card.sample, steering=steering, cut=True):
        start = len(shown)
        asked = questions[start : start + len(part)]
        whole = finite_rows(part)
        seen = iter(judge.see(part[whole]) if any(whole) else [])
        shown += [
            answers(next(seen), q.shows) if good else None
            for good, q in zip(whole, asked, strict=True)
        ]
        if images is not None:
            _write(part, asked, images, start)
        count(len(shown))
    return shown


def _write(pictures: Tensor, asked: Sequence[Question], images: Path, start: int) -> None:
    whole = finite_rows(pictures)
    places = [place for place, good in enumerate(whole) if good]
    for place, image in zip(places, to_pil(pictures[whole]), strict=True):
        question = asked[place]
        parameters: dict[str, object] = {"prompt": question.prompt, "seed": question.seed}
        save_png(image, images / f"{start + place:05d}.png", parameters)


def answer_lines(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Question by question what each column showed."""
    return [
        {
            "prompt": question.prompt,
            "seed": question.seed,
            "object": question.shows,
            "kind": question.kind,
            **{verdict.column: verdict.shown[place] for verdict in verdicts},
        }
        for place, question in enumerate(verdicts[0].questions)
    ]
