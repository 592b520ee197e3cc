"""The second judge's network: patches and depthwise convolutions, so that it errs otherwise.

Source of the body: Trockman and Kolter, 2022, "Patches Are All You Need?", arXiv:2201.09792.
"""

from torch import Tensor, nn

from studio.evaluation.network import FEATURES, JudgeNetwork

PATCH, WIDTH, DEPTH, KERNEL = 4, 160, 7, 3


class Mixing(nn.Module):
    """Mix each channel over places, then the channels of each place; (B, C, H, W) -> same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.over_places = nn.Sequential(
            nn.Conv2d(width, width, KERNEL, padding=KERNEL // 2, groups=width),
            nn.GELU(),
            nn.BatchNorm2d(width),
        )
        self.over_channels = nn.Sequential(
            nn.Conv2d(width, width, 1), nn.GELU(), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        mixed: Tensor = self.over_channels(x + self.over_places(x))
        return mixed


class MixerNetwork(JudgeNetwork):
    """The answers of `JudgeNetwork` from a ConvMixer."""

    def body(self) -> tuple[nn.Sequential, nn.Sequential]:
        """Stem and blocks: (B, 3, INPUT_PX, INPUT_PX) -> (B, FEATURES, 8, 8)."""
        stem = nn.Sequential(nn.Conv2d(3, WIDTH, PATCH, PATCH), nn.GELU(), nn.BatchNorm2d(WIDTH))
        blocks = nn.Sequential(*(Mixing(WIDTH) for _ in range(DEPTH)))
        blocks.append(nn.Conv2d(WIDTH, FEATURES, 2, 2))
        return stem, blocks
