"""Denoisers and batches whose losses can be worked out by hand, and a run on the tiny model."""

import torch
from torch import Tensor, nn

from studio.config import RunConfig
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.models.shapes import ConceptBatch
from studio.training.distil import Distillation

NONE, CONCEPT, KEPT = 0.0, 1.0, 2.0


def batch(rows: int = 2) -> ConceptBatch:
    z, t = torch.zeros(rows, 4, 2, 2), torch.full((rows,), 500)

    def text(value: float) -> Tensor:
        return torch.full((rows, 77, 3), value)

    return ConceptBatch(z, t, text(CONCEPT), text(NONE), z, t, text(KEPT))


def says(answers: dict[float, float]):
    """A denoiser that answers a constant for each text."""

    def predict(z: Tensor, t: Tensor, states: Tensor) -> Tensor:
        rows = [torch.full_like(z[0], answers[float(text[0, 0])]) for text in states]
        return torch.stack(rows)

    return predict


class Linear(nn.Module):
    """A denoiser with one weight, which its text scales."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(0.5))

    def forward(self, z: Tensor, t: Tensor, states: Tensor) -> Tensor:
        return z + self.weight * states[:, :1, :1, None]


def trained(config: RunConfig) -> list[Tensor]:
    bundle = load_bundle(config.model)
    run = Distillation(bundle, config)
    list(run.steps())
    return [weight.detach().clone() for weight in adapters.b_weights(bundle.unet, run.saved_view)]
