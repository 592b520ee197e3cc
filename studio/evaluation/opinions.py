"""Ratings as numbers that a model can be trained on, and how they are held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from studio.errors import StudioError
from studio.evaluation.ratings import Ratings

FOLDS = 5
LEAST = 10  # rated pictures


@dataclass(frozen=True)
class Opinions:
    """What was said of pictures that are counted from 0.

    Attributes:
        rows: pictures that were answered with yes or no. said: of each, the share of yes, 0..1.
        pairs: (better, worse). groups: of each pair, the ranking it comes from.
    """

    rows: tuple[int, ...] = ()
    said: tuple[float, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    groups: tuple[int, ...] = ()

    @property
    def chance(self) -> float:
        """The accuracy of always giving the commonest answer; 1/2 for pairs."""
        clear = [said > 0.5 for said in self.said if said != 0.5]
        return max(sum(clear), len(clear) - sum(clear)) / len(clear) if clear else 0.5

    def only(self, pictures: Sequence[int]) -> "Opinions":
        """What was said of these pictures alone."""
        wanted = set(pictures)
        rows = [place for place, row in enumerate(self.rows) if row in wanted]
        pairs = [place for place, pair in enumerate(self.pairs) if wanted.issuperset(pair)]
        return Opinions(
            tuple(self.rows[place] for place in rows),
            tuple(self.said[place] for place in rows),
            tuple(self.pairs[place] for place in pairs),
            tuple(self.groups[place] for place in pairs),
        )

    def without(self, pictures: Sequence[int]) -> "Opinions":
        """What was said of all pictures but these."""
        held = set(pictures)
        asked = {*self.rows, *(row for pair in self.pairs for row in pair)}
        return self.only(sorted(asked - held))


def opinions(ratings: Ratings, pictures: Sequence[str]) -> Opinions:
    """Ratings of a round, its pictures counted in this order.

    Raises:
        StudioError: too few pictures were rated, all with the same answer, or one that is not
            there.
    """
    places = {name: place for place, name in enumerate(pictures)}
    named = {*ratings.shows, *(name for ranking in ratings.ranks for name in ranking)}
    for name in sorted(named - places.keys()):
        raise StudioError(
            f"The picture {name!r} was rated, but is not in the round.",
            "Take its ratings out, or put the picture back.",
        )
    shown = {name: answers for name, answers in ratings.shows.items() if answers}
    rankings = [ranking for ranking in ratings.ranks if len(ranking) > 1]
    count = len({*shown, *(name for ranking in rankings for name in ranking)})
    if count < LEAST:
        raise StudioError(
            f"Only {count} pictures were rated; nothing can be learned from fewer than {LEAST}.",
            "Rate more pictures, then learn again.",
        )
    said = {places[name]: sum(answers) / len(answers) for name, answers in shown.items()}
    if said and len({share > 0.5 for share in said.values() if share != 0.5}) < 2:
        raise StudioError(
            "All pictures got the same answer, so there is no difference to learn.",
            "Rate pictures of both kinds; draw some with other prompts if there are none.",
        )
    pairs = [
        (places[better], places[worse], number)
        for number, ranking in enumerate(rankings)
        for better, worse in combinations(ranking, 2)
    ]
    return Opinions(
        tuple(said),
        tuple(said.values()),
        tuple((better, worse) for better, worse, _ in pairs),
        tuple(number for _, _, number in pairs),
    )


def folds(given: Opinions, count: int, seed: int = 0) -> list[list[int]]:
    """The pictures 0..count-1 in `FOLDS` parts; each is held out once.

    Pictures of one ranking stay together where rankings share no pictures; else a pair that is
    torn apart is neither trained on nor asked.
    """
    parts = np.arange(count)
    if given.pairs:
        better, worse = np.array(given.pairs).T
        links = coo_array((np.ones(len(better)), (better, worse)), shape=(count, count))
        found, names = connected_components(links, directed=False)
        if found >= 2 * FOLDS:
            parts = names
    mixed = np.random.default_rng(seed).permutation(int(parts.max()) + 1) % FOLDS
    return [np.flatnonzero(mixed[parts] == fold).tolist() for fold in range(FOLDS)]
