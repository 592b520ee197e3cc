"""Train: how, on what, how long; then the run, live, from its folder."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

import gradio as gr

from studio.config import Pack
from studio.errors import StudioError
from studio.records import Progress
from studio.services.runs import DEMO
from studio.ui import parts, run_view, wall
from studio.ui.common import REFRESH_SECONDS, TICK, Studio, follow, shown_to_user
from studio.ui.concepts_tab import ConceptsTab
from studio.ui.train_form import TrainForm
from studio.ui.triplets_card import TripletsCard
from studio.ui.words import language, say

EFFORTS = {"quick": 0.5, "standard": 1.0, "thorough": 2.0}


class TrainTab:
    """The form of a run above, the run in view below."""

    def __init__(self, studio: Studio, concepts: ConceptsTab) -> None:
        self.studio, self.concepts = studio, concepts
        word = studio.words
        self.form = TrainForm(studio, concepts)
        self.triplets = TripletsCard(studio)
        self.run_id = gr.BrowserState("", storage_key="studio-run", secret="studio")
        self.seen = gr.State("")
        with gr.Column(elem_classes="sg-card", elem_id="run"):
            self.block = gr.HTML(apply_default_css=False, elem_id="progress")
            with gr.Row(elem_classes="actions"):
                self.again = gr.Button(word("new_run"), size="md", visible=False, elem_id="again")
                self.sample = gr.Button(word("sample_now"), visible=False, elem_id="sample-now")
                self.save = gr.Button(word("save_now"), size="md", visible=False)
                self.stop = gr.Button(
                    word("stop"), variant="stop", size="md", visible=False, elem_id="stop"
                )
                self.smaller = gr.Button(size="md", visible=False, elem_id="smaller")
                self.compare = gr.Button(
                    word("open_compare"),
                    variant="primary",
                    size="md",
                    visible=False,
                    elem_id="open-compare",
                )
        with gr.Row(visible=False) as self.charts:
            with gr.Column(scale=3, elem_classes="sg-card", min_width=320):
                self.safety_head = gr.HTML(apply_default_css=False)
                self.safety = _chart("safety", "Share of probe pictures that still show it")
            with gr.Column(scale=2, elem_classes="sg-card", min_width=300):
                self.loss_head = gr.HTML(apply_default_css=False)
                self.loss = _chart("loss", "Loss by step", run_view.SWITCHES)
        with gr.Column(elem_classes="sg-card", visible=False) as self.samples:
            self.samples_head = gr.HTML(apply_default_css=False)
            self.wall = gr.HTML(apply_default_css=False, elem_id="wall")
            with gr.Accordion(word("log"), open=False):
                self.log = gr.HTML(apply_default_css=False)
        self.view = [
            self.seen, self.block, self.sample, self.save, self.stop, self.compare, self.charts,
            self.safety_head, self.safety, self.loss_head, self.loss, self.samples,
            self.samples_head, self.wall, self.log, self.smaller,
        ]  # fmt: skip
        self.timer = gr.Timer(REFRESH_SECONDS, active=False)

    def wire(self, tab: gr.Tab, blur: gr.Checkbox) -> None:
        """Connect the form and the run in view."""
        self.form.wire()
        setup = [self.form.row, self.again]
        self.form.start.click(
            self._start,
            self.form.given,
            [self.run_id, self.seen, *setup],
            show_progress="minimal",
        )
        self.again.click(self.set_up, None, setup, show_progress="hidden")
        self.triplets.wire(self.concepts.fields, self.form.method, self.form.named, blur)
        watch = [self.run_id, self.seen, blur]
        tab.select(self.refresh, watch, self.view, **TICK)
        follow(self.timer, self._is_new, self.refresh, watch, self.view)
        blur.change(self.opened, [self.run_id, blur], self.view, show_progress="hidden")
        for button, what in ((self.sample, "sample"), (self.save, "save")):
            button.click(self._asks(what), [self.run_id], show_progress="hidden")
        self.stop.click(self._stop, [self.run_id])
        self.smaller.click(
            self._start_smaller, [self.run_id], [self.run_id, self.seen], show_progress="hidden"
        )

    @staticmethod
    def set_up() -> list[Any]:
        """Show the form of a new run above the run in view."""
        return [gr.update(visible=True), gr.update(visible=False)]

    def _start(self, request: gr.Request, *values: Any) -> list[Any]:
        with shown_to_user(language(request)):
            run_id = self.studio.runs.start(self.form.planned(*values))
        return [run_id, "", gr.update(visible=False), gr.update(visible=True)]

    def form_at_open(self) -> list[Any]:
        """While a run is at work the page opens with it, the form folded away."""
        busy = self.studio.runs.current() is not None
        return [gr.update(visible=not busy), gr.update(visible=busy)]

    def _start_smaller(self, run_id: str, request: gr.Request) -> list[str]:
        with shown_to_user(language(request)):
            return [self.studio.runs.start_smaller(self.studio.shown_run(run_id)), ""]

    def _stop(self, run_id: str, request: gr.Request) -> None:
        with shown_to_user(language(request)):
            self.studio.runs.stop(self.studio.shown_run(run_id))

    def _asks(self, what: str) -> Callable[[str, gr.Request], None]:
        def ask(run_id: str, request: gr.Request) -> None:
            with shown_to_user(language(request)):
                self.studio.runs.ask(self.studio.shown_run(run_id), what)

        return ask

    def opened(self, run_id: str, blur: bool, request: gr.Request) -> list[Any]:
        """The run in view when a page opens."""
        return self.refresh(run_id, "", blur, request)

    def refresh(self, run_id: str, seen: str, blur: bool, request: gr.Request) -> list[Any]:
        """The run in view, from its folder; nothing is sent when nothing changed."""
        lang = language(request)
        progress, pack = self._in_view(run_id)
        stamp = _stamp(progress, lang, blur)
        if stamp == seen:
            return [gr.skip()] * len(self.view)
        same_wall = seen.split("|")[0] == stamp.split("|")[0]
        covered = blur and pack is not None and pack.sensitivity == "sensitive"
        return [stamp, *self._pieces(progress, pack, lang, covered, same_wall)]

    def _is_new(self, run_id: str, seen: str, blur: bool, request: gr.Request) -> bool:
        progress, _ = self._in_view(run_id)
        return _stamp(progress, language(request), blur) != seen

    def _in_view(self, run_id: str) -> tuple[Progress | None, Pack | None]:
        shown = self.studio.shown_run(run_id or "")
        try:
            progress = self.studio.runs.progress(shown) if shown else None
            pack = self.studio.runs.folder(shown).config.pack if shown else None
        except StudioError:
            return None, None
        return progress, pack

    def _pieces(
        self,
        progress: Progress | None,
        pack: Pack | None,
        lang: str,
        covered: bool,
        same_wall: bool,
    ) -> list[Any]:
        alive = progress is not None and progress.status.state.alive
        there = progress is not None
        note = ended = ""
        if progress is not None and pack is not None and progress.adapter and not alive:
            ended = run_view.ended(progress, lang) + wall.pairs(
                progress, pack, lang, covered=covered
            )
        if progress is not None and progress.run_id == DEMO.name:
            note = f'<p class="sg-cap">{say(lang, "example")}</p>'
        safety = run_view.safety_chart(progress, lang)
        legend = (
            f'<span class="sg-legend"><span><i class="sg-d still"></i>{say(lang, "still")}</span>'
            f'<span><i class="sg-d gone">{parts.icon("check")}</i>{say(lang, "gone")}</span></span>'
        )
        log = progress.log_tail if progress else ""
        less = run_view.smaller(progress, lang)
        return [
            run_view.progress_block(progress, lang) + ended + note,
            *[gr.update(visible=alive)] * 3,
            gr.update(visible=bool(ended)),
            gr.update(visible=there),
            parts.head(say(lang, "safety_title"), _who_judges(pack, lang, measured=bool(safety))),
            safety,
            parts.head(say(lang, "loss_title"), say(lang, "loss_sub")),
            run_view.loss_chart(progress, lang),
            gr.update(visible=there),
            parts.head(say(lang, "samples"), say(lang, "samples_sub"), legend),
            gr.skip()
            if same_wall
            else gr.update(value=wall.samples(progress, pack, lang, covered=covered)),
            f'<pre class="sg-log">{escape(log)}</pre>',
            gr.update(value=less, visible=bool(less)),
        ]


def _who_judges(pack: Pack | None, lang: str, *, measured: bool) -> str:
    """What stands under the title of the safety curve."""
    told = say(lang, "safety_sub")
    if not measured:
        return f"{told} ({say(lang, 'not_measured')})"
    learned = pack is not None and any(token.run for token in pack.tokens)
    return f"{told} {say(lang, 'safety_rated')}" if learned else told


def _stamp(progress: Progress | None, lang: str, blur: bool) -> str:
    """Changes when the wall must be drawn anew (before the bar) or anything else (after it)."""
    if progress is None:
        return f"none {lang}|"
    status = progress.status
    pictures = f"{progress.run_id} {len(progress.samples)} {len(progress.checks)} {lang} {blur}"
    rest = f"{status.state} {status.step} {status.seconds_left} {len(progress.log_tail)}"
    return f"{pictures}|{rest} {progress.behind} {progress.title}"


def _chart(key: str, label: str, options: Iterable[str] = ()) -> gr.HTML:
    return gr.HTML(
        value=None,
        html_template=run_view.chart_template(key, label, options),
        js_on_load=run_view.CHART_JS,
        apply_default_css=False,
        elem_id=f"chart-{key}",
    )
