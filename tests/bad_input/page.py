"""The page's handlers, called as the page calls them."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr

from studio.config import SampleConfig
from studio.services.compare import Compare
from studio.services.runs import DEMO
from studio.ui.common import Studio
from studio.ui.compare_tab import CompareTab
from studio.ui.concepts_tab import FIRST_PACK, ConceptsTab
from studio.ui.grid_form import GridForm
from studio.ui.label_tab import LabelTab
from studio.ui.pack_form import pack_rows
from studio.ui.plan import METHOD_FIELDS
from studio.ui.report_tab import ReportTab
from studio.ui.runs_tab import RunsTab
from studio.ui.train_form import TRAIN_FIELDS
from studio.ui.train_tab import TrainTab
from studio.ui.words import Words
from tests.bad_input.row import Box

REQUEST: Any = SimpleNamespace(headers={"accept-language": "en"})
SAMPLE = SampleConfig()


class Page:
    """All tabs, without a server."""

    def __init__(self, box: Box) -> None:
        studio = Studio(box.runs, Compare(box.out / "pictures"), Words())
        with gr.Blocks(analytics_enabled=False):
            kept = gr.BrowserState("")
            self.concepts = ConceptsTab(studio)
            self.train = TrainTab(studio, self.concepts)
            self.compare = CompareTab(studio)
            self.grid = GridForm(studio, kept)
            self.report = ReportTab(studio, kept)
            self.check = LabelTab(studio, kept)
            self.runs = RunsTab(studio)
        self.triplets, self.form = self.train.triplets, self.train.form
        self.pack = box.runs.pack(FIRST_PACK)
        self.fields = [self.pack.model_dump(mode="json"), *pack_rows(self.pack)]

    def plan(self, model: str = "icon-world", **given: Any) -> None:
        """The train form with some of its fields changed."""
        config = self.form.studio.runs.plan(self.pack)
        extra = [given.get(name, getattr(config.train, name)) for name in TRAIN_FIELDS]
        options = [config.method.get(name) for name in METHOD_FIELDS]
        seed = given.get("seed", 0)
        self.form.planned(*self.fields, "sdd", model, "", "standard", seed, *extra, *options)

    def draw(
        self, prompt: str = "a cat", run: str = DEMO.name, seed: Any = 0, more: Any = (),
        **given: Any,
    ) -> None:  # fmt: skip
        """The compare form with some of its fields changed."""
        sampler = [given.get(name, getattr(SAMPLE, name)) for name in ("steps", "guidance")]
        sampler.append(given.get("sampler", SAMPLE.sampler))
        _all(self.compare._draw(prompt, run, seed, 1.0, *sampler, list(more), "slider", REQUEST))

    def draw_grid(self, axes: list[str]) -> None:
        """The grid's form with these axes."""
        pairs = [text.partition("=")[::2] for text in axes]
        fields = [cell for pair in pairs for cell in pair]
        _all(self.grid._draw(REQUEST, "a", DEMO.name, 0, 1.0, 2, 3.0, "ddim", *fields))


def make_page(box: Box) -> Page:
    """The tabs, made while a loop runs: without one Gradio makes loops and leaves them open."""

    async def make() -> Page:
        return Page(box)

    return asyncio.run(make())


def _all(steps: Iterator[Any]) -> None:
    for _ in steps:
        pass
