"""The form of a run: method, model, settings; and what it would do, in words."""

from typing import Any

import gradio as gr

from studio.config import Pack, RunConfig, TrainConfig
from studio.errors import StudioError
from studio.methods import METHODS, get_method
from studio.presets import check, find_model
from studio.safeguards import load_method_presets
from studio.ui import parts
from studio.ui.common import Studio, shown_to_user, whole
from studio.ui.concepts_tab import FIRST_PACK, ConceptsTab
from studio.ui.pack_form import pack_of
from studio.ui.plan import METHOD_FIELDS, method_fields, model_titles, plan_html, setting
from studio.ui.words import language, say

EFFORTS = {"quick": 0.5, "standard": 1.0, "thorough": 2.0}
TRAIN_FIELDS = (
    "steps", "lr", "rank", "batch", "check_every", "accumulate", "schedule", "warm_up", "optimiser",
    "beta1", "beta2", "weight_decay", "clip",
)  # fmt: skip


class TrainForm:
    """What a run is made of, beside the list of concepts."""

    def __init__(self, studio: Studio, concepts: ConceptsTab) -> None:
        self.studio, self.concepts = studio, concepts
        word = studio.words
        with gr.Row(elem_id="setup") as self.row:
            with gr.Column(scale=3, elem_classes="sg-card", min_width=320):
                self.method = gr.Radio(
                    [(word(f"m_{name}"), name) for name in METHODS],
                    value="sdd",
                    label=word("method"),
                    elem_classes="choice-cards",
                )
                self.model = gr.Dropdown(
                    model_titles("en"),
                    value="icon-world",
                    label=word("model"),
                    info=word("model_info"),
                    allow_custom_value=True,
                    elem_id="model",
                )
                self.preset = gr.Dropdown(
                    presets_of("sdd", "en"),
                    value="",
                    label=word("preset"),
                    elem_id="preset",
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
                        setting(
                            name, TrainConfig.model_fields[name], getattr(first.train, name), word
                        )
                        for name in TRAIN_FIELDS
                    ]
                    self.options = [
                        setting(
                            name,
                            field,
                            first.method.get(name, field.default),
                            word,
                            visible=name in first.method,
                        )
                        for name, field in method_fields().items()
                    ]
            with gr.Column(scale=2, elem_classes="sg-card", min_width=280):
                self.plan = gr.HTML(apply_default_css=False, elem_id="plan")
                with gr.Row(elem_classes="actions"):
                    self.start = gr.Button(word("start"), variant="primary", elem_id="start")
        self.form = [
            self.method, self.model, self.preset, self.effort, self.seed, *self.extra,
            *self.options,
        ]  # fmt: skip
        self.given = [*concepts.fields, *self.form]
        self.named = dict(zip(METHOD_FIELDS, self.options, strict=True)) | {"model": self.model}

    def wire(self) -> None:
        """Keep settings and plan in step with what is chosen."""
        for part in self.form:
            part.change(self.show_plan, self.given, [self.plan], show_progress="hidden")
        suited = [self.preset, *self.extra, *self.options]
        about = [self.concepts.base, self.method, self.model, self.preset, self.effort]
        for part in (self.method, self.model, self.preset, self.effort):
            part.input(self.suit, about, suited, show_progress="hidden")
        self.concepts.choice.input(self.suit_pack, [self.concepts.choice, *about[1:]], suited)

    def planned(self, *values: Any) -> RunConfig:
        """The run that the filled form describes; StudioError when something is wrong."""
        pack = pack_of(*values[:4])
        method, model, preset, _, seed = values[4:9]
        train = dict(zip(TRAIN_FIELDS, values[9 : 9 + len(TRAIN_FIELDS)], strict=True))
        options = dict(zip(METHOD_FIELDS, values[9 + len(TRAIN_FIELDS) :], strict=True))
        known = get_method(method).config.model_fields
        return self.studio.runs.plan(
            pack,
            find_model(str(model or "")),
            preset=str(preset or ""),
            method={"name": method, **{k: v for k, v in options.items() if k in known}},
            overrides={key: whole(value) for key, value in {**train, "seed": seed}.items()},
        )

    def suit_pack(
        self, name: str, method: str, model: str, preset: str, effort: str, request: gr.Request
    ) -> list[Any]:
        """The settings that suit a pack of the list."""
        with shown_to_user(language(request)):
            pack = self.studio.runs.pack(name)
        base = pack.model_dump(mode="json")
        return self.suit(base, method, model, preset, effort, request)

    def suit(
        self,
        base: dict[str, Any],
        method: str,
        model: str,
        preset: str,
        effort: str,
        request: gr.Request,
    ) -> list[Any]:
        """The settings that suit pack, method, model and preset; more or fewer steps by effort."""
        lang = language(request)
        offered = presets_of(method, lang)
        chosen = preset if preset in [name for _, name in offered] else ""
        with shown_to_user(lang):
            pack = check(Pack, base, "This list")
            card = find_model(str(model or ""))
            config = self.studio.runs.plan(pack, card, preset=chosen, method={"name": method})
        steps = max(1, round(config.train.steps * EFFORTS[effort]))
        train = {**config.train.model_dump(), "steps": steps}
        own = [
            gr.update(value=config.method[name], visible=True)
            if name in config.method
            else gr.update(visible=False)
            for name in METHOD_FIELDS
        ]
        listed = gr.update(choices=offered, value=chosen)
        return [listed, *[train[name] for name in TRAIN_FIELDS], *own]

    def show_plan(self, request: gr.Request, *values: Any) -> str:
        """What the filled form would do, or what is wrong with it."""
        lang = language(request)
        try:
            busy = self.studio.runs.current() is not None
            return plan_html(self.planned(*values), lang, busy, str(values[6] or ""))
        except StudioError as error:
            return parts.trouble("attention", error.what, error.way_out, lang)

    def titles(self, method: str, request: gr.Request) -> list[Any]:
        """Models and presets in the visitor's language."""
        lang = language(request)
        return [gr.update(choices=model_titles(lang)), gr.update(choices=presets_of(method, lang))]


def presets_of(method: str, lang: str) -> list[tuple[str, str]]:
    """The presets of a method as (title, id); first none, which is what suits the model."""
    found = load_method_presets().values()
    named = [(p.title.of(lang), p.id) for p in found if p.method["name"] == method]
    return [(say(lang, "preset_none"), ""), *named]
