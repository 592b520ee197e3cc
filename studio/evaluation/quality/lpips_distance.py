"""LPIPS (Zhang et al., 2018, arXiv:1801.03924): how much each picture changed, pair by pair.

AlexNet, version 0.1, at the pictures' own size, by the package lpips where the user has it. ESD's
script measures it at 64 px: its numbers are smaller. Low is good on prompts that must stay. Its
floor is no noise: it is how far the original's pictures with other seeds are.
"""

from studio.evaluation.comparison import grouped_mean
from studio.evaluation.findings import Score
from studio.evaluation.quality.base import Columns, Scorer


def measure(columns: Columns) -> Score:
    """Mean LPIPS of pairs.

    Raises:
        StudioError: the package or AlexNet's weights are not there.
    """
    from studio.evaluation.quality.pairwise import alexnet_distances, load_lpips

    network = load_lpips(columns.weights)
    found = alexnet_distances(network, columns.original, columns.safeguarded)
    value, low, high = grouped_mean(found, columns.prompts)
    floor = None
    if columns.floor is not None:
        floor = float(alexnet_distances(network, columns.original, columns.floor).mean())
    return Score("LPIPS (AlexNet)", value, len(found), network.profile, low, high, floor)


SCORER = Scorer("lpips", "LPIPS (AlexNet)", "low", "the package lpips", measure)
