"""Who rated what: a queue for each rater, and every answer kept at once; no torch.

A rater's queue holds all questions, in an order that follows from the rater's name. An answer is on
the disk when `answer` returns, and nobody answers a question twice.
"""

import random
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from studio.database import open_database, transaction
from studio.errors import StudioError
from studio.evaluation.ratings import Ratings
from studio.jobs.feedback_tables import (
    ANSWERS,
    QUESTIONS,
    RATERS,
    TABLES,
    Answer,
    Asked,
    Question,
    Said,
    Turn,
    check_ranks,
    check_rater,
)


class RatingStore:
    """The ratings of one round. Several people and processes may use it at once.

    Raises:
        StudioError: everything here, where the file cannot be read or written.
    """

    def __init__(self, file: Path, asked: Asked) -> None:
        self.asked, self._engine = asked, open_database(file, TABLES)
        with transaction(self._engine) as connection:
            if not connection.execute(select(func.count()).select_from(QUESTIONS)).scalar_one():
                rows = [{"pictures": pictures} for pictures in asked.questions()]
                connection.execute(insert(QUESTIONS), rows)

    def questions(self) -> dict[int, Question]:
        """Number -> question, in the order of their numbers."""
        with transaction(self._engine) as connection:
            return _questions(connection)

    def accept(self, rater: str) -> None:
        """Note that somebody read what will be shown and wants to begin."""
        with transaction(self._engine) as connection:
            who = _rater(connection, rater)
            connection.execute(
                update(RATERS).where(RATERS.c.id == who).values(accepted=time.time())
            )

    def accepted(self, rater: str) -> bool:
        """Whether this rater read what will be shown."""
        with transaction(self._engine) as connection:
            found = select(RATERS.c.accepted).where(RATERS.c.name == rater)
            return connection.execute(found).scalar() is not None

    def turn(self, rater: str, drawn: Collection[str]) -> Turn:
        """The first question of a rater's queue that they have not answered yet.

        Args:
            drawn: the pictures that are there; other questions wait.
        """
        with transaction(self._engine) as connection:
            asked, given = _questions(connection), _given(connection, rater)
        queue = list(asked.values())
        random.Random(f"{self.asked.seed}:{rater}").shuffle(queue)
        ready = [question for question in queue if set(question.pictures) <= set(drawn)]
        left = [question for question in ready if question.number not in given]
        return Turn(len(ready) - len(left), len(ready), left[0] if left else None)

    def answer(self, rater: str, number: int, said: Said) -> bool:
        """Keep what a rater says of a question; False: they had answered it already.

        Args:
            said: of a binary round, the labels' places as texts -> whether they apply; of a
                ranking, picture -> rank, 1 for what shows most of it, None: not applicable.

        Raises:
            StudioError: there is no such question, two pictures have one rank, a rank lies outside,
                or something is left out.
        """
        with transaction(self._engine) as connection:
            asked = _questions(connection)
            if number not in asked:
                raise StudioError(
                    f"This round has no question {number}.", "Reload the page and go on."
                )
            rows = self._rows(asked[number], said)
            who = _rater(connection, rater)
            if number in _given(connection, rater):
                return False
            connection.execute(insert(ANSWERS), [row | _stamp(who, number) for row in rows])
        return True

    def undo(self, rater: str) -> int | None:
        """Take back the newest answer of a rater; gives its question, or None without one."""
        with transaction(self._engine) as connection:
            who = _known(connection, rater)
            newest = (
                select(ANSWERS.c.question)
                .where(ANSWERS.c.rater == who)
                .order_by(ANSWERS.c.id.desc())
                .limit(1)
            )
            number = connection.execute(newest).scalar()
            if number is None:
                return None
            gone = (ANSWERS.c.rater == who) & (ANSWERS.c.question == number)
            connection.execute(delete(ANSWERS).where(gone))
            return int(number)

    def answers(self) -> tuple[Answer, ...]:
        """Everything that was said, oldest first."""
        with transaction(self._engine) as connection:
            return _answers(connection)

    def raters(self) -> dict[str, int]:
        """Name -> how many questions that rater answered; in the order in which they began."""
        counted = (
            select(RATERS.c.name, func.count(func.distinct(ANSWERS.c.question)))
            .outerjoin(ANSWERS, ANSWERS.c.rater == RATERS.c.id)
            .group_by(RATERS.c.id)
            .order_by(RATERS.c.id)
        )
        with transaction(self._engine) as connection:
            return {str(name): int(count) for name, count in connection.execute(counted)}

    def add_all(self, answers: Sequence[Answer]) -> int:
        """Add answers from elsewhere, all or none; says how many were new.

        Those that are there already are left as they are. They must fit the round; see
        `feedback_files`.
        """
        with transaction(self._engine) as connection:
            there = {(a.rater, a.question) for a in _answers(connection)}
            new = [a for a in answers if (a.rater, a.question) not in there]
            for answer in new:
                row = {"picture": answer.picture, "label": answer.label, "shows": answer.shows}
                who = _rater(connection, answer.rater)
                stamp = _stamp(who, answer.question) | {"at": answer.at, "rank": answer.rank}
                connection.execute(insert(ANSWERS), [row | stamp])
        return len(new)

    def ratings(self, label: int | None = None) -> Ratings:
        """What everybody said so far, for a reward model; see `FeedbackFolder.ratings`."""
        answers = self.answers()
        said: dict[tuple[str, int, str], list[Answer]] = {}
        for answer in answers:
            said.setdefault((answer.rater, answer.question, answer.picture), []).append(answer)
        if self.asked.kind == "binary":
            shows: dict[str, tuple[bool, ...]] = {}
            for (_, _, picture), rows in said.items():
                counted = [row.shows for row in rows if label is None or row.label == label]
                shows[picture] = (*shows.get(picture, ()), any(counted))
            return Ratings(shows=shows)
        ranked: dict[tuple[str, int], list[tuple[int, str]]] = {}
        for answer in answers:
            rows_of = ranked.setdefault((answer.rater, answer.question), [])
            if answer.rank is not None:
                rows_of.append((answer.rank, answer.picture))
        return Ratings(ranks=tuple(tuple(p for _, p in sorted(r)) for r in ranked.values() if r))

    def _rows(self, question: Question, said: Said) -> list[dict[str, object]]:
        if self.asked.kind == "ranking":
            check_ranks(question, {p: r for p, r in said.items() if not isinstance(r, bool)})
            return [
                {"picture": picture, "label": 0, "shows": None, "rank": said[picture]}
                for picture in question.pictures
            ]
        if said.keys() != {str(place) for place in range(self.asked.labels)}:
            raise StudioError("Not every label has an answer.", "Say yes or no to each.")
        return [
            {"picture": question.pictures[0], "label": int(n), "shows": bool(yes), "rank": None}
            for n, yes in said.items()
        ]


