"""The whole state of a training between two steps: another process goes on from it bit for bit."""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from studio.errors import StudioError
from studio.records import StepRecord


@dataclass(frozen=True)
class Snapshot:
    """Everything that changes while a training goes on, and nothing that its settings tell.

    Attributes:
        step: steps done.
        tensors: weights, optimiser, latents not used yet, states of the generators (uint8).
        numbers: what is no tensor, as JSON has it.
    """

    step: int
    tensors: dict[str, Tensor] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)


class Resumable(ABC):
    """A training that can be put down between two steps and taken up by another process.

    Args:
        seed: of the training's own generator.

    Attributes:
        done: steps made.
    """

    _moving: torch.optim.Optimizer  # what moves the weights; the same each time

    def __init__(self, seed: int) -> None:
        self.done = 0
        self._generator = torch.Generator().manual_seed(seed)
        self._before_batch: Snapshot | None = None

    @abstractmethod
    def _steps(self) -> Iterator[StepRecord]:
        """Train from step `done` on; a record a step."""

    @abstractmethod
    def _weights(self) -> dict[str, Tensor]:
        """All weights that change, and those that the changing ones mean nothing without."""

    def _order(self) -> Snapshot:
        """What decides which batches come next; no copy, but nothing in it changes later."""
        return Snapshot(self.done, {"chance/own": self._generator.get_state()})

    def _set_order(self, order: Snapshot) -> None:
        """Let those batches come next."""
        self._generator.set_state(order.tensors["chance/own"])

    def steps(self) -> Iterator[StepRecord]:
        """Train; a record a step. Closing the iterator ends the training."""
        self._before_batch = self._moment()
        for record in self._steps():
            self.done, self._before_batch = record.step, None
            yield record
            self._before_batch = self._moment()

    def state(self) -> Snapshot:
        """The state after the last whole step, even when the next one was broken off midway."""
        moment = self._before_batch or self._moment()
        tensors = {f"weights/{name}": value for name, value in self._weights().items()}
        for place, state in self._moving.state_dict()["state"].items():
            tensors |= {f"optimiser/{place}/{name}": value for name, value in state.items()}
        return Snapshot(self.done, tensors | moment.tensors, moment.numbers)

    def restore(self, state: Snapshot) -> None:
        """Go on from a state; call it before `steps`.

        Raises:
            StudioError: the state is of another training, or of a version that kept other weights.
        """
        weights = {f"weights/{name}": value for name, value in self._weights().items()}
        held = {name for name in state.tensors if name.startswith("weights/")}
        if held != weights.keys():
            raise StudioError(
                f"The state saved after {state.step} steps holds other weights than this version "
                "trains.",
                "Start a new run with the same settings; adapter and pictures of this one stay.",
            )
        with torch.no_grad():
            for name, value in weights.items():
                value.copy_(state.tensors[name])
        _set_optimiser(self._moving, state.tensors)
        _set_chance(state)
        self._set_order(state)
        self.done = state.step

    def _moment(self) -> Snapshot:
        chance, order = _chance(), self._order()
        return Snapshot(self.done, chance.tensors | order.tensors, chance.numbers | order.numbers)


def _set_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    found: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        part, _, rest = key.partition("/")
        if part == "optimiser":
            place, _, name = rest.partition("/")
            found.setdefault(int(place), {})[name] = value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": found})


def _chance() -> Snapshot:
    """The generators that belong to no training: torch's, on each GPU too, Python's and numpy's."""
    tensors = {"chance/torch": torch.get_rng_state()}
    if torch.cuda.is_initialized():
        for place, state in enumerate(torch.cuda.get_rng_state_all()):
            tensors[f"chance/gpu{place}"] = state
    version, numbers, gauss = random.getstate()
    kind, keys, *rest = cast(tuple[Any, ...], np.random.get_state(legacy=True))
    return Snapshot(
        0,
        tensors,
        {
            "python": [version, list(numbers), gauss],
            "numpy": [kind, keys.tolist(), *map(float, rest)],
        },
    )


def _set_chance(state: Snapshot) -> None:
    torch.set_rng_state(state.tensors["chance/torch"])
    gpus = [name for name in state.tensors if name.startswith("chance/gpu")]
    for place in range(len(gpus)):
        torch.cuda.set_rng_state(state.tensors[f"chance/gpu{place}"], place)
    version, numbers, gauss = state.numbers["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, keys, position, has_gauss, cached = state.numbers["numpy"]
    np.random.set_state((kind, keys, int(position), int(has_gauss), cached))
