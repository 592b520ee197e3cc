"""The reward model: what it learns, what it says of itself, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from statsmodels.discrete.discrete_model import Logit

from studio.errors import StudioError
from studio.evaluation.opinions import FOLDS, folds, opinions
from studio.evaluation.ratings import Ratings
from studio.evaluation.reward import binary, bradley_terry, fit, learn_reward, load_reward

COUNT = 100
NAMES = [f"{place:03d}.png" for place in range(COUNT)]


def features() -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(size=(COUNT, 12))


def taste(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    return seen[:, 0] - seen[:, 1]


def yes_and_no(seed: int | None = None) -> Ratings:
    said = taste(features()) > 0
    if seed is not None:
        said = np.random.default_rng(seed).permutation(said)
    return Ratings(shows={name: (bool(yes),) for name, yes in zip(NAMES, said, strict=True)})


def rankings(seed: int | None = None) -> Ratings:
    value = taste(features())
    if seed is not None:
        value = np.random.default_rng(seed).permutation(value)
    fives = [range(start, start + 5) for start in range(0, COUNT, 5)]
    ranks = [sorted(five, key=lambda place: -value[place]) for five in fives]
    return Ratings(ranks=tuple(tuple(NAMES[place] for place in row) for row in ranks))


@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_a_preference_that_can_be_seen_is_found(loss) -> None:
    lesson = learn_reward(features(), opinions(yes_and_no(), NAMES), loss)
    assert lesson.accuracy.n == COUNT and not lesson.doubtful
    assert lesson.accuracy.low is not None and lesson.accuracy.low > 0.65
    liked = taste(features()) > 0
    assert lesson.rewards[liked].mean() > lesson.rewards[~liked].mean() + 0.25
    assert lesson.rewards.min() >= 0 and lesson.rewards.max() <= 1


def test_a_preference_is_found_in_rankings() -> None:
    lesson = learn_reward(features(), opinions(rankings(), NAMES))
    assert lesson.chance == 0.5 and not lesson.doubtful
    assert lesson.accuracy.n == 200, "20 rankings of 10 pairs, none torn apart"
    assert np.corrcoef(lesson.rewards, taste(features()))[0, 1] > 0.6
    assert lesson.rewards.min() >= 0 and lesson.rewards.max() <= 1


@pytest.mark.parametrize("shuffled", [yes_and_no, rankings])
def test_shuffled_ratings_are_called_doubtful(shuffled) -> None:
    found = [learn_reward(features(), opinions(shuffled(seed), NAMES)).doubtful for seed in (1, 2)]
    assert found == [True, True]


def test_a_picture_does_not_teach_its_own_reward() -> None:
    one = yes_and_no()
    other = Ratings(shows={**one.shows, NAMES[7]: tuple(not yes for yes in one.shows[NAMES[7]])})
    before, after = (learn_reward(features(), opinions(said, NAMES)) for said in (one, other))
    assert before.rewards[7] == after.rewards[7]
    assert not np.array_equal(before.rewards, after.rewards)


def test_pairs_are_explained_as_by_a_logistic_regression() -> None:
    rng = np.random.default_rng(3)
    worth = rng.normal(size=6)
    pairs = [tuple(map(int, rng.choice(6, 2, replace=False))) for _ in range(400)]
    chosen = [
        (a, b) if rng.random() < 1 / (1 + np.exp(worth[b] - worth[a])) else (b, a) for a, b in pairs
    ]
    scores = torch.zeros(6, dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([scores], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = bradley_terry(scores, torch.tensor(chosen))
        loss.backward()
        return loss

    optimiser.step(closure)
    design = np.zeros((len(pairs), 6))
    for row, (a, b) in enumerate(pairs):
        design[row, a], design[row, b] = 1, -1
    won = [pair == pick for pair, pick in zip(pairs, chosen, strict=True)]
    theirs = Logit(np.array(won, dtype=float), design[:, 1:]).fit(disp=0).params
    ours = (scores - scores[0]).detach().numpy()[1:]
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_yes_and_no_by_hand() -> None:
    # (0.5 - 1)^2 = 0.25 and (0 - 0)^2 = 0; -ln sigma(0) = ln 2
    said = torch.tensor([1.0, 0.0])
    assert binary(torch.tensor([0.5, 0.0]), said, "mse").item() == 0.125
    found = binary(torch.zeros(2), said, "bce")
    torch.testing.assert_close(found, torch.tensor(2.0).log())


def test_a_saved_reward_model_says_the_same(tmp_path: Path) -> None:
    seen = torch.from_numpy(features()).float()
    model = fit(seen, opinions(rankings(), NAMES))
    model.save(tmp_path, {"features": "none"})
    assert load_reward(tmp_path)(seen).equal(model(seen))
    (tmp_path / "reward.safetensors").write_bytes(b"no weights")
    with pytest.raises(StudioError, match="no reward model"):
        load_reward(tmp_path)


def test_what_cannot_teach_anything_is_refused() -> None:
    one = Ratings(shows=dict.fromkeys(NAMES, (True,)))
    with pytest.raises(StudioError, match="same answer"):
        opinions(one, NAMES)
    few = Ratings(shows={NAMES[0]: (True,), NAMES[1]: (False,)})
    with pytest.raises(StudioError, match="Only 2 pictures were rated"):
        opinions(few, NAMES)
    with pytest.raises(StudioError, match="Only 0 pictures"):
        opinions(Ratings(shows=dict.fromkeys(NAMES, ()), ranks=((NAMES[0],),)), NAMES)
    with pytest.raises(StudioError, match="not in the round"):
        opinions(yes_and_no(), NAMES[1:])


def test_raters_are_averaged_and_a_tie_is_no_answer() -> None:
    shows = {name: (place < 20,) for place, name in enumerate(NAMES[:40])}
    given = opinions(Ratings(shows={**shows, NAMES[50]: (True, True, False, False)}), NAMES)
    assert given.said[given.rows.index(50)] == 0.5
    assert given.chance == 0.5
    assert learn_reward(features(), given).accuracy.n == 40


def test_every_picture_is_held_out_once_and_rankings_stay_whole() -> None:
    given = opinions(rankings(), NAMES)
    parts = folds(given, COUNT)
    assert len(parts) == FOLDS and sorted(place for part in parts for place in part) == list(
        range(COUNT)
    )
    assert sum(len(given.only(part).pairs) for part in parts) == len(given.pairs)
    for part in parts:
        left = given.without(part)
        assert len(left.pairs) + len(given.only(part).pairs) == len(given.pairs)
