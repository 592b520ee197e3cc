"""The aggregations: answers of detectors -> the numbers that a protocol prints; no torch."""

from studio.errors import StudioError
from studio.evaluation.aggregation.base import Aggregate, Aggregation, Answered
from studio.evaluation.aggregation.effective import effective
from studio.evaluation.aggregation.expected_maximum import expected_maximum
from studio.evaluation.aggregation.first_detector import first_detector
from studio.evaluation.aggregation.probability import probability
from studio.evaluation.aggregation.removal_rate import removal_rate
from studio.evaluation.aggregation.unlearn_canvas import unlearn_canvas

AGGREGATIONS: dict[str, Aggregation] = {
    "probability": probability,
    "first-detector": first_detector,
    "effective": effective,
    "expected-maximum": expected_maximum,
    "removal-rate": removal_rate,
    "unlearn-canvas": unlearn_canvas,
}

__all__ = ["AGGREGATIONS", "Aggregate", "Answered", "get_aggregation"]


def get_aggregation(name: str) -> Aggregation:
    """The aggregation of this name; StudioError when there is none."""
    if name not in AGGREGATIONS:
        known = ", ".join(AGGREGATIONS)
        raise StudioError(f"There is no aggregation {name!r}.", f"Choose one of: {known}.")
    return AGGREGATIONS[name]
