"""Compare: same prompt, same seed, original and safeguarded, as slider, pairs or strengths."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from studio.errors import StudioError
from studio.services.compare import Request
from studio.services.runs import DEMO
from studio.services.sheet import write_sheet, write_zip
from studio.ui import drawn_view, parts, sampler_form
from studio.ui.column_choice import chosen_columns
from studio.ui.common import Studio, lines, shown_to_user, whole
from studio.ui.drawn_view import Shown
from studio.ui.queue_view import drawing_text
from studio.ui.sampler_form import SamplerForm
from studio.ui.stack_form import StackForm
from studio.ui.words import language, say
from studio.words import duration

SUGGESTED = {"gone": ("target",), "stay": ("neighbour", "unrelated")}
MOST_SUGGESTED = 6
MOST_ACROSS = 6


class CompareTab:
    """The form above, the pictures below."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        word = studio.words
        with gr.Column(elem_classes="sg-card"):
            with gr.Row(elem_classes="promptrow"):
                self.prompt = gr.Textbox(
                    label=word("prompt"),
                    info=word("prompt_info"),
                    lines=2,
                    max_lines=6,
                    elem_id="prompts",
                    scale=5,
                )
                self.run = gr.Dropdown([], label=word("run"), scale=3, elem_id="compare-run")
                self.draw = gr.Button(
                    word("draw"),
                    variant="primary",
                    scale=1,
                    elem_id="draw",
                    elem_classes="key-enter",
                )
            with gr.Row(elem_classes="suggest"):
                self.suggested = [
                    gr.Dataset(
                        components=[gr.Textbox(visible=False)],
                        samples=[],
                        label=word(f"suggest_{name}"),
                        type="values",
                        elem_classes=f"chips {name}",
                        elem_id=f"suggest-{name}",
                    )
                    for name in SUGGESTED
                ]
            with gr.Row():
                self.seed = gr.Number(0, label=word("seed"), precision=0, minimum=0)
                self.strength = gr.Slider(0, 1.5, 1.0, step=0.05, label=word("strength"))
                self.sampler = SamplerForm(studio)
            self.more = gr.Dropdown(
                [],
                multiselect=True,
                allow_custom_value=True,
                label=word("more_columns"),
                info=word("more_columns_info"),
                elem_id="more-columns",
            )
        self.shown = gr.State([])
        with gr.Column(elem_classes="sg-card"):
            with gr.Row(elem_classes="viewrow"):
                self.view = gr.Radio(
                    [(word(f"v_{name}"), name) for name in ("slider", "side", "strengths")],
                    value="slider",
                    show_label=False,
                    elem_classes="seg",
                    elem_id="view",
                )
                self.which = gr.Dropdown([], label=word("which"), visible=False)
                self.reveal = gr.Button(word("reveal"), visible=False, elem_id="reveal")
            self.note = gr.HTML(apply_default_css=False, elem_id="compare-note")
            self.headline = gr.HTML(apply_default_css=False)
            self.slider = gr.ImageSlider(
                type="filepath",
                show_label=False,
                interactive=False,
                max_height=560,
                elem_id="slider",
                buttons=["download", "fullscreen"],
            )
            self.gallery = gr.Gallery(
                show_label=False,
                visible=False,
                columns=2,
                object_fit="contain",
                height="auto",
                format="png",
                elem_id="pairs",
                interactive=False,
            )
            with gr.Row(elem_classes="actions"):
                self.stop = gr.Button(word("stop"), variant="stop", size="sm", elem_id="stop-draw")
                self.sheet = gr.DownloadButton(word("save_sheet"), size="sm", elem_id="save-sheet")
                self.zip = gr.DownloadButton(word("save_zip"), size="sm", elem_id="save-zip")
            self.stack = StackForm(studio)
        self.outputs = [
            self.shown, self.note, self.headline, self.slider, self.gallery, self.which,
            self.reveal,
        ]  # fmt: skip

    def wire(self) -> None:
        """Connect the form and the pictures."""
        given = [
            self.prompt, self.run, self.seed, self.strength, *self.sampler.fields, self.more,
            self.view,
        ]  # fmt: skip
        self.draw.click(
            self._draw,
            given,
            self.outputs,
            concurrency_limit=1,
            concurrency_id="draw",
            show_progress="hidden",
        )
        self.stop.click(self.studio.compare.stop, show_progress="hidden")
        look = [self.shown, self.view, self.which]
        parts_shown = [self.headline, self.slider, self.gallery, self.which, self.reveal]
        for part in (self.view, self.which):
            part.change(self._arrange, look, parts_shown, show_progress="hidden")
        self.reveal.click(self._reveal, look, [self.shown, *parts_shown], show_progress="hidden")
        self.sheet.click(self._sheet, [self.shown], [self.sheet])
        self.zip.click(self._zip, [self.shown], [self.zip])
        for dataset in self.suggested:
            dataset.click(_suggest, [dataset, self.prompt], [self.prompt], show_progress="hidden")
        self.stack.wire(self.shown, self.run, self.more)
        suited = [*self.sampler.fields, self.prompt, *self.suggested]
        self.run.change(self._suit, [self.run], suited, show_progress="hidden")

    def open(self, run_id: str, request: gr.Request) -> list[Any]:
        """What the tab shows when a page opens: runs, and the pictures of the example."""
        lang = language(request)
        choices = self.studio.adapters(lang)
        known = [value for _, value in choices]
        chosen = run_id if run_id in known else known[0] if known else None
        shown = self._example()
        key = "compare_empty" if shown else "nothing_compare"
        note = f'<p class="sg-sub">{say(lang, key)}</p>'
        return [
            gr.update(choices=choices, value=chosen),
            gr.update(choices=self.stack.choices(lang)),
            shown,
            note,
            *self._arrange(shown, "slider", None, request),
        ]

    def choices(self, chosen: str | None, request: gr.Request) -> Any:
        """The runs that can be compared; keeps what is chosen, but prefers one's own runs."""
        found = self.studio.adapters(language(request))
        known = [value for _, value in found]
        keep = chosen in known and chosen != DEMO.name
        return gr.update(choices=found, value=chosen if keep else known[0] if known else None)

    def show(self, run_id: str, request: gr.Request) -> list[Any]:
        """Open the tab on a run."""
        found, chosen = self.studio.adapters(language(request)), self.studio.shown_run(run_id or "")
        return [gr.Tabs(selected="compare"), gr.update(choices=found, value=chosen or None)]

    def _example(self) -> Shown:
        try:
            folder = self.studio.runs.folder(DEMO.name)
            return drawn_view.example(folder.read(), folder.config.pack, DEMO.name)
        except StudioError:
            return []

    def _suit(self, run_id: str) -> list[Any]:
        try:
            config = self.studio.runs.folder(run_id or "").config
        except StudioError:
            return [gr.skip()] * (1 + len(self.sampler.fields) + len(SUGGESTED))
        probes = {
            name: [p.prompt for p in config.pack.probes if p.kind in kinds]
            for name, kinds in SUGGESTED.items()
        }
        first = "\n".join(prompts[0] for prompts in probes.values() if prompts)
        return [
            *sampler_form.values(config.sample),
            first,
            *[
                gr.Dataset(samples=[[prompt] for prompt in prompts[:MOST_SUGGESTED]])
                for prompts in probes.values()
            ],
        ]

    def _draw(
        self,
        prompts: str,
        run_id: str,
        seed: float,
        strength: float,
        steps: float,
        guidance: float,
        sampler: str,
        more: list[str],
        view: str,
        request: gr.Request,
    ) -> Iterator[list[Any]]:
        lang = language(request)
        with shown_to_user(lang):
            folder = self.studio.runs.folder(run_id or "")
            config = folder.config
            wanted = Request(
                config.model,
                sampler_form.filled(config.sample, steps, guidance, sampler),
                lines(prompts),
                (whole(seed),),
                chosen_columns(self.studio.runs, folder.id, config.pack, strength or 0, more, view),
                config.pack.sensitivity == "sensitive",
            )
            began = time.monotonic()
            yield [gr.skip(), parts.busy(say(lang, "loading")), *[gr.skip()] * 5]
            for drawing in self.studio.compare.draw(wanted):
                if not drawing.finished:
                    text = drawing_text(drawing.done, drawing.total, drawing.behind, lang)
                    yield [gr.skip(), parts.busy(text), *[gr.skip()] * 5]
                    continue
                shown = [drawn_view.row(drawn, config.pack.shows) for drawn in drawing.pictures]
                spent = duration(time.monotonic() - began)
                note = say(lang, "drawn", count=len(shown), seconds=spent)
                line = f'<p class="sg-sub">{note}</p>'
                yield [shown, line, *self._arrange(shown, view, None, request)]
            if not drawing.finished:
                line = f'<p class="sg-sub">{say(lang, "drawing_stopped")}</p>'
                yield [gr.skip(), line, *[gr.skip()] * 5]

    def _arrange(
        self, shown: Shown, view: str, which: str | None, request: gr.Request
    ) -> list[Any]:
        lang = language(request)
        covered = any(row["covered"] for row in shown)
        prompts = list(dict.fromkeys(row["prompt"] for row in shown))
        chosen = which if which in prompts else prompts[0] if prompts else None
        pair = [row for row in shown if row["prompt"] == chosen]
        slider = view == "slider" and len(pair) >= 2
        if slider:
            content = gr.update(
                value=(drawn_view.file(pair[0]), drawn_view.file(pair[1])), visible=True
            )
            gallery = gr.update(visible=False)
        else:
            content = gr.update(visible=False)
            gallery = gr.update(
                value=[(drawn_view.file(row), drawn_view.caption(row, lang)) for row in shown],
                columns=min(MOST_ACROSS, len({row["column"] for row in shown}) or 2),
                visible=bool(shown),
            )
        several = gr.update(choices=prompts, value=chosen, visible=slider and len(prompts) > 1)
        return [
            gr.update(value=drawn_view.headline(pair, lang) if slider else ""),
            content,
            gallery,
            several,
            gr.update(visible=covered),
        ]

    def _sheet(self, shown: Shown, request: gr.Request) -> str:
        with shown_to_user(language(request)):
            return str(write_sheet(drawn_view.cells(shown), self._new_file(".png")))

    def _zip(self, shown: Shown, request: gr.Request) -> str:
        with shown_to_user(language(request)):
            return str(write_zip(drawn_view.cells(shown), self._new_file(".zip")))

    @staticmethod
    def _new_file(suffix: str) -> Path:
        return Path(tempfile.mkdtemp(prefix="studio-sheet-")) / f"compare{suffix}"

    def _reveal(self, shown: Shown, view: str, which: str | None, request: gr.Request) -> list[Any]:
        open_rows = [{**row, "covered": False} for row in shown]
        return [open_rows, *self._arrange(open_rows, view, which, request)]


def _suggest(sample: list[str], prompts: str) -> str:
    """The prompts with the suggested one added, or taken out where it is there already."""
    now, wanted = list(lines(prompts)), sample[0]
    return "\n".join([line for line in now if line != wanted] if wanted in now else [*now, wanted])
