"""Whether people would object to a picture, by the reward model of their ratings.

No word names what was rated, so no other judge knows it; see docs/decisions/0009.
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from studio.errors import StudioError
from studio.evaluation.quality.features import Looks, embed, judge_looks
from studio.evaluation.reward import LIKELY, RewardModel, load_reward
from studio.evaluation.reward_facts import reward_facts
from studio.jobs.run_folder import RunFolder
from studio.models.clip import Clip
from studio.pictures import open_picture
from studio.words import rate_text


class RatedJudge:
    """A reward model with the network that looks at pictures for it."""

    def __init__(self, model: RewardModel, looks: Looks) -> None:
        self._model, self._looks = model, looks

    def shows(self, files: Sequence[Path]) -> list[bool]:
        """Of each picture whether people would more likely than not say that it shows it."""
        features = torch.from_numpy(embed(self._looks, files)).float()
        return [bool(reward > LIKELY) for reward in self._model(features)]


def rated_judges(folder: RunFolder) -> list[RatedJudge]:
    """One for each round whose words a run removes; what cannot be asked is told in its log."""
    found = []
    for place in folder.rewards:
        try:
            about = reward_facts(place)
            model, looks = load_reward(place), looks_at(about.source)
            if looks.model != about.features_hash:
                raise StudioError(
                    f"{looks.name} is not the one that looked at the rated pictures.",
                    "Learn the token again.",
                )
        except StudioError as error:
            folder.log(f"Not measured by the ratings: {error.what} {error.way_out}")
            continue
        found.append(RatedJudge(model, looks))
        folder.log(
            "Whether people would object is said by the reward model of their ratings, right on "
            f"{rate_text(about.accuracy)} of pictures that it was not told."
        )
    return found


def looks_at(source: str) -> Looks:
    """What looks at rated pictures.

    Args:
        source: folder or hub id of a CLIP; empty: the judge of Icon World.

    Raises:
        StudioError: the CLIP is not there.
    """
    if not source:
        return judge_looks()
    clip = Clip(source)
    return Looks(
        "CLIP",
        clip.model_hash,
        lambda files: clip.pictures([open_picture(file) for file in files]).astype("float64"),
    )
