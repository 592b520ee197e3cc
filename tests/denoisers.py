"""Denoisers and batches whose losses can be worked out by hand, and a run on the tiny model."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

from studio.config import RunConfig
from studio.jobs.run_folder import RunFolder
from studio.jobs.trainers import Trainer, trainer_of
from studio.methods.base import Method
from studio.methods.concept import ConceptConfig
from studio.models import adapters
from studio.models.loading import Bundle, load_bundle
from studio.models.shapes import ConceptBatch, ImageBatch

NONE, CONCEPT, KEPT, WHOLE = 0.0, 1.0, 2.0, 3.0


def batch(rows: int = 2, said: float = CONCEPT) -> ConceptBatch:
    z, t = torch.zeros(rows, 4, 2, 2), torch.full((rows,), 500)

    def text(value: float) -> Tensor:
        return torch.full((rows, 77, 3), value)

    return ConceptBatch(z, t, text(CONCEPT), text(NONE), text(said), z, t, text(KEPT))


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


def image_batch(t: int = 500, predicts_v: bool = False, rows: int = 2) -> ImageBatch:
    """Random triplets at one level of Stable Diffusion's noise."""
    draw = torch.Generator().manual_seed(t)
    unsafe, mosaic, benign, noise, other = torch.randn(5, rows, 4, 2, 2, generator=draw)
    level = torch.linspace(0.00085**0.5, 0.012**0.5, 1000).square().neg().add(1).cumprod(0)[t]
    return ImageBatch(
        unsafe, mosaic, benign, noise, other, torch.full((rows,), t),
        level.sqrt().expand(rows, 1, 1, 1), (1 - level).sqrt().expand(rows, 1, 1, 1),
        torch.ones(rows, 77, 3), predicts_v,
    )  # fmt: skip


def batch_for(method: Method) -> ConceptBatch | ImageBatch:
    """A batch that this method's loss takes."""
    return batch() if issubclass(method.config, ConceptConfig) else image_batch()


def trainer(bundle: Bundle, config: RunConfig, folder: Path) -> Trainer:
    """The trainer of a run that nobody stops."""
    return trainer_of(
        bundle, config, RunFolder(folder), on_step=lambda: None, on_triplet=lambda done, total: None
    )


def trained(config: RunConfig) -> list[Tensor]:
    """The B matrices of the adapter that a run leaves."""
    bundle = load_bundle(config.model)
    with TemporaryDirectory() as folder:
        run = trainer(bundle, config, Path(folder))
    list(run.steps())
    return [weight.detach().clone() for weight in adapters.trained(bundle.unet, run.saved_view)]
