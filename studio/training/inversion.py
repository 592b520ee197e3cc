"""A word learned from pictures: its vectors are trained, the whole model stands still."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import torch
from PIL import Image
from torch import Tensor, nn

from studio.config import RunConfig
from studio.methods import config_of
from studio.methods.hfi import HfiConfig, hfi_loss
from studio.models.loading import Bundle
from studio.models.sampler import predict
from studio.models.shapes import RatedBatch
from studio.models.text import states_of
from studio.models.tokens import add_token, read_from, save_token, word_vectors
from studio.models.vae import latents_of
from studio.records import StepRecord
from studio.training.distil import concept_texts
from studio.training.loop import new_optimiser, train_steps
from studio.training.state import Resumable, Snapshot

NOISE: Final = 0.01  # of what sets vectors apart that start at one word, as a share of their length


class Inversion(Resumable):
    """A run that learns one word for each meaning, and gives the files to be saved.

    Args:
        pictures: RGB. weights: of each, 0..1. meanings: of each, which word is to draw it.
    """

    saved_view = ""  # the denoiser itself: nothing in it changes

    def __init__(
        self,
        bundle: Bundle,
        config: RunConfig,
        pictures: Sequence[Image.Image],
        weights: Sequence[float],
        meanings: Sequence[int],
    ) -> None:
        super().__init__(config.train.seed)
        settings = config_of(config.method)
        if not isinstance(settings, HfiConfig):
            raise TypeError(f"{config.method['name']} learns no word")
        self.settings, self.names = settings, concept_texts(config.pack, True)
        self._bundle, self._train = bundle, config.train
        start = word_vectors(bundle, settings.init, settings.vectors).repeat(len(self.names), 1)
        noise = torch.randn(start.shape, generator=self._generator).to(start)
        if len(start) > 1:
            start = start + NOISE * start.norm(dim=1, keepdim=True) * noise / noise.shape[1] ** 0.5
        self.vectors = nn.Parameter(start.clone())
        rows = start.view(len(self.names), settings.vectors, -1)
        ids = [add_token(bundle, name, own) for name, own in zip(self.names, rows, strict=True)]
        read_from(bundle, [part for own in ids for part in own], self.vectors)
        self._latents = latents_of(bundle, pictures)
        self._rewards = torch.tensor(weights, device=bundle.device).float().clamp(0, 1)
        self._meanings = list(meanings)
        self._levels = bundle.scheduler.alphas_cumprod.to(bundle.device)
        self._moving = new_optimiser([self.vectors], config.train.lr, config.train)
        self._left: list[int] = []  # pictures of this round through all of them, not used yet

    def _steps(self) -> Iterator[StepRecord]:
        return train_steps(
            [self.vectors],
            lambda batch: hfi_loss(self._denoiser, self._denoiser, batch, self.settings),
            self._batches(),
            lr=self._train.lr,
            total=self._train.steps,
            optimiser=self._moving,
            done=self.done,
            how=self._train,
        )

    def _weights(self) -> dict[str, Tensor]:
        return {"vectors": self.vectors}

    def _order(self) -> Snapshot:
        found = super()._order()
        found.numbers["left"] = list(self._left)
        return found

    def _set_order(self, order: Snapshot) -> None:
        super()._set_order(order)
        self._left = list(order.numbers["left"])

    def save(self, file: Path, about: dict[str, object]) -> None:
        """Write the words as they are now: the first as `file`, the others beside it with a number.

        Args:
            about: goes into each file's header.
        """
        parts = self.vectors.view(len(self.names), self.settings.vectors, -1)
        for place, (name, own) in enumerate(zip(self.names, parts, strict=True)):
            extra = f"-{place + 1}" if place else ""
            save_token(file.with_name(f"{file.stem}{extra}{file.suffix}"), name, own, about)

    def _denoiser(self, z: Tensor, t: Tensor, states: Tensor) -> Tensor:
        return predict(self._bundle, z, t, states)

    def _batches(self) -> Iterator[RatedBatch]:
        draw, count, levels = self._generator, self._train.batch, len(self._levels)
        while True:
            while len(self._left) < count:
                self._left += torch.randperm(len(self._latents), generator=draw).tolist()
            rows, self._left = self._left[:count], self._left[count:]
            places = torch.randint(len(self.settings.templates), (count,), generator=draw).tolist()
            texts = [
                self.settings.templates[place].replace("{}", self.names[self._meanings[row]])
                for row, place in zip(rows, places, strict=True)
            ]
            spread = (torch.arange(count) + torch.rand(count, generator=draw)) / count
            t = (spread * levels).long().clamp(max=levels - 1)
            picture = self._latents[rows]
            noise = torch.randn(picture.shape, generator=draw).to(picture.device)
            level = self._levels[t.to(self._levels.device)].view(-1, 1, 1, 1).float()
            yield RatedBatch(
                picture,
                noise,
                t.to(picture.device),
                level.sqrt(),
                (1 - level).sqrt(),
                states_of(self._bundle, texts),
                self._rewards[rows],
                self._bundle.scheduler.config.prediction_type == "v_prediction",
            )
