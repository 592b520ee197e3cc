"""What a visitor may see and draw: finished runs, and pictures that are blurred where it is due."""

import base64
import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from studio.config import Column, ModelCard, RunConfig
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.pictures import cover_of, open_picture
from studio.records import Drawn, Progress, State
from studio.services.columns import run_adapter
from studio.services.compare import Compare, Drawing, Request, sampled
from studio.services.runs import Runs
from studio.services.sharing.limits import Limits, Ration
from studio.world import ROOT

LATENT_PX = 8  # pixels a latent cell of Stable Diffusion covers
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Wish:
    """What a visitor wants to see, as it came over the wire."""

    run_id: str
    prompt: str
    seed: float
    strength: float
    steps: float


@dataclass(frozen=True)
class Seen:
    """A picture as a visitor gets it.

    Attributes:
        data: the picture, or its blurred copy, as a data address.
        covered: whether it is the blurred copy.
    """

    drawn: Drawn
    data: str
    covered: bool


class Visits:
    """Everything that strangers can ask of the studio."""

    def __init__(self, runs: Runs, compare: Compare, limits: Limits) -> None:
        self._runs, self._compare, self.limits = runs, compare, limits
        self._ration = Ration(limits)

    def runs(self) -> list[Progress]:
        """Runs that are finished and draw small enough pictures, newest first."""
        return [run for run in self._runs.list() if self._fits(run)]

    def config(self, run_id: str) -> RunConfig:
        """What a run was made of.

        Raises:
            StudioError: it is none of `runs`.
        """
        return self._folder(run_id).config

    def draw(self, visitor: str, wish: Wish) -> Iterator[Drawing | tuple[Seen, ...]]:
        """Draw original and safeguarded picture; progress, then what the visitor gets.

        The files are gone when this ends: nobody else can ask for them.

        Raises:
            StudioError: something is beyond the limits, or cannot be drawn.
        """
        folder = self._folder(wish.run_id)
        config = folder.config
        request = self._request(folder, config, wish)
        self._ration.take(visitor, len(request.columns))
        covered = hidden(config, request.prompts[0])
        with tempfile.TemporaryDirectory(prefix="studio-visitor-") as place:
            own = replace(request, folder=Path(place), sensitive=covered)
            for drawing in self._compare.draw(own):
                if drawing.finished:
                    yield tuple(_seen(drawn, covered) for drawn in drawing.pictures)
                else:
                    yield drawing

    def _request(self, folder: RunFolder, config: RunConfig, wish: Wish) -> Request:
        prompt = (wish.prompt or "").strip()
        if len(prompt) > self.limits.letters:
            raise StudioError(
                f"The prompt has more than {self.limits.letters} letters.", "Shorten it."
            )
        if not 1 <= (wish.steps or 0) <= self.limits.steps:
            raise StudioError(
                f"At most {self.limits.steps} steps are drawn here.", "Ask for fewer steps."
            )
        if not 0 <= (wish.seed or 0) <= LARGEST_SEED:
            raise StudioError(f"The seed is not between 0 and {LARGEST_SEED}.", "Change it.")
        use = run_adapter(self._runs, folder.id, float(wish.strength or 0))
        return Request(
            config.model,
            sampled(config.sample, steps=int(wish.steps)),
            (prompt,),
            (int(wish.seed or 0),),
            (Column(), Column(adapters=(use,))),
        )

    def _folder(self, run_id: str) -> RunFolder:
        if run_id not in [run.run_id for run in self.runs()]:
            raise StudioError("This run is not shown here.", "Choose one from the list of runs.")
        return self._runs.folder(run_id)

    def _fits(self, run: Progress) -> bool:
        if run.status.state is not State.DONE or run.adapter is None:
            return False
        size = model_size_px(self._runs.folder(run.run_id).config.model)
        return size is not None and size <= self.limits.size_px


def hidden(config: RunConfig, prompt: str) -> bool:
    """Whether a visitor gets only the blurred copies of a prompt's pictures.

    Those of sensitive packs; and where a model can draw anything, those of every prompt that the
    pack's author did not write.
    """
    if config.pack.sensitivity == "sensitive":
        return True
    known = {probe.prompt for probe in config.pack.probes}
    return config.model.judge is None and prompt not in known


def model_size_px(card: ModelCard) -> int | None:
    """Side of a model's pictures, pixels; None where nothing tells."""
    if card.size_px:
        return card.size_px
    try:
        text = (ROOT / card.source / "unet" / "config.json").read_text(encoding="utf-8")
        return int(json.loads(text)["sample_size"]) * LATENT_PX
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _seen(drawn: Drawn, covered: bool) -> Seen:
    """The picture inside the page: no address that somebody else could ask for.

    It is written anew, so that nothing but the pixels goes out.
    """
    buffer = io.BytesIO()
    image = open_picture(cover_of(drawn.path) if covered else drawn.path)
    image.save(buffer, format="WEBP", quality=92)
    told = base64.b64encode(buffer.getvalue()).decode()
    return Seen(drawn, f"data:image/webp;base64,{told}", covered)
