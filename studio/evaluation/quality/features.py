"""The networks whose features scorers compare, each loaded once, in one place.

Each says by its name what it is, and by a hash which weights it has: numbers of different features
are never the same number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from studio.errors import StudioError
from studio.evaluation.findings import Profile
from studio.evaluation.judge import judge_at
from studio.evaluation.network import INPUT_PX
from studio.evaluation.quality.backbone import Backbone, unit
from studio.evaluation.quality.base import Columns
from studio.evaluation.quality.files import parts, read
from studio.hashes import short_sha256
from studio.world import ICON_JUDGE

JUDGE_STAGES = "judge features"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """A frozen network that looks at pictures.

    Attributes:
        name: in the names of scores. model: start of the SHA-256 of its weights.
        pooled: files -> features (N, D).
    """

    name: str
    model: str
    pooled: Callable[[Sequence[Path]], Floats]

    def profile(self, scorer: str) -> Profile:
        """Who measured, for a score of this scorer."""
        return Profile(scorer, self.model, (self.name,))


@dataclass(frozen=True)
class Stages(Looks):
    """One that also tells what is where.

    Attributes:
        maps: (B, 3, H, W), -1..1 -> maps (B, C, h, w), the features of each place of length 1.
    """

    maps: Callable[[Tensor], list[Tensor]]


def looks(columns: Columns) -> Looks:
    """The best there is: Inception where its weights are given, EfficientNet-Lite0, the judge.

    Raises:
        StudioError: weights are given whose package is not installed; or only the judge is there,
            and these are no pictures of Icon World.
    """
    from studio.evaluation.quality.inception import inception_at

    return (inception_at(columns.weights) if columns.weights else None) or stages_for(columns)


def stages_for(columns: Columns) -> Stages:
    """`stages`, if they may look at these pictures.

    Raises:
        StudioError: only the judge of Icon World is there, and they are no pictures of its world.
    """
    network = stages()
    if network.name == JUDGE_STAGES:
        columns.let_icon_judge_look()
    return network


@cache
def stages() -> Stages:
    """EfficientNet-Lite0 where it is installed, else the judge of Icon World."""
    try:
        net = Backbone()
    except StudioError:
        return judge_stages()
    return Stages("EfficientNet-Lite0", short_sha256(net.file), in_parts(net.pooled), net)


@cache
def judge_looks() -> Looks:
    """The judge's own features as they are, 384 of them. It has seen nothing but Icon World."""
    model = short_sha256(ICON_JUDGE / "judge.safetensors")
    return Looks("judge", model, in_parts(judge_at(ICON_JUDGE).net.features))


@cache
def judge_stages() -> Stages:
    """The judge's features with a mean square of 1, which KID's kernel is made for."""
    net = judge_at(ICON_JUDGE).net

    def pooled(pictures: Tensor) -> Tensor:
        found = net.features(pictures)
        return F.normalize(found, dim=1) * found.shape[1] ** 0.5

    def maps(pictures: Tensor) -> list[Tensor]:
        x = net.stem(F.interpolate(pictures, (INPUT_PX, INPUT_PX), mode="area"))
        found = []
        for block in net.blocks:
            x = block(x)
            found.append(unit(x))
        return found

    return Stages(JUDGE_STAGES, judge_looks().model, in_parts(pooled), maps)


def in_parts(pooled: Callable[[Tensor], Tensor]) -> Callable[[Sequence[Path]], Floats]:
    """A network of pictures (B, 3, H, W), -1..1, as one of files."""

    def of_files(files: Sequence[Path]) -> Floats:
        with torch.no_grad():
            return np.concatenate([pooled(read(part)).double().numpy() for part in parts(files)])

    return of_files


def embed(network: Looks, files: Sequence[Path]) -> Floats:
    """Pooled features of pictures (N, D); kept for the next scorer that asks."""
    return _embedded(network, tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=6)
def _embedded(network: Looks, stamped: tuple[tuple[Path, int], ...]) -> Floats:
    return network.pooled([file for file, _ in stamped])
