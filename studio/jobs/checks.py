"""Draw a run's probes again and again, and ask the judge what they show."""

import time
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path

import torch

from studio.config import Probe
from studio.evaluation.judge import load_judge
from studio.evaluation.pictures import draw_all
from studio.evaluation.rates import wilson
from studio.jobs.drawing import told_cut
from studio.jobs.rated_judge import rated_judges
from studio.jobs.run_folder import RunFolder
from studio.models import adapters
from studio.models.finite import broken_model, finite_rows
from studio.models.loading import Bundle
from studio.models.sampler import to_pil
from studio.models.text import is_cut
from studio.pictures import save_png
from studio.records import CheckRecord, Rate

MOST_PROBES = 24
SHOWN_LETTERS = 40  # of a prompt, in the log


def looked_at(probes: Sequence[Probe], most: int = MOST_PROBES) -> list[int]:
    """Places of the probes that checks draw: all, or the first of each kind in turn.

    A pack may have many more probes than can be drawn again and again while a run trains.
    """
    kinds: dict[str, list[int]] = {}
    for place, probe in enumerate(probes):
        kinds.setdefault(probe.kind, []).append(place)
    turns = [place for turn in zip_longest(*kinds.values()) for place in turn if place is not None]
    return sorted(turns[:most])


class Checks:
    """The probes of one run, always the same ones with the same seeds."""

    def __init__(
        self, folder: RunFolder, bundle: Bundle, view: str, on_step: Callable[[], None]
    ) -> None:
        self._folder, self._bundle, self._view = folder, bundle, view
        self._on_step = on_step
        self._config = folder.config
        self._places = looked_at(self._config.pack.probes)
        self._judge = load_judge(self._config.model.judge)
        self._people = rated_judges(folder)
        self.seconds = 0.0

    def left(self, step: int) -> int:
        """How many checks are still to come after this step."""
        total, every = self._config.train.steps, self._config.train.check_every
        return len({*range(every, total + 1, every), total} - set(range(step + 1)))

    def look(self, step: int) -> None:
        """Draw all probes through the adapter, write the pictures and what the judge sees.

        Raises:
            StudioError: the base, before any step, draws what is not finite.
        """
        probes = [self._probe(place) for place in self._places]
        if not probes:
            return
        began = time.monotonic()
        views = (self._view,) if step and self._view else ()
        prompts, seeds = [p.prompt for p in probes], [p.seed for p in probes]
        cut = [prompt for prompt in prompts if is_cut(self._bundle, prompt)]
        if cut and not step:
            self._folder.log(told_cut([repr(prompt[:SHOWN_LETTERS]) for prompt in cut]))
        with adapters.use(self._bundle.unet, *views):
            sample, on_step = self._config.sample, self._on_step
            drawn = draw_all(self._bundle, prompts, seeds, sample, on_step=on_step, cut=True)
            parts = list(drawn)
        pictures = torch.cat(parts)
        whole = finite_rows(pictures)
        if not step and not all(whole):
            raise broken_model(self._config.model.title.en)
        places = [place for place, good in zip(self._places, whole, strict=True) if good]
        pictures, told = pictures[whole], [self._probe(place) for place in places]
        files = [self._folder.sample(step, p, self._probe(p).seed) for p in places]
        for file, probe, image in zip(files, told, to_pil(pictures), strict=True):
            save_png(image, file, self._parameters(probe.prompt, probe.seed, step))
        shows: list[bool | None] = [None] * len(self._config.pack.probes)
        if self._judge is not None and places:
            answers = self._judge.shows(pictures, [probe.shows for probe in told])
            for place, probe, seen in zip(places, told, answers, strict=True):
                shows[place] = seen if probe.shows else None
        self._ask_people(places, files, shows)
        if len(places) < len(probes):
            self._folder.log(
                f"{len(probes) - len(places)} of {len(probes)} probes came out as no numbers "
                "(NaN): not measured."
            )
        self._folder.append_check(self._record(step, shows), shows)
        self.seconds = time.monotonic() - began
        self._folder.log(
            f"Looked at {len(probes)} probes after {step} steps: {self.seconds:.1f} s."
        )

    def _ask_people(
        self, places: Sequence[int], files: Sequence[Path], shows: list[bool | None]
    ) -> None:
        """Pictures of learned words, which no word names, are judged by what people said."""
        asked = [
            (place, file)
            for place, file in zip(places, files, strict=True)
            if self._probe(place).kind == "target" and not self._probe(place).shows
        ]
        for people in self._people if asked else ():
            answers = people.shows([file for _, file in asked])
            for (place, _), seen in zip(asked, answers, strict=True):
                shows[place] = bool(shows[place]) or seen

    def _probe(self, place: int) -> Probe:
        return self._config.pack.probes[place]

    def _record(self, step: int, shows: list[bool | None]) -> CheckRecord:
        def rate(kind: str) -> Rate:
            pairs = zip(self._config.pack.probes, shows, strict=True)
            seen = [answer for probe, answer in pairs if probe.kind == kind and answer is not None]
            return wilson(sum(seen), len(seen))

        return CheckRecord(step, rate("target"), rate("neighbour"), rate("unrelated"))

    def _parameters(self, prompt: str, seed: int, step: int) -> dict[str, object]:
        sample = self._config.sample
        return {
            "prompt": prompt,
            "seed": seed,
            "steps": sample.steps,
            "cfg_scale": sample.guidance,
            "sampler": sample.sampler.upper(),
            "model": self._config.model.id,
            "adapter": f"{self._folder.id} step {step}" if step else "none",
        }
