"""A critic that tells decoded pictures from renders, so that the decoder learns crisp edges.

Small heads on the frozen features of `studio.evaluation.quality.backbone`, after Sauer et al.,
2021, "Projected GANs Converge Faster", arXiv:2111.01007; hinge losses.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Critic(nn.Module):
    """Says of every place of every feature map how much it looks like a render."""

    def __init__(self, widths: tuple[int, ...], inside: int = 48) -> None:
        super().__init__()
        self.heads = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, inside, 1),
                nn.LeakyReLU(0.2),
                nn.utils.parametrizations.spectral_norm(nn.Conv2d(inside, inside, 3, padding=1)),
                nn.LeakyReLU(0.2),
                nn.Conv2d(inside, 1, 3, padding=1),
            )
            for width in widths
        )

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """Features (B, C, h, w) of length 1 at each place -> logits (B, 1, h, w)."""
        pairs = zip(self.heads, features, strict=True)
        return [head(found * found.shape[1] ** 0.5) for head, found in pairs]


def critic_loss(critic: Critic, decoded: list[Tensor], rendered: list[Tensor]) -> Tensor:
    """What the critic learns from: renders above 1, decoded pictures below -1; scalar."""
    wrong = [F.relu(1 + logits).mean() for logits in critic([f.detach() for f in decoded])]
    right = [F.relu(1 - logits).mean() for logits in critic(rendered)]
    return torch.stack([*wrong, *right]).sum() / (2 * len(right))


def fooling_loss(critic: Critic, decoded: list[Tensor]) -> Tensor:
    """What the decoder learns from: its pictures taken for renders; scalar."""
    return -torch.stack([logits.mean() for logits in critic(decoded)]).mean()
