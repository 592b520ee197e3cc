"""A reward model: a small head on frozen features of pictures, trained on what people said.

Yes and no give a squared error or a likelihood; rankings give the model of Bradley and Terry (1952)
over their pairs. See docs/decisions/0009.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from studio import durable
from studio.evaluation.comparison import clustered
from studio.evaluation.opinions import Opinions, folds
from studio.evaluation.rates import wilson
from studio.evaluation.reward_facts import unreadable
from studio.models.tensor_files import pieces
from studio.models.whole import fill
from studio.records import Rate

Floats = NDArray[np.float64]
BinaryLoss = Literal["mse", "bce"]
HIDDEN: Final = 32
LIKELY: Final = 0.5  # from this reward on, people would more likely than not say yes
STEPS, LR, DECAY, DROP = 200, 3e-3, 1.0, 0.5


class RewardModel(nn.Module):
    """Features -> reward in 0..1.

    Args:
        width: of the features. squash: how scores become rewards: as they are, by the logistic
            function, or between the lowest and the highest score of the round, since scores from
            rankings have no zero.
    """

    mean: Tensor
    spread: Tensor
    ends: Tensor

    def __init__(self, width: int, squash: Literal["clip", "sigmoid", "range"]) -> None:
        super().__init__()
        self.squash = squash
        self.head = nn.Sequential(
            nn.Dropout(DROP), nn.Linear(width, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, 1)
        )
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.register_buffer("ends", torch.tensor([0.0, 1.0]))

    def scores(self, features: Tensor) -> Tensor:
        """(N, D) -> (N,), without bounds."""
        found: Tensor = self.head((features - self.mean) / self.spread)[:, 0]
        return found

    @torch.no_grad()
    def forward(self, features: Tensor) -> Tensor:
        """(N, D) -> (N,) in 0..1."""
        scores = self.scores(features)
        if self.squash == "sigmoid":
            return scores.sigmoid()
        low, high = self.ends
        return ((scores - low) / (high - low).clamp(min=1e-6)).clamp(0, 1)

    def save(self, folder: Path, about: dict[str, object]) -> None:
        """Write `reward.safetensors`, and `reward.json` with what it is and `about` it."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = pieces(self.state_dict(), {"format": "pt"})
        durable.write_bytes(folder / "reward.safetensors", weights)
        told = {"squash": self.squash, "width": len(self.mean), **about}
        durable.write_text(folder / "reward.json", json.dumps(told, indent=1))


def load_reward(folder: Path) -> RewardModel:
    """A reward model that was saved.

    Raises:
        StudioError: there is none, or it is damaged.
    """
    try:
        about = json.loads((folder / "reward.json").read_text(encoding="utf-8"))
        model = RewardModel(about["width"], about["squash"])
        fill(model, load_file(folder / "reward.safetensors"), "reward.safetensors")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise unreadable(folder) from error
    return model.eval().requires_grad_(False)


def bradley_terry(scores: Tensor, pairs: Tensor) -> Tensor:
    """How badly scores explain which picture of each pair was preferred.

        L = -mean log sigma(r_better - r_worse)

    Args:
        scores: (N,). pairs: (P, 2), places of the better and the worse.
    """
    return -F.logsigmoid(scores[pairs[:, 0]] - scores[pairs[:, 1]]).mean()


def binary(scores: Tensor, said: Tensor, loss: BinaryLoss) -> Tensor:
    """How badly scores explain yes and no.

    Args:
        scores, said: (N,); `said` in 0..1, the share of raters who said yes.
    """
    if loss == "mse":
        return F.mse_loss(scores, said)
    return F.binary_cross_entropy_with_logits(scores, said)


def fit(features: Tensor, given: Opinions, loss: BinaryLoss = "mse", seed: int = 0) -> RewardModel:
    """Train a head on opinions.

    Args:
        features: (N, D) of all pictures of the round, in the order that `given` counts in.
        seed: of weights and dropout.
    """
    rated = len(given.rows) > 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        squash = "range" if not rated else "clip" if loss == "mse" else "sigmoid"
        model = RewardModel(features.shape[1], squash)  # type: ignore[arg-type]
        model.mean.copy_(features.mean(0))
        model.spread.copy_(features.std(0).clamp(min=1e-3))
        rows, said = torch.tensor(given.rows), torch.tensor(given.said).float()
        pairs = torch.tensor(given.pairs).long().view(-1, 2)
        optimiser = torch.optim.AdamW(model.parameters(), LR, weight_decay=DECAY)
        for _ in range(STEPS):
            scores = model.scores(features)
            total = binary(scores[rows], said, loss) if rated else scores.new_zeros(())
            if len(pairs):
                total = total + bradley_terry(scores, pairs)
            optimiser.zero_grad()
            total.backward()
            optimiser.step()
    model.eval().requires_grad_(False)
    if squash == "range":
        scores = model.scores(features)
        model.ends.copy_(torch.stack([scores.min(), scores.max()]))
    return model


@dataclass(frozen=True)
class Lesson:
    """A reward model with what is known of it.

    Attributes:
        model: trained on everything.
        rewards: (N,) of each picture, by a model that was not told about that picture: so a
            mistaken answer is not learned by heart.
        accuracy: on held-out pictures: of yes and no, or of which of a pair was preferred.
        chance: the accuracy of always giving the commonest answer.
    """

    model: RewardModel
    rewards: Floats
    accuracy: Rate
    chance: float

    @property
    def doubtful(self) -> bool:
        """Whether the accuracy may be chance."""
        return self.accuracy.low is None or self.accuracy.low <= self.chance


def learn_reward(
    features: Floats, given: Opinions, loss: BinaryLoss = "mse", seed: int = 0
) -> Lesson:
    """Train a reward model, and see by cross-validation what it is worth.

    Args:
        features: (N, D) of the pictures, in the order that `given` counts in.
    """
    seen = torch.from_numpy(features).float()
    rewards = np.zeros(len(seen))
    right: list[bool] = []
    groups: list[str] = []
    for held in folds(given, len(seen), seed):
        model = fit(seen, given.without(held), loss, seed)
        found = model(seen).double().numpy()
        rewards[held] = found[held]
        scores, asked = model.scores(seen), given.only(held)
        if len(given.rows):
            pairs = zip(asked.rows, asked.said, strict=True)
            right += [bool(found[row] > 0.5) == (said > 0.5) for row, said in pairs if said != 0.5]
        else:
            right += [bool(scores[one] > scores[two]) for one, two in asked.pairs]
            groups += [str(group) for group in asked.groups]
    accuracy = wilson(sum(right), len(right)) if len(given.rows) else clustered(right, groups)
    return Lesson(fit(seen, given, loss, seed), rewards, accuracy, given.chance)
