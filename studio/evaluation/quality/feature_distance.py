"""How much each picture changed, prompt by prompt and seed by seed, as features see it.

Squared distances of features of each place, of length 1, averaged over stages: LPIPS' recipe
without its network and weights, so it is called by what it is and not LPIPS (see `backbone`). Its
floor is no noise: it is how far the original's pictures of the same prompts with other seeds are.
"""

from studio.evaluation.comparison import grouped_mean
from studio.evaluation.findings import Score
from studio.evaluation.quality.base import Columns, Scorer


def measure(columns: Columns) -> Score:
    """Mean distance of pairs, 0..4; 0 where no pixel changed."""
    from studio.evaluation.quality.features import stages_for
    from studio.evaluation.quality.pairwise import backbone_distances

    network = stages_for(columns)
    found = backbone_distances(network, columns.original, columns.safeguarded)
    value, low, high = grouped_mean(found, columns.prompts)
    floor = None
    if columns.floor is not None:
        floor = float(backbone_distances(network, columns.original, columns.floor).mean())
    name = f"feature distance ({network.name})"
    return Score(name, value, len(found), network.profile(SCORER.id), low, high, floor)


SCORER = Scorer("feature-distance", "feature distance", "low", "", measure)
