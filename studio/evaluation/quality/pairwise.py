"""Distances of pictures of the same prompt, pair by pair."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.errors import StudioError
from studio.evaluation.findings import Profile
from studio.evaluation.quality.backbone import distances
from studio.evaluation.quality.features import Stages
from studio.evaluation.quality.files import parts, read
from studio.hashes import short_sha256
from studio.models.whole import fill

Floats = NDArray[np.float64]
ALEXNET = "alexnet-owt-7be5be79.pth"


def backbone_distances(network: Stages, before: Sequence[Path], after: Sequence[Path]) -> Floats:
    """Distances of the maps of a network's stages, pair by pair; (N,), 0..4."""
    return _pairs(lambda a, b: distances(network.maps(a), network.maps(b)), before, after, 224)


@dataclass(frozen=True)
class Lpips:
    """The published metric, loaded. `distance`: two (B, 3, H, W), -1..1 -> (B, 1, 1, 1)."""

    profile: Profile
    distance: Callable[[Tensor, Tensor], Tensor]


@cache
def load_lpips(weights: Path | None) -> Lpips:
    """LPIPS with AlexNet, whose weights come from the folder, else from torchvision.

    Raises:
        StudioError: the package is not there, or the weights cannot be had.
    """
    try:
        import lpips
    except (ImportError, RuntimeError) as error:  # torchvision made for another torch
        raise StudioError(
            "The package lpips cannot be imported.",
            "pip install lpips and the torchvision that fits your torch.",
        ) from error
    file = weights / ALEXNET if weights else None
    if file is not None and not file.exists():
        raise StudioError(
            f"{ALEXNET} is not in the folder with weights.",
            "Download it from PyTorch's model page, and put it there.",
        )
    try:
        net = lpips.LPIPS(net="alex", pnet_rand=file is not None, verbose=False)
    except OSError as error:
        raise StudioError(
            "The weights of AlexNet cannot be downloaded.",
            f"Put {ALEXNET} into the folder given with --weights.",
        ) from error
    if file is not None:
        _fill(net, _alexnet(file))
    trunk = b"".join(value.numpy().tobytes() for value in net.state_dict().values())
    return Lpips(Profile("lpips", short_sha256(trunk), ("LPIPS 0.1, AlexNet",)), net)


def alexnet_distances(network: Lpips, before: Sequence[Path], after: Sequence[Path]) -> Floats:
    """LPIPS pair by pair; (N,), 0 for equal pictures."""
    return _pairs(lambda a, b: network.distance(a, b).flatten(), before, after, None)


@torch.no_grad()
def _pairs(
    distance: Callable[[Tensor, Tensor], Tensor],
    before: Sequence[Path],
    after: Sequence[Path],
    most_px: int | None,
) -> Floats:
    both = zip(parts(before), parts(after), strict=True)
    found = [distance(read(a, most_px), read(b, most_px)) for a, b in both]
    return torch.cat(found).double().numpy()


def _fill(net: Any, alexnet: dict[str, Tensor]) -> None:
    """Put torchvision's AlexNet into the slices of lpips: features.3.weight -> slice2.3.weight."""
    names = {f"features.{name.split('.', 1)[1]}": name for name in net.net.state_dict()}
    held = {names[key]: value for key, value in alexnet.items() if key in names}
    fill(net.net, held, ALEXNET)


def _alexnet(file: Path) -> dict[str, Tensor]:
    """The tensors of torchvision's file; nothing in it can run.

    Raises:
        StudioError: it is cut, or another file.
    """
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
        return {str(key): value for key, value in found.items() if isinstance(value, Tensor)}
    except Exception as error:  # a broken pickle can break its reader anywhere
        raise StudioError(
            f"{file.name} is damaged, or holds no tensors.",
            "Download it from PyTorch's model page, and put it there.",
        ) from error
