"""Methods that learn from picture triplets: self-attention of one denoiser, no text."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import torch
from PIL import Image
from torch import Tensor

from studio.config import RunConfig
from studio.methods import config_of, get_method
from studio.methods.safegen import SafegenConfig
from studio.models import adapters
from studio.models.ema import decay_at, follow
from studio.models.loading import Bundle
from studio.models.sampler import predict
from studio.models.shapes import Denoiser, ImageBatch
from studio.models.text import encode
from studio.models.vae import latents_of
from studio.records import StepRecord
from studio.training.loop import new_optimiser, train_steps
from studio.training.state import Resumable

STUDENT: Final = "student"
AVERAGE: Final = "average"
Pictures = Sequence[tuple[Image.Image, Image.Image, Image.Image]]


class Editing(Resumable):
    """A run of such a method: attach, train, and give the adapter that is to be saved.

    Args:
        pictures: unsafe, mosaic and benign, RGB.
    """

    def __init__(self, bundle: Bundle, config: RunConfig, pictures: Pictures) -> None:
        super().__init__(config.train.seed)
        settings = config_of(config.method)
        if not isinstance(settings, SafegenConfig):
            raise TypeError(f"{config.method['name']} does not learn from triplets")
        self.settings = settings
        self._loss = get_method(str(config.method["name"])).loss
        self._bundle, self._train = bundle, config.train
        adapters.attach_all(
            bundle.unet,
            self._adapters,
            "self",
            weights=settings.weights,
            rank=config.train.rank,
            seed=config.train.seed,
        )
        self._moving = new_optimiser(
            adapters.trained(bundle.unet, STUDENT), config.train.lr, config.train
        )
        self._levels = bundle.scheduler.alphas_cumprod.to(bundle.device)
        self._null = encode(bundle, [""])
        flips = (False, True) if settings.flip else (False,)
        self._latents = [  # for each way of mirroring: (3, N, C, h, w)
            torch.stack(
                [latents_of(bundle, [row[p] for row in pictures], flip=flip) for p in range(3)]
            )
            for flip in flips
        ]

    @property
    def saved_view(self) -> str:
        """The adapter that is kept, and through which checks look."""
        return self._adapters[-1]

    @property
    def _adapters(self) -> tuple[str, ...]:
        return (STUDENT, AVERAGE) if self.settings.ema_decay else (STUDENT,)

    def _steps(self) -> Iterator[StepRecord]:
        unet = self._bundle.unet
        student = adapters.trained(unet, STUDENT)

        def average(step: int) -> None:
            if decay := self.settings.ema_decay:
                follow(adapters.trained(unet, AVERAGE), student, decay_at(step, decay))

        return train_steps(
            student,
            lambda batch: self._loss(self._view(STUDENT), self._view(), batch, self.settings),
            self._batches(),
            lr=self._train.lr,
            total=self._train.steps,
            optimiser=self._moving,
            done=self.done,
            after_step=average,
            how=self._train,
        )

    def _weights(self) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for name in self._adapters:
            found |= adapters.tensors(self._bundle.unet, name)
        return found

    def save(self, file: Path, about: dict[str, object]) -> None:
        """Write the adapter as it is now; `about` goes into the file's header."""
        adapters.save_adapter(self._bundle.unet, self.saved_view, file, about)

    def _view(self, *names: str) -> Denoiser:
        def look(z: Tensor, t: Tensor, states: Tensor) -> Tensor:
            with adapters.use(self._bundle.unet, *names):
                return predict(self._bundle, z, t, states)

        return look

    def _batches(self) -> Iterator[ImageBatch]:
        draw, count = self._generator, self._train.batch
        while True:
            way = int(torch.randint(len(self._latents), (1,), generator=draw))
            rows = torch.randint(self._latents[way].shape[1], (count,), generator=draw)
            unsafe, mosaic, benign = self._latents[way][:, rows]
            t = torch.randint(len(self._levels), (count,), generator=draw)
            noise = torch.randn((2, *unsafe.shape), generator=draw).to(unsafe.device)
            level = self._levels[t.to(self._levels.device)].view(-1, 1, 1, 1).float()
            yield ImageBatch(
                unsafe,
                mosaic,
                benign,
                noise[0],
                noise[1],
                t.to(unsafe.device),
                level.sqrt(),
                (1 - level).sqrt(),
                self._null.expand(count, -1, -1),
                self._bundle.scheduler.config.prediction_type == "v_prediction",
            )
