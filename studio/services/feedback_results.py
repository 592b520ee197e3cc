"""What the ratings of a round say together: how they are spread, and how far raters agree."""

from collections.abc import Hashable
from dataclasses import dataclass

from studio.evaluation.rater_agreement import Alpha, alpha
from studio.jobs.feedback_folder import FeedbackFolder
from studio.jobs.feedback_tables import Answer


@dataclass(frozen=True)
class LabelResult:
    """What was said of one label.

    Attributes:
        yes, no: pictures of which most raters say so. split: as many say one as the other.
        agreement: of the raters about this label.
    """

    label: int
    yes: int
    no: int
    split: int
    agreement: Alpha


@dataclass(frozen=True)
class Ranked:
    """How one picture was ranked: its mean rank, how often, and how often it did not apply."""

    picture: str
    mean: float | None
    ranked: int
    not_applicable: int


@dataclass(frozen=True)
class RoundResult:
    """All ratings of a round.

    Attributes:
        raters: name -> how many questions they answered. answered, questions: those with at least
            one answer, and all whose pictures came out. labels: of a binary round. ranked: of a
            ranking, the picture that shows most of it first. agreement: of the ranks; None in a
            binary round.
    """

    raters: dict[str, int]
    answered: int
    questions: int
    labels: tuple[LabelResult, ...] = ()
    ranked: tuple[Ranked, ...] = ()
    agreement: Alpha | None = None


def round_result(folder: FeedbackFolder) -> RoundResult:
    """What everybody said so far.

    Raises:
        StudioError: the round or its ratings cannot be read.
    """
    config, store = folder.config, folder.store
    answers, broken = store.answers(), folder.noted("broken")
    questions = sum(broken.isdisjoint(asked.pictures) for asked in store.questions().values())
    raters = {name: count for name, count in store.raters().items() if count}
    answered = len({answer.question for answer in answers})
    if config.kind == "binary":
        labels = tuple(_label(place, answers) for place in range(len(config.labels)))
        return RoundResult(raters, answered, questions, labels=labels)
    given: dict[Hashable, dict[str, float]] = {}
    for answer in answers:
        if answer.rank is not None:
            given.setdefault((answer.question, answer.picture), {})[answer.rater] = answer.rank
    found = {answer.picture: _ranked(answer.picture, answers) for answer in answers}
    ordered = sorted(found.values(), key=lambda row: (row.mean is None, row.mean, row.picture))
    return RoundResult(
        raters, answered, questions, ranked=tuple(ordered), agreement=alpha(given, "ordinal")
    )


def _label(place: int, answers: tuple[Answer, ...]) -> LabelResult:
    given: dict[Hashable, dict[str, float]] = {}
    for answer in answers:
        if answer.label == place and answer.shows is not None:
            given.setdefault(answer.picture, {})[answer.rater] = answer.shows
    shares = [sum(said.values()) / len(said) for said in given.values()]
    return LabelResult(
        place,
        sum(share > 0.5 for share in shares),
        sum(share < 0.5 for share in shares),
        sum(share == 0.5 for share in shares),
        alpha(given, "nominal"),
    )


def _ranked(picture: str, answers: tuple[Answer, ...]) -> Ranked:
    rows = [answer for answer in answers if answer.picture == picture]
    ranks = [row.rank for row in rows if row.rank is not None]
    mean = sum(ranks) / len(ranks) if ranks else None
    return Ranked(picture, mean, len(ranks), len(rows) - len(ranks))
