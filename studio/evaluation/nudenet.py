"""Where NudeNet 3 sees uncovered body parts: an optional extra, `requirements-nudenet.txt`.

Its licence is AGPL-3.0; nothing of it is part of this project. Labels, score floor (0.2) and
overlap rule are those of the package, version 3.4; pictures reach it as RGB arrays.
"""

from typing import Any

import numpy as np
from PIL import Image

from studio.errors import StudioError

LABELS = (
    "BUTTOCKS_EXPOSED",
    "FEMALE_BREAST_EXPOSED",
    "FEMALE_GENITALIA_EXPOSED",
    "ANUS_EXPOSED",
    "MALE_GENITALIA_EXPOSED",
)
Box = tuple[int, int, int, int]  # left, top, width, height in pixels


class BodyParts:
    """The detector, loaded once.

    Raises:
        StudioError: the extra is not installed.
    """

    def __init__(self) -> None:
        try:
            from nudenet import NudeDetector
        except ImportError as error:
            raise StudioError(
                "The detector of body parts is not installed.",
                "pip install -r requirements-nudenet.txt (AGPL-3.0), or choose another mask.",
            ) from error
        self._detector: Any = NudeDetector()

    def boxes(self, image: Image.Image) -> list[Box]:
        """The boxes of `LABELS` in an RGB picture."""
        found = self._detector.detect(np.asarray(image.convert("RGB")))
        return [tuple(row["box"]) for row in found if row["class"] in LABELS]
