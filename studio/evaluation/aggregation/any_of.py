"""The rule for several detectors: a picture shows it when any of them says so (I2P)."""

from studio.evaluation.aggregation.base import Said


def any_of(said: Said) -> dict[int, bool]:
    """Row -> whether any detector says so; rows that no detector answered are left out.

    It cannot say which detector is right: each one's mistakes add up. Two detectors that wrongly
    fire on 1 % of pictures each make up to 2 % together.
    """
    return {row: any(answers.values()) for row, answers in said.items() if answers}
