"""The next smaller setting of a run whose memory ran out; no torch."""

from studio.config import RunConfig
from studio.methods import config_of, weights_of


def smaller(config: RunConfig) -> dict[str, dict[str, int]]:
    """One number halved, by "train" or "method": what needs the most memory and can be less.

    A step keeps what its backward pass needs, so its batch comes first; a rollout keeps nothing and
    counts only where many are drawn at once. The rank is last: it changes what is learned;
    full weights have none.

    Returns:
        Such as {"train": {"batch": 2}}; empty where nothing can be less.
    """
    rollouts = getattr(config_of(config.method), "rollouts", 1)
    batch, rank = config.train.batch, config.train.rank
    if rollouts > max(1, 4 * batch) or (batch == 1 and rollouts > 1):
        return {"method": {"rollouts": rollouts // 2}}
    if batch > 1:
        return {"train": {"batch": batch // 2}}
    ranked = weights_of(config) == "lora"
    return {"train": {"rank": rank // 2}} if ranked and rank > 1 else {}


def with_less(config: RunConfig, less: dict[str, dict[str, int]]) -> RunConfig:
    """The same run with such numbers."""
    return config.model_copy(
        update={
            "train": config.train.model_copy(update=less.get("train", {})),
            "method": {**config.method, **less.get("method", {})},
        }
    )
