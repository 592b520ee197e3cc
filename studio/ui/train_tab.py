"""Train: how, on what, how long; then the run, live, from its folder."""

from html import escape
from typing import Any, Literal, get_args, get_origin

import gradio as gr
from pydantic.fields import FieldInfo

from studio.config import Pack, RunConfig, TrainConfig
from studio.errors import StudioError
from studio.methods import METHODS
from studio.presets import check, find_model, load_models
from studio.records import Progress
from studio.services.runs import DEMO
from studio.ui import parts, run_view
from studio.ui.common import REFRESH_SECONDS, Studio, shown_to_user
from studio.ui.concepts_tab import FIRST_PACK, ConceptsTab, pack_of
from studio.ui.words import WORDS, language, say

EFFORTS = {"quick": 0.5, "standard": 1.0, "thorough": 2.0}
TRAIN_FIELDS = ("steps", "lr", "rank", "batch", "check_every")
METHOD_FIELDS = ("keep_weight", "null_from", "save", "layers", "use_synonyms")


class TrainTab:
    """The form of a run above, the run in view below."""

    def __init__(self, studio: Studio, concepts: ConceptsTab) -> None:
        self.studio, self.concepts = studio, concepts
        word = studio.words
        with gr.Row():
            with gr.Column(scale=3, elem_classes="sg-card", min_width=320):
                self.method = gr.Radio(
                    [(word(f"m_{name}"), name) for name in METHODS],
                    value="sdd",
                    label=word("method"),
                    elem_classes="choice-cards",
                )
                self.model = gr.Dropdown(
                    [(card.title.en, card.id) for card in load_models().values()],
                    value="icon-world",
                    label=word("model"),
                    info=word("model_info"),
                    allow_custom_value=True,
                    elem_id="model",
                )
                with gr.Row():
                    self.effort = gr.Radio(
                        [(word(name), name) for name in EFFORTS],
                        value="standard",
                        label=word("effort"),
                        elem_classes="seg",
                    )
                    self.seed = gr.Number(
                        0, label=word("seed"), precision=0, minimum=0, interactive=True
                    )
                with gr.Accordion(word("advanced"), open=False):
                    first = studio.runs.plan(studio.runs.pack(FIRST_PACK))
                    self.extra = [
                        _field(
                            name, TrainConfig.model_fields[name], getattr(first.train, name), word
                        )
                        for name in TRAIN_FIELDS
                    ]
                    options = METHODS["sdd"].config.model_fields
                    self.options = [
                        _field(name, options[name], first.method[name], word)
                        for name in METHOD_FIELDS
                    ]
            with gr.Column(scale=2, elem_classes="sg-card", min_width=280):
                self.plan = gr.HTML(apply_default_css=False, elem_id="plan")
                with gr.Row(elem_classes="actions"):
                    self.start = gr.Button(word("start"), variant="primary", elem_id="start")
        self.run_id = gr.BrowserState("", storage_key="studio-run", secret="studio")
        self.seen = gr.State("")
        with gr.Column(elem_classes="sg-card", elem_id="run"):
            self.block = gr.HTML(apply_default_css=False, elem_id="progress")
            with gr.Row(elem_classes="actions", visible=False) as self.buttons:
                self.sample = gr.Button(word("sample_now"), size="md")
                self.save = gr.Button(word("save_now"), size="md")
                self.stop = gr.Button(word("stop"), variant="stop", size="md", elem_id="stop")
        with gr.Row(visible=False) as self.charts:
            with gr.Column(scale=3, elem_classes="sg-card", min_width=320):
                self.safety_head = gr.HTML(apply_default_css=False)
                self.safety = _chart("safety", "Share of probe pictures that still show it")
            with gr.Column(scale=2, elem_classes="sg-card", min_width=300):
                self.loss_head = gr.HTML(apply_default_css=False)
                switches = {key: WORDS[name][0] for key, name in _SWITCHES.items()}
                self.loss = _chart("loss", "Loss by step", switches)
        with gr.Column(elem_classes="sg-card", visible=False) as self.samples:
            self.samples_head = gr.HTML(apply_default_css=False)
            self.wall = gr.HTML(apply_default_css=False, elem_id="wall")
            with gr.Accordion(word("log"), open=False):
                self.log = gr.HTML(apply_default_css=False)
        self.view = [
            self.seen, self.block, self.buttons, self.charts, self.safety_head, self.safety,
            self.loss_head, self.loss, self.samples, self.samples_head, self.wall, self.log,
        ]  # fmt: skip
        self.timer = gr.Timer(REFRESH_SECONDS)

    def wire(self, blur: gr.Checkbox) -> None:
        """Connect the form and the run in view."""
        form = [self.method, self.model, self.effort, self.seed, *self.extra, *self.options]
        given = [*self.concepts.fields, *form]
        for part in (self.method, self.model, self.effort, self.seed, *self.extra, *self.options):
            part.change(self.show_plan, given, [self.plan], show_progress="hidden")
        suited = [*self.extra, *self.options]
        about = [self.concepts.base, self.model, self.effort]
        for part in (self.model, self.effort):
            part.input(self.suit, about, suited, show_progress="hidden")
        self.concepts.choice.input(self.suit_pack, [self.concepts.choice, *about[1:]], suited)
        self.start.click(self._start, given, [self.run_id, self.seen], show_progress="minimal")
        watch = [self.run_id, self.seen, blur]
        self.timer.tick(
            self.refresh, watch, self.view, show_progress="hidden", concurrency_limit=None
        )
        blur.change(self.opened, [self.run_id, blur], self.view, show_progress="hidden")
        for button, what in ((self.sample, "sample"), (self.save, "save")):
            button.click(lambda run_id, what=what: self._ask(run_id, what), [self.run_id])
        self.stop.click(self._stop, [self.run_id])

    def planned(self, *values: Any) -> RunConfig:
        """The run that the filled form describes; StudioError when something is wrong."""
        pack = pack_of(*values[:4])
        method, model, _, seed = values[4:8]
        train = dict(zip(TRAIN_FIELDS, values[8 : 8 + len(TRAIN_FIELDS)], strict=True))
        options = dict(zip(METHOD_FIELDS, values[8 + len(TRAIN_FIELDS) :], strict=True))
        return self.studio.runs.plan(
            pack,
            find_model(str(model or "")),
            method={**pack.method, "name": method, **options},
            overrides={key: _whole(value) for key, value in {**train, "seed": seed}.items()},
        )

    def suit_pack(self, name: str, model: str, effort: str) -> list[Any]:
        """The settings that suit a pack of the list."""
        with shown_to_user():
            return self.suit(self.studio.runs.pack(name).model_dump(mode="json"), model, effort)

    def suit(self, base: dict[str, Any], model: str, effort: str) -> list[Any]:
        """The settings that suit a pack and a model, more or fewer steps by effort."""
        with shown_to_user():
            pack = check(Pack, base, "This list")
            config = self.studio.runs.plan(pack, find_model(str(model or "")))
        steps = max(1, round(config.train.steps * EFFORTS[effort]))
        train = {**config.train.model_dump(), "steps": steps}
        return [train[name] for name in TRAIN_FIELDS] + [
            config.method.get(name) for name in METHOD_FIELDS
        ]

    def show_plan(self, request: gr.Request, *values: Any) -> str:
        """What the filled form would do, or what is wrong with it."""
        lang = language(request)
        try:
            return plan_html(self.planned(*values), lang, self.studio.runs.current() is not None)
        except StudioError as error:
            return parts.trouble("attention", error.what, error.way_out, lang)

    def _start(self, request: gr.Request, *values: Any) -> tuple[str, str]:
        with shown_to_user(language(request)):
            return self.studio.runs.start(self.planned(*values)), ""

    def _stop(self, run_id: str) -> None:
        with shown_to_user():
            self.studio.runs.stop(self.studio.shown_run(run_id))

    def _ask(self, run_id: str, what: str) -> None:
        with shown_to_user():
            self.studio.runs.ask(self.studio.shown_run(run_id), what)

    def opened(self, run_id: str, blur: bool, request: gr.Request) -> list[Any]:
        """The run in view when a page opens."""
        return self.refresh(run_id, "", blur, request)

    def refresh(self, run_id: str, seen: str, blur: bool, request: gr.Request) -> list[Any]:
        """The run in view, from its folder; nothing is sent when nothing changed."""
        lang = language(request)
        shown = self.studio.shown_run(run_id or "")
        try:
            progress = self.studio.runs.progress(shown) if shown else None
            pack = self.studio.runs.folder(shown).config.pack if shown else None
        except StudioError:
            progress, pack = None, None
        stamp = _stamp(progress, lang, blur)
        if stamp == seen:
            return [gr.skip()] * len(self.view)
        wall_stamp = stamp.split("|")[0]
        same_wall = seen.split("|")[0] == wall_stamp
        covered = blur and pack is not None and pack.sensitivity == "sensitive"
        return [stamp, *self._pieces(progress, pack, lang, covered, same_wall)]

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
        note = ""
        if progress is not None and progress.run_id == DEMO.name:
            note = f'<p class="sg-cap">{say(lang, "example")}</p>'
        safety = run_view.safety_chart(progress, lang)
        legend = (
            f'<span class="sg-legend"><span><i class="sg-d still"></i>{say(lang, "still")}</span>'
            f'<span><i class="sg-d gone">{parts.icon("check")}</i>{say(lang, "gone")}</span></span>'
        )
        unmeasured = "" if safety else f" ({say(lang, 'not_measured')})"
        log = progress.log_tail if progress else ""
        return [
            run_view.progress_block(progress, lang) + note,
            gr.update(visible=alive),
            gr.update(visible=there),
            parts.head(say(lang, "safety_title"), say(lang, "safety_sub") + unmeasured),
            safety,
            parts.head(say(lang, "loss_title"), say(lang, "loss_sub")),
            run_view.loss_chart(progress, lang),
            gr.update(visible=there),
            parts.head(say(lang, "samples"), say(lang, "samples_sub"), legend),
            gr.skip() if same_wall else run_view.wall(progress, pack, lang, covered=covered),
            f'<pre class="sg-log">{escape(log)}</pre>',
        ]


