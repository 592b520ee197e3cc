"""What is known of a saved reward model beside its weights; no torch."""

import json
from dataclasses import dataclass
from pathlib import Path

from studio.errors import StudioError
from studio.records import Rate


@dataclass(frozen=True)
class RewardFacts:
    """The content of `reward.json` that people are told.

    Attributes:
        accuracy: on pictures it was not trained on.
        chance: the accuracy of always giving the commonest answer.
        doubtful: the accuracy may be chance; ask people for more ratings.
        source: folder or hub id of the CLIP that looked at the pictures; empty: Icon World's judge.
        features_hash: of the weights of what looked.
    """

    accuracy: Rate
    chance: float
    doubtful: bool
    source: str
    features_hash: str


def reward_facts(folder: Path) -> RewardFacts:
    """What a saved reward model is worth, and what it looks through.

    Raises:
        StudioError: there is none, or it is damaged.
    """
    try:
        told = json.loads((folder / "reward.json").read_text(encoding="utf-8"))
        return RewardFacts(
            Rate(**told["accuracy"]),
            float(told["chance"]),
            bool(told["doubtful"]),
            str(told.get("source", "")),
            str(told["features_hash"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise unreadable(folder) from error


def unreadable(folder: Path) -> StudioError:
    """There is no reward model in a folder, or it is damaged."""
    return StudioError(
        f"{folder} holds no reward model that can be read.", "Start the inversion again."
    )
