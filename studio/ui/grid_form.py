"""A grid in the page: up to three axes, drawn as one picture."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from studio.config import Column
from studio.services.columns import run_adapter
from studio.services.grid import NAMES, Axis, Point, axis, draw_grid, legend
from studio.services.sheet import write_sheet, write_zip
from studio.ui import parts
from studio.ui.common import Studio, lines, shown_to_user, whole
from studio.ui.compare_tab import CompareTab
from studio.ui.queue_view import drawing_text
from studio.ui.sampler_form import filled
from studio.ui.words import language, say

SIDES = ("x", "y", "z")
FOLDERS, SHEET, PACKED = "studio-grid-", "grid.png", "grid.zip"
WORD_OF = {"prompt": "axis_prompt", "steps": "sampler_steps", "column": "axis_column"}
FIRST = (("strength", "0, 0.5, 1, 1.25"), ("seed", "0, 1, 2"), ("", ""))


class GridForm:
    """Below the comparison; what no axis varies is taken from the form above.

    Args:
        last: which grid was drawn last; outside of tabs, whose parts are not there at first.
    """

    def __init__(self, studio: Studio, last: gr.BrowserState) -> None:
        self.studio, self.last = studio, last
        word = studio.words
        named = [("-", ""), *((word(WORD_OF.get(name, name)), name) for name in NAMES)]
        self.axes: list[Any] = []
        with (
            gr.Column(elem_classes="sg-card"),
            gr.Accordion(word("grid_form"), open=False, elem_id="grid") as self.box,
        ):
            for side, (name, values) in zip(SIDES, FIRST, strict=True):
                with gr.Row():
                    self.axes += [
                        gr.Dropdown(
                            named, value=name, label=word(f"grid_{side}"), elem_id=f"grid-{side}"
                        ),
                        gr.Textbox(
                            values,
                            label=word("grid_values"),
                            info=word("grid_info") if side == "x" else None,
                            scale=3,
                            elem_id=f"grid-{side}-values",
                        ),
                    ]
            with gr.Row(elem_classes="actions"):
                self.stop = gr.Button(word("stop"), variant="stop", size="md", elem_id="stop-grid")
                self.draw = gr.Button(word("draw_grid"), variant="primary", elem_id="draw-grid")
            self.note = gr.HTML(apply_default_css=False, elem_id="grid-note")
            self.picture = gr.Image(
                type="filepath",
                show_label=False,
                interactive=False,
                visible=False,
                format="png",
                elem_id="grid-picture",
                buttons=["download", "fullscreen"],
            )
            self.zip = gr.DownloadButton(
                word("save_zip"), size="sm", visible=False, elem_id="grid-zip"
            )
        self.shown = [self.note, self.picture, self.zip]

    def wire(self, form: CompareTab) -> None:
        """Draw with the settings of the comparison above."""
        given = [form.prompt, form.run, form.seed, form.strength, *form.sampler.fields]
        self.draw.click(
            self._draw,
            [*given, *self.axes],
            [*self.shown, self.last],
            concurrency_limit=1,
            concurrency_id="draw",
            show_progress="hidden",
        )
        self.stop.click(self.studio.compare.stop, show_progress="hidden")

    def _draw(
        self,
        request: gr.Request,
        prompts: str,
        run_id: str,
        seed: float,
        strength: float,
        steps: float,
        guidance: float,
        sampler: str,
        *axes: str,
    ) -> Iterator[list[Any]]:
        lang = language(request)
        with shown_to_user(lang):
            studio = self.studio
            config = studio.runs.folder(run_id or "").config
            use = run_adapter(studio.runs, run_id, strength) if strength else None
            start = Point(
                next(iter(lines(prompts)), ""),
                whole(seed),
                Column(adapters=(use,) if use else ()),
                filled(config.sample, steps, guidance, sampler),
            )
            wanted = _axes(axes)
            for done in draw_grid(studio.runs, studio.compare, run_id, start, wanted):
                text = drawing_text(done.done, done.total, done.behind, lang)
                yield [parts.busy(text), *[gr.skip()] * 3]
            if not done.cells:
                note = f'<p class="sg-sub">{say(lang, "drawing_stopped")}</p>'
                yield [note, *[gr.skip()] * 3]
                return
            folder, told = Path(tempfile.mkdtemp(prefix=FOLDERS)), legend(start, wanted)
            write_sheet(done.cells, folder / SHEET, told)
            write_zip(done.cells, folder / PACKED, told)
            name = folder.name.removeprefix(FOLDERS)
            yield [*self._finished(folder, len(done.cells), lang), f"{name} {len(done.cells)}"]

    def again(self, last: str, request: gr.Request) -> list[Any]:
        """The grid that was drawn last, when its page opens again."""
        name, _, count = str(last or "").partition(" ")
        folder = Path(tempfile.gettempdir()) / f"{FOLDERS}{name}"
        if not (re.fullmatch(r"\w+", name) and count.isdigit() and (folder / PACKED).exists()):
            return [gr.skip()] * (1 + len(self.shown))
        opened = gr.update(open=True)
        return [opened, *self._finished(folder, int(count), language(request))]

    @staticmethod
    def _finished(folder: Path, count: int, lang: str) -> list[Any]:
        return [
            f'<p class="sg-sub">{say(lang, "grid_done", count=count)}</p>',
            gr.update(value=str(folder / SHEET), visible=True),
            gr.update(value=str(folder / PACKED), visible=True),
        ]


def _axes(fields: tuple[str, ...]) -> list[Axis]:
    pairs = zip(fields[::2], fields[1::2], strict=True)
    return [axis(f"{name}={values}") for name, values in pairs if name]
