"""Methods that know concepts by name: views of one denoiser, latents it draws itself."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from studio.config import Pack, RunConfig
from studio.methods import config_of, get_method
from studio.methods.concept import ConceptConfig
from studio.methods.sentences import in_sentences
from studio.models import adapters
from studio.models.ema import decay_at, follow
from studio.models.loading import Bundle
from studio.models.sampler import predict
from studio.models.shapes import ConceptBatch, Denoiser
from studio.models.text import encode
from studio.records import StepRecord
from studio.training.loop import new_optimiser, train_steps
from studio.training.rollouts import Latent, Stream, pick_levels, rollout
from studio.training.state import Resumable, Snapshot

STUDENT: Final = "student"
TEACHER: Final = "teacher"


def concept_texts(pack: Pack, use_synonyms: bool) -> list[str]:
    """What is removed, one text each: names in turn, then their synonyms."""
    names = [concept.name for concept in pack.remove]
    others = [word for concept in pack.remove for word in concept.synonyms]
    return list(dict.fromkeys(names + (others if use_synonyms else [])))


class Distillation(Resumable):
    """A run of such a method: attach, train, and give the adapter that is to be saved.

    Args:
        on_draw: called before each sampler step of a rollout; may raise to end the training.
    """

    def __init__(
        self, bundle: Bundle, config: RunConfig, on_draw: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(config.train.seed)
        settings = config_of(config.method)
        if not isinstance(settings, ConceptConfig):
            raise TypeError(f"{config.method['name']} does not train on concepts by name")
        self.settings = settings
        self._loss = get_method(str(config.method["name"])).loss
        self._bundle, self._train = bundle, config.train
        self._on_draw = on_draw
        adapters.attach_all(
            bundle.unet,
            self._adapters,
            settings.adapted,
            weights=settings.weights,
            rank=config.train.rank,
            seed=config.train.seed,
        )
        names = concept_texts(config.pack, self.settings.use_synonyms)
        removed = in_sentences(names, self.settings.templates)
        kept = in_sentences(config.pack.keep, self.settings.keep_templates)
        self._removed_states = self._said_states = encode(bundle, removed)
        if self.settings.erased_from:
            said = encode(bundle, [self.settings.erased_from])
            self._said_states = said.expand(len(removed), -1, -1)
        self._kept_states = None
        if kept and self.settings.keep_weight:
            self._kept_states = encode(bundle, ["", *kept])
        self._null = encode(bundle, [""])
        self._moving = new_optimiser(
            adapters.trained(bundle.unet, STUDENT), config.train.lr, config.train
        )
        self._streams = {"removed": self._latents(self._said_states)}
        if self._kept_states is not None:
            self._streams["kept"] = self._latents(self._kept_states)

    @property
    def saved_view(self) -> str:
        """The adapter that is kept, and through which checks look."""
        return self.settings.saved

    @property
    def _adapters(self) -> tuple[str, ...]:
        return (STUDENT,) if self.settings.teacher_decay is None else (STUDENT, TEACHER)

    def _steps(self) -> Iterator[StepRecord]:
        unet, decay = self._bundle.unet, self.settings.teacher_decay
        student = adapters.trained(unet, STUDENT)

        def average(step: int) -> None:
            if decay is not None:
                now = decay_at(step, decay) if self.settings.decay_rises else decay
                follow(adapters.trained(unet, TEACHER), student, now)

        return train_steps(
            student,
            lambda batch: self._loss(self._view(STUDENT), self._view(), batch, self.settings),
            self._batches(),
            lr=self._train.lr,
            total=self._train.steps,
            after_step=average,
            optimiser=self._moving,
            done=self.done,
            how=self._train,
        )

    def _weights(self) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for name in self._adapters:
            found |= adapters.tensors(self._bundle.unet, name)
        return found

    def _order(self) -> Snapshot:
        found = super()._order()
        for name, stream in self._streams.items():
            found.tensors.update({f"{name}/{n}": row.z for n, row in enumerate(stream.left)})
            rows = [[row.t, row.text] for row in stream.left]
            found.numbers[name] = {"turn": stream.turn, "rows": rows}
        return found

    def _set_order(self, order: Snapshot) -> None:
        super()._set_order(order)
        for name, stream in self._streams.items():
            about = order.numbers[name]
            stream.turn = about["turn"]
            stream.left = tuple(
                Latent(order.tensors[f"{name}/{place}"].to(self._bundle.device), t, text)
                for place, (t, text) in enumerate(about["rows"])
            )

    def save(self, file: Path, about: dict[str, object]) -> None:
        """Write the adapter as it is now; `about` goes into the file's header."""
        adapters.save_adapter(self._bundle.unet, self.saved_view, file, about)

    def _view(self, *names: str) -> Denoiser:
        def look(z: Tensor, t: Tensor, states: Tensor) -> Tensor:
            with adapters.use(self._bundle.unet, *names):
                return predict(self._bundle, z, t, states)

        return look

    def _latents(self, states: Tensor) -> Stream:
        cfg, bundle = self.settings, self._bundle
        pick = pick_levels(cfg.level_distribution, self._generator)

        def draw(texts: list[int]) -> list[Latent]:
            views = () if cfg.drawn_by == "base" else (cfg.drawn_by,)
            with adapters.use(bundle.unet, *views):
                return rollout(
                    bundle,
                    states[texts],
                    self._null.expand(len(texts), -1, -1),
                    texts,
                    steps=cfg.rollout_steps,
                    guidance=cfg.sample_guidance,
                    levels=cfg.levels,
                    pick=pick,
                    generator=self._generator,
                    on_step=self._on_draw,
                )

        return Stream(draw, len(states), cfg.rollouts, self._generator)

    def _batches(self) -> Iterator[ConceptBatch]:
        count = self._train.batch
        while True:
            rows = list(islice(self._streams["removed"], count))
            z, t, concept = self._stack(rows, self._removed_states)
            _, _, said = self._stack(rows, self._said_states)
            if self._kept_states is not None:
                rows = list(islice(self._streams["kept"], count))
                keep_z, keep_t, keep = self._stack(rows, self._kept_states)
            else:
                keep_z, keep_t, keep = z[:0], t[:0], concept[:0]
            null = self._null.expand(len(z), -1, -1)
            yield ConceptBatch(z, t, concept, null, said, keep_z, keep_t, keep)

    def _stack(self, rows: Sequence[Latent], states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        z = torch.stack([row.z for row in rows])
        t = torch.tensor([row.t for row in rows], device=self._bundle.device)
        return z, t, states[[row.text for row in rows]]
