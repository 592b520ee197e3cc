"""Icon World's own CLIP-like score: does the picture still follow the prompt?

The judge reads the picture, the text encoder of Icon World the prompt, and two small heads trained
on renders (`python -m studio.iconworld contrast`) put both into one space. It knows nothing but
Icon World, and its numbers are not on the scale of CLIP's.
"""

from studio.evaluation.findings import Score
from studio.evaluation.quality.base import Columns, Scorer

NAME = "text match (Icon World)"


def measure(columns: Columns) -> Score:
    """Mean cosine of pictures and prompts in Icon World's space.

    Raises:
        StudioError: the heads are not there, or these are no pictures of Icon World.
    """
    from studio.evaluation.quality.alignment import follow
    from studio.evaluation.quality.icon_space import icon_space

    columns.let_icon_judge_look()
    return follow(icon_space(), columns, NAME, "icon-match")


SCORER = Scorer("icon-match", NAME, "high", "", measure)
