"""What the database of a rating round holds: raters, questions, answers; no torch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from studio.errors import StudioError

Said = Mapping[str, bool] | Mapping[str, int | None]

TABLES = MetaData()
RATERS = Table(
    "raters",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    # when they accepted what will be shown, seconds since 1970; NULL: their answers were imported
    Column("accepted", Float),
)
QUESTIONS = Table(
    "questions",
    TABLES,
    Column("id", Integer, primary_key=True),  # from 1
    Column("pictures", JSON, nullable=False),
)
ANSWERS = Table(
    "answers",
    TABLES,
    Column("id", Integer, primary_key=True),  # grows with time
    Column("rater", ForeignKey(RATERS.c.id), nullable=False),
    Column("question", ForeignKey(QUESTIONS.c.id), nullable=False),
    Column("picture", String, nullable=False),
    Column("label", Integer, nullable=False),  # place of the label; 0 in rankings
    Column("shows", Boolean),  # in binary rounds
    Column("rank", Integer),  # in rankings; 1 shows most of it, NULL: not applicable
    Column("at", Float, nullable=False),  # seconds since 1970
    UniqueConstraint("rater", "question", "picture", "label"),
)


@dataclass(frozen=True)
class Asked:
    """What a round asks.

    Attributes:
        pictures: their paths. labels: how many there are. size: pictures of one question.
        times: questions in which each picture appears. seed: of the order.
    """

    kind: Literal["binary", "ranking"]
    pictures: tuple[str, ...]
    labels: int
    size: int
    times: int
    seed: int

    def questions(self) -> list[list[str]]:
        """The pictures of each question; of a ranking other company each time."""
        rng, found = np.random.default_rng(self.seed), []
        for _ in range(self.times):
            names = [self.pictures[n] for n in rng.permutation(len(self.pictures))]
            found += [names[n : n + self.size] for n in range(0, len(names), self.size)]
        return found


@dataclass(frozen=True)
class Question:
    """One question of a round; `pictures` is one picture, or five to rank."""

    number: int
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """How many questions a rater has answered, of how many, and the next; None at the end."""

    done: int
    total: int
    question: Question | None


@dataclass(frozen=True)
class Answer:
    """One row of the table of answers, with the rater's name."""

    rater: str
    question: int
    picture: str
    label: int
    shows: bool | None
    rank: int | None
    at: float


def check_ranks(question: Question, ranks: Mapping[str, int | None]) -> None:
    """Let the ranks of a question pass, or refuse them.

    Raises:
        StudioError: a picture is missing or strange, a rank lies outside, or two are the same.
    """
    if ranks.keys() != set(question.pictures):
        raise StudioError(
            f"Question {question.number} is about other pictures.",
            "Give each of its pictures a rank, or none where it does not apply.",
        )
    given = [rank for rank in ranks.values() if rank is not None]
    most = len(question.pictures)
    outside = next((rank for rank in given if not 1 <= rank <= most), None)
    if outside is not None:
        raise StudioError(f"The rank {outside} lies outside 1 to {most}.", "Correct that rank.")
    twice = next((rank for rank in given if given.count(rank) > 1), None)
    if twice is not None:
        raise StudioError(
            f"Two pictures of one question have the rank {twice}.", "Give each rank once."
        )


def check_rater(name: str) -> None:
    """Let the name of a rater pass, or refuse it: letters and digits of any language come first.

    Raises:
        StudioError: it is empty, too long, or could act as a formula or a tag elsewhere.
    """
    if not re.fullmatch(r"\w[\w .'-]{0,39}", name):
        raise StudioError(
            f"{name!r} is no name for a rater.",
            "Take up to 40 letters, digits, spaces, dots and hyphens; a letter or digit first.",
        )
