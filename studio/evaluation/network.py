"""The judge's network: a small convolutional classifier with four answers and a feature vector."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

INPUT_PX = 64
FEATURES = 192


class Block(nn.Module):
    """Two 3x3 convolutions with a residual path; halves the side when `stride` is 2."""

    def __init__(self, inside: int, out: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.second = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        self.skip = nn.Conv2d(inside, out, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inside, H, W) -> (B, out, H / stride, W / stride)."""
        y = F.relu(self.norm1(self.first(x)))
        return F.relu(self.norm2(self.second(y)) + self.skip(x))


class JudgeNetwork(nn.Module):
    """Pictures -> logits for objects (several can be there), none, style and ground colour.

    Objects are looked for at each place of the last map, and the best places count: so two objects
    in one picture do not get in each other's way.
    """

    def __init__(self, objects: int, styles: int, colours: int) -> None:
        super().__init__()
        self.stem, self.blocks = self.body()
        self.places = nn.Conv2d(FEATURES, objects, 1)
        self.sizes = (1, styles, colours)
        self.head = nn.Linear(2 * FEATURES, sum(self.sizes))

    def body(self) -> tuple[nn.Sequential, nn.Sequential]:
        """Stem and blocks: (B, 3, INPUT_PX, INPUT_PX) -> (B, FEATURES, 8, 8)."""
        stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
        blocks = (Block(32, 64, 1), Block(64, 96, 2), Block(96, 128, 2), Block(128, FEATURES, 1))
        return stem, nn.Sequential(*blocks)

    def maps(self, pictures: Tensor) -> Tensor:
        """(B, 3, H, W) in -1..1, any H, W -> (B, FEATURES, 8, 8)."""
        small = F.interpolate(pictures, (INPUT_PX, INPUT_PX), mode="area")
        found: Tensor = self.blocks(self.stem(small))
        return found

    @staticmethod
    def pool(maps: Tensor) -> Tensor:
        """(B, FEATURES, h, w) -> (B, 2 * FEATURES): means and maxima."""
        return torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)

    def features(self, pictures: Tensor) -> Tensor:
        """(B, 3, H, W) in -1..1, any H, W -> (B, 2 * FEATURES)."""
        return self.pool(self.maps(pictures))

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """Logits: objects (B, O), none (B, 1), style (B, S), colour (B, C)."""
        maps = self.maps(pictures)
        objects = self.places(maps).float().flatten(2).logsumexp(2)
        return (objects, *self.head(self.pool(maps)).split(self.sizes, 1))
