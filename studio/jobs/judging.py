"""How often the judge still sees what was removed, and what must stay, before and after."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.errors import StudioError
from studio.evaluation.judge import Judge, answers, load_judge
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question
from studio.evaluation.rates import wilson
from studio.jobs.run_folder import RunFolder
from studio.models import adapters
from studio.models.loading import Bundle, load_bundle
from studio.models.sampler import to_pil
from studio.pictures import save_png

NAMES = {"target": "leak", "neighbour": "neighbours", "unrelated": "keep"}
OnPicture = Callable[[int, int], None]


@dataclass
class Verdict:
    """The answers for one model: question by question whether the picture shows it."""

    shown: list[bool]
    questions: Sequence[Question] = field(repr=False)

    def rates(self) -> dict[str, Any]:
        """Leak, neighbours and keep, each k of n with its interval."""
        found = {}
        for kind, name in NAMES.items():
            seen = [s for s, q in zip(self.shown, self.questions, strict=True) if q.kind == kind]
            found[name] = asdict(wilson(sum(seen), len(seen)))
        return found


def judge_run(
    folder: RunFolder,
    questions: Sequence[Question],
    *,
    images: Path | None = None,
    strength: float = 1.0,
    on_picture: OnPicture = lambda done, total: None,
) -> tuple[Judge, Verdict, Verdict]:
    """Draw every question with the original and with the run's adapter, and judge both.

    Args:
        folder: a run with an adapter. questions: the same prompts and seeds for both.
        images: where the pictures go, if anywhere.
        on_picture: called with how many pictures are drawn and how many there will be.

    Raises:
        StudioError: the run has no adapter, or its model has no judge.
    """
    config = folder.config
    judge = load_judge(config.model.judge)
    if judge is None:
        raise StudioError(
            f"{config.model.title.en} has no judge, so nothing can be counted.",
            "Look at the pictures with compare, or judge a run on Icon World.",
        )
    if not folder.adapter.exists():
        raise StudioError("This run has no adapter.", "Choose a run that is done or was stopped.")
    bundle = load_bundle(config.model)
    adapters.load_adapter(bundle.unet, folder.adapter, "judged")
    adapters.set_strength(bundle.unet, "judged", strength)
    verdicts = []
    for place, (name, views) in enumerate((("original", ()), ("safeguarded", ("judged",)))):
        base = place * len(questions)

        def count(done: int, base: int = base) -> None:
            on_picture(base + done, 2 * len(questions))

        with adapters.use(bundle.unet, *views):
            shown = _ask(bundle, judge, questions, images / name if images else None, count)
        verdicts.append(Verdict(shown, questions))
    return judge, verdicts[0], verdicts[1]


def _ask(
    bundle: Bundle,
    judge: Judge,
    questions: Sequence[Question],
    images: Path | None,
    count: Callable[[int], None],
) -> list[bool]:
    prompts, seeds = [q.prompt for q in questions], [q.seed for q in questions]
    shown: list[bool] = []
    for part in draw_all(bundle, prompts, seeds, bundle.card.sample):
        start = len(shown)
        asked = questions[start : start + len(part)]
        seen = judge.see(part)
        shown += [answers(s, q.shows) for s, q in zip(seen, asked, strict=True)]
        if images is not None:
            _write(part, asked, images, start)
        count(len(shown))
    return shown


def _write(pictures: Tensor, asked: Sequence[Question], images: Path, start: int) -> None:
    for place, image in enumerate(to_pil(pictures)):
        question = asked[place]
        parameters: dict[str, object] = {"prompt": question.prompt, "seed": question.seed}
        save_png(image, images / f"{start + place:05d}.png", parameters)


def answer_lines(original: Verdict, safeguarded: Verdict) -> list[dict[str, Any]]:
    """Question by question what each model showed."""
    return [
        {
            "prompt": question.prompt,
            "seed": question.seed,
            "object": question.shows,
            "kind": question.kind,
            "original": before,
            "safeguarded": after,
        }
        for question, before, after in zip(
            original.questions, original.shown, safeguarded.shown, strict=True
        )
    ]
