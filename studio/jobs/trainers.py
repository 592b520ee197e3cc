"""Which trainer carries out a run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from studio.config import RunConfig
from studio.evaluation.judge import load_judge
from studio.files import place_of
from studio.jobs.drawing import CUT
from studio.jobs.inverting import inversion_of
from studio.jobs.run_folder import RunFolder
from studio.jobs.triplet_folder import TripletFolder
from studio.jobs.triplet_maker import OnTriplet, make_triplets
from studio.methods import config_of
from studio.methods.hfi import HfiConfig
from studio.methods.safegen import SafegenConfig
from studio.models.loading import Bundle
from studio.records import StepRecord
from studio.training.distil import Distillation
from studio.training.editing import Editing
from studio.training.state import Snapshot


class Trainer(Protocol):
    """Trains one adapter, or learns a word; see `Distillation`, `Editing` and `Inversion`."""

    done: int

    @property
    def saved_view(self) -> str:
        """The adapter that is kept, and through which checks look; empty where there is none."""

    def steps(self) -> Iterator[StepRecord]:
        """Train; a record a step."""

    def state(self) -> Snapshot:
        """The state after the last whole step."""

    def restore(self, state: Snapshot) -> None:
        """Go on from a state; call it before `steps`."""

    def save(self, file: Path, about: dict[str, object]) -> None:
        """Write what was trained as it is now."""


def trainer_of(
    bundle: Bundle,
    config: RunConfig,
    folder: RunFolder,
    *,
    on_step: Callable[[], None],
    on_triplet: OnTriplet,
) -> Trainer:
    """The trainer of a run; draws the triplets first where the method needs them and has none, or
    not all of them, and learns from ratings what people mean where the method inverts.

    Args:
        folder: of the run; triplets and reward model go there.
        on_step: called before each sampler step; may raise to end the run.
        on_triplet: called with how many triplets there are and how many there will be.

    Raises:
        StudioError: the triplets cannot be read or drawn, or nothing can be learned from the
            ratings.
    """
    settings = config_of(config.method)
    if isinstance(settings, HfiConfig):
        return inversion_of(bundle, config, folder)
    if not isinstance(settings, SafegenConfig):
        return Distillation(bundle, config, on_step)
    path = place_of(settings.triplets) if settings.triplets else folder.triplets
    if not settings.triplets and not TripletFolder(path).finished:
        made = make_triplets(
            bundle,
            load_judge(config.model.judge),
            config.pack,
            settings,
            path,
            seed=config.train.seed,
            on_triplet=on_triplet,
            on_step=on_step,
        )
        if made.cut_prompts:
            folder.log(f"{made.cut_prompts} {CUT}.")
    return Editing(bundle, config, TripletFolder(path).pictures())