_SWITCHES = {"smooth": "smooth", "log": "log_scale", "clip": "clip"}


def _stamp(progress: Progress | None, lang: str, blur: bool) -> str:
    """Changes when the wall must be drawn anew (before the bar) or anything else (after it)."""
    if progress is None:
        return f"none {lang}|"
    status = progress.status
    pictures = f"{progress.run_id} {len(progress.samples)} {len(progress.checks)} {lang} {blur}"
    rest = f"{status.state} {status.step} {status.seconds_left} {len(progress.log_tail)}"
    return f"{pictures}|{rest}"


def _chart(key: str, label: str, options: dict[str, str] | None = None) -> gr.HTML:
    return gr.HTML(
        value=None,
        html_template=run_view.chart_template(key, label, options),
        js_on_load=run_view.CHART_JS,
        apply_default_css=False,
        elem_id=f"chart-{key}",
    )


def _field(name: str, field: FieldInfo, value: Any, word: Any) -> Any:
    """A component for a setting, made from its type."""
    label = word(f"f_{name}") if f"f_{name}" in WORDS else name
    kind = field.annotation
    if get_origin(kind) is Literal:
        return gr.Dropdown(list(get_args(kind)), value=value, label=label)
    if kind is bool:
        return gr.Checkbox(value, label=label)
    return gr.Number(value, label=label, precision=0 if kind is int else None, interactive=True)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def plan_html(config: RunConfig, lang: str, busy: bool) -> str:
    """What would happen, and the same as a command."""
    train = config.train
    title = config.model.title.zh if lang == "zh" else config.model.title.en
    line = say(
        lang,
        "plan_line",
        method=METHODS[str(config.method["name"])].title,
        model=escape(title),
        steps=train.steps,
        batch=train.batch,
        rank=train.rank,
        seed=train.seed,
    )
    removed = "".join(parts.pill("removed", concept.name) for concept in config.pack.remove)
    kept = "".join(parts.pill("kept", phrase) for phrase in config.pack.keep[:8])
    more = (
        f'<span class="sg-cap">+ {len(config.pack.keep) - 8}</span>'
        if len(config.pack.keep) > 8
        else ""
    )
    command = (
        f"python -m studio train {config.pack.id} --model {config.model.id} "
        f"--method {config.method['name']} --steps {train.steps} --seed {train.seed}"
    )
    wait = f'<p class="sg-cap">{say(lang, "queue_add")}</p>' if busy else ""
    return (
        f"{parts.head(say(lang, 'plan_title'), line)}"
        f'<h3 class="sg-h3">{say(lang, "plan_removes")}</h3><p class="sg-tags">{removed}</p>'
        f'<h3 class="sg-h3">{say(lang, "plan_keeps")}</h3><p class="sg-tags">{kept}{more}</p>'
        f'<h3 class="sg-h3">{say(lang, "command")}</h3>'
        f'<pre class="sg-log">{escape(command)}</pre>{wait}'
    )
