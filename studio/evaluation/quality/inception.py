"""Inception v3 of the published FIDs, read from weights that the user has.

Two packages bring its code, and their numbers differ a little: clean-fid (Parmar et al., 2022,
arXiv:2104.11222) makes pictures smaller as Pillow does, torchmetrics as PyTorch does.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.evaluation.quality.features import Looks
from studio.evaluation.quality.files import parts, read
from studio.hashes import short_sha256

CLEAN = "inception-2015-12-05.pt"
COMPAT = "weights-inception-2015-12-05-6726825d.pth"


@cache
def inception_at(weights: Path) -> Looks | None:
    """The network whose file lies in the folder; None where none does.

    Raises:
        StudioError: the package that reads the file is not installed.
    """
    if (weights / CLEAN).exists():
        return _clean(weights)
    return _compat(weights / COMPAT) if (weights / COMPAT).exists() else None


def _clean(weights: Path) -> Looks:
    try:
        from cleanfid.fid import get_files_features
        from cleanfid.inception_torchscript import InceptionV3W
    except (ImportError, RuntimeError) as error:  # torchvision made for another torch
        raise StudioError(
            "The package clean-fid cannot be imported.",
            "pip install clean-fid and the torchvision that fits your torch, or take "
            f"{CLEAN} out of the folder with weights.",
        ) from error
    net = InceptionV3W(str(weights), download=False).eval()

    def pooled(files: Sequence[Path]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = get_files_features(
            [str(file) for file in files],
            net,
            num_workers=0,
            batch_size=32,
            device=torch.device("cpu"),
            mode="clean",
            verbose=False,
        )
        return found.astype(np.float64)

    return Looks("Inception, clean-fid", short_sha256(weights / CLEAN), pooled)


def _compat(file: Path) -> Looks:
    try:
        from torchmetrics.image.fid import NoTrainInceptionV3

        net = NoTrainInceptionV3("inception-v3-compat", ["2048"], str(file))
    except (ImportError, RuntimeError) as error:
        raise StudioError(
            "The package torch-fidelity cannot be imported.",
            "pip install torch-fidelity and the torchvision that fits your torch, or take "
            f"{COMPAT} out of the folder with weights.",
        ) from error

    @torch.no_grad()
    def pooled(files: Sequence[Path]) -> NDArray[np.float64]:
        pixels = (((read(part, None) + 1) * 127.5).round().byte() for part in parts(files))
        return np.concatenate([net(part).double().numpy() for part in pixels])

    return Looks("Inception, torchmetrics", short_sha256(file), pooled)
