"""From the ratings of a round to a trainer that learns the word for what they mean."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from studio import durable
from studio.config import RunConfig
from studio.errors import StudioError
from studio.evaluation.opinions import opinions
from studio.evaluation.quality.features import Looks, embed
from studio.evaluation.ratings import Ratings
from studio.evaluation.reward import LIKELY, Lesson, learn_reward
from studio.files import place_of
from studio.jobs.rated_judge import looks_at
from studio.jobs.run_folder import RunFolder
from studio.methods import config_of
from studio.methods.hfi import HfiConfig
from studio.models.loading import Bundle
from studio.pictures import open_picture
from studio.training.distil import concept_texts
from studio.training.inversion import Inversion
from studio.words import rate_text

CLIP = "openai/clip-vit-large-patch14"
Floats = NDArray[np.float64]


def inversion_of(bundle: Bundle, config: RunConfig, folder: RunFolder) -> Inversion:
    """Learn a reward model from a round, keep it in the run, and get ready to learn the word.

    Raises:
        StudioError: the round cannot be read, or nothing can be learned from its ratings.
    """
    settings = config_of(config.method)
    if not isinstance(settings, HfiConfig):
        raise TypeError(f"{config.method['name']} learns no word")
    place = place_of(settings.round)
    ratings = ratings_of(place, settings.label)
    names = pictures_of(place)
    given = opinions(ratings, names)
    source = source_of(config, settings)
    looks = looks_at(source)
    features = embed(looks, [place / name for name in names])
    lesson = learn_reward(features, given, settings.binary_loss, config.train.seed)
    tell(folder, lesson, ratings, looks, source)
    best = chosen(lesson.rewards, settings.top)
    meanings = alike(features[best], len(concept_texts(config.pack, True)), config.train.seed)
    learned = [
        {"picture": names[row], "reward": float(lesson.rewards[row]), "meaning": int(meaning)}
        for row, meaning in zip(best, meanings, strict=True)
    ]
    _write(folder.learned / "pictures.json", learned)
    return Inversion(
        bundle,
        config,
        [open_picture(place / names[row]) for row in best],
        lesson.rewards[best].tolist(),
        meanings,
    )


def chosen(rewards: Floats, top: int) -> NDArray[np.int64]:
    """Pictures to learn from: of the `top` highest rewards those that more likely than not show it.

    Raises:
        StudioError: there is none.
    """
    best = np.argsort(-rewards, kind="stable")[:top]
    likely = best[rewards[best] > LIKELY]
    if not len(likely):
        raise StudioError(
            "The reward model finds no picture that likely shows it.",
            "Rate more pictures, or draw some that show more of it.",
        )
    return likely


def ratings_of(place: Path, label: int | None = None) -> Ratings:
    """What people said in a round.

    Args:
        place: the folder of a round, or one with pictures and a `ratings.json`: "shows", picture ->
            a list of answers, and "ranks", lists of pictures.

    Raises:
        StudioError: it is neither, or is damaged.
    """
    file = place / "ratings.json"
    if not file.exists():
        from studio.jobs.feedback_folder import FeedbackFolder

        return FeedbackFolder(place).ratings(label)
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        shows = {str(name): tuple(map(bool, said)) for name, said in data["shows"].items()}
        return Ratings(shows, tuple(tuple(map(str, ranking)) for ranking in data["ranks"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StudioError(
            f"{file} cannot be read as ratings.", "Export the ratings again, or mend the file."
        ) from error


def pictures_of(place: Path) -> list[str]:
    """The pictures of a round, relative to its folder, without blurred copies.

    Raises:
        StudioError: there are none.
    """
    from studio.pictures import picture_files

    return [f"pictures/{file.name}" for file in picture_files(place / "pictures")]


def source_of(config: RunConfig, settings: HfiConfig) -> str:
    """What looks at the pictures, see `looks_at`: a CLIP, or the judge of the model's world."""
    if not settings.features and config.model.judge is not None:
        return ""
    return settings.features or CLIP


def alike(features: Floats, count: int, seed: int = 0) -> list[int]:
    """Which of `count` groups of pictures that look alike each belongs to (k-means).

    Args:
        features: (N, D).
    """
    if count == 1 or len(features) <= count:
        return [place % count for place in range(len(features))]
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    _, groups = kmeans2(unit, count, minit="++", rng=seed, missing="warn")
    return [int(group) for group in groups]


def tell(folder: RunFolder, lesson: Lesson, ratings: Ratings, looks: Looks, source: str) -> None:
    """Keep the reward model, the ratings it learned from, and what it is worth."""
    about: dict[str, Any] = {
        "features": looks.name,
        "features_hash": looks.model,
        "source": source,
        "accuracy": asdict(lesson.accuracy),
        "chance": lesson.chance,
        "doubtful": lesson.doubtful,
    }
    lesson.model.save(folder.learned, about)
    _write(folder.learned / "ratings.json", asdict(ratings))
    folder.log(
        f"The reward model is right on {rate_text(lesson.accuracy)} of what it was not told; "
        f"always giving the commonest answer, {100 * lesson.chance:.0f} %."
    )
    if lesson.doubtful:
        folder.log("That may be chance: rate more pictures before you trust this token.")


def _write(file: Path, data: object) -> None:
    durable.write_text(file, json.dumps(data, indent=1))