def _stamp(rater: int, question: int) -> dict[str, object]:
    return {"rater": rater, "question": question, "at": time.time()}


def _known(connection: Connection, name: str) -> int | None:
    return connection.execute(select(RATERS.c.id).where(RATERS.c.name == name)).scalar()


def _rater(connection: Connection, name: str) -> int:
    """The id of a rater, made where there is none."""
    check_rater(name)
    known = _known(connection, name)
    if known is not None:
        return known
    connection.execute(insert(RATERS).values(name=name))
    return connection.execute(select(RATERS.c.id).where(RATERS.c.name == name)).scalar_one()


def _questions(connection: Connection) -> dict[int, Question]:
    rows = connection.execute(select(QUESTIONS).order_by(QUESTIONS.c.id))
    return {row.id: Question(row.id, tuple(row.pictures)) for row in rows}


def _given(connection: Connection, rater: str) -> set[int]:
    who = _known(connection, rater)
    return set(
        connection.execute(select(ANSWERS.c.question).where(ANSWERS.c.rater == who)).scalars()
    )


def _answers(connection: Connection) -> tuple[Answer, ...]:
    wanted = [ANSWERS.c[name] for name in ("question", "picture", "label", "shows", "rank", "at")]
    joined = select(RATERS.c.name, *wanted).join(RATERS, ANSWERS.c.rater == RATERS.c.id)
    return tuple(Answer(*row) for row in connection.execute(joined.order_by(ANSWERS.c.id)))
