"""The form of a new rating round: what is drawn, and what people are asked."""

from pathlib import Path
from typing import Any

import gradio as gr

from studio.config import Pack, Text
from studio.errors import StudioError
from studio.jobs.feedback_folder import RoundConfig
from studio.pictures import open_picture
from studio.presets import find_model
from studio.services.feedback import Feedback, suggested_prompts
from studio.ui.common import Studio, lines, shown_to_user
from studio.ui.looking import QUIET
from studio.ui.plan import model_titles
from studio.ui.words import language, say

FIRST_PACK, FIRST_COUNT = "icon-weapons", 100
KINDS = ("binary", "ranking")


class RoundForm:
    """`start` makes the round; whoever wires it shows it."""

    def __init__(self, studio: Studio) -> None:
        self.studio, self.rounds, word = studio, Feedback(studio.runs.root), studio.words
        self.head = gr.HTML(apply_default_css=False)
        with gr.Row():
            self.pack = gr.Dropdown(
                [],
                label=word("round_pack"),
                info=word("round_pack_info"),
                elem_id="round-pack",
                scale=2,
            )
            self.model = gr.Dropdown(
                model_titles("en"),
                value="icon-world",
                allow_custom_value=True,
                label=word("model"),
                info=word("model_info"),
                elem_id="round-model",
                scale=3,
            )
        self.kind = gr.Radio(
            [(word(f"round_{kind}"), kind) for kind in KINDS],
            value="binary",
            label=word("round_kind"),
            elem_classes="choice-cards cols-2",
            elem_id="round-kind",
        )
        with gr.Row():
            self.title = gr.Textbox(label=word("round_title"), max_length=80, elem_id="round-title")
            self.question = gr.Textbox(
                label=word("round_question"), max_length=200, elem_id="round-question", scale=2
            )
        with gr.Row():
            self.prompts = gr.Textbox(
                label=word("round_prompts"),
                info=word("round_prompts_info"),
                lines=6,
                max_lines=12,
                elem_id="round-prompts",
                scale=2,
            )
            with gr.Column(min_width=240):
                self.labels = gr.Textbox(
                    label=word("round_labels"),
                    info=word("round_labels_info"),
                    lines=2,
                    max_lines=9,
                    elem_id="round-labels",
                )
                with gr.Row():
                    self.count = gr.Number(
                        FIRST_COUNT,
                        precision=0,
                        minimum=1,
                        label=word("round_count"),
                        elem_id="round-count",
                    )
                    self.seed = gr.Number(
                        0, precision=0, minimum=0, label=word("round_seed"), elem_id="round-seed"
                    )
                self.count_info = gr.HTML(apply_default_css=False)
        with gr.Row():
            self.references = gr.File(
                label=word("round_references"),
                file_count="multiple",
                file_types=["image"],
                height=140,
                elem_id="round-references",
            )
            with gr.Column(min_width=240):
                self.hide = gr.Checkbox(label=word("round_hide"), elem_id="round-hide")
                self.shows = gr.Textbox(
                    label=word("round_shows"),
                    info=word("round_shows_info"),
                    max_length=300,
                    elem_id="round-shows",
                )
        with gr.Row(elem_classes="actions"):
            self.start = gr.Button(
                word("round_start"), variant="primary", size="md", elem_id="round-start"
            )
        self.filled = [self.title, self.question, self.labels]
        self.given = [
            self.pack, self.kind, self.title, self.question, self.labels, self.prompts,
            self.count, self.seed, self.references, self.hide, self.shows, self.model,
        ]  # fmt: skip
        self.view = [
            self.head, self.count_info, self.pack, *self.filled, self.prompts, self.hide,
            self.shows, self.model,
        ]  # fmt: skip

    def wire(self) -> None:
        """Fill the fields from the pack, and the question from the way people answer."""
        fields = [*self.filled, self.prompts, self.hide, self.shows, self.model]
        self.pack.input(self._fill, [self.pack, self.kind], fields, **QUIET)
        self.kind.input(self._ask, [self.pack, self.kind, self.title], self.filled[1:], **QUIET)

    def show(self, name: str, kind: str, request: gr.Request) -> list[Any]:
        """The form with the first pack filled in; what was filled in before stays."""
        lang = language(request)
        head = f'<p class="sg-sub">{say(lang, "round_make_sub")}</p>'
        about = f'<p class="sg-cap">{say(lang, "round_count_info")}</p>'
        choices = [(pack.title.of(lang), key) for key, pack in self.studio.runs.packs().items()]
        if name:
            return [head, about, gr.update(choices=choices), *[gr.skip()] * (len(self.view) - 3)]
        first = gr.update(choices=choices, value=FIRST_PACK)
        return [head, about, first, *self._fill(FIRST_PACK, kind, request)]

    def plan(self, request: gr.Request, *values: Any) -> RoundConfig:
        """The round that the filled form describes.

        Raises:
            StudioError: something is missing, refused or not right; says which.
        """
        (name, kind, title, question, labels, prompts, count, seed, _, hide, shows, model) = values
        lang, pack = language(request), self.studio.runs.pack(name)
        headline = _text(title, pack.title, lang, "title")
        return self.rounds.plan(
            headline,
            _text(question, _question(headline, kind), lang, "question"),
            kind,
            lines(prompts),
            int(count or 0),
            model=find_model(str(model or "")),
            labels=[_text(line, pack.title, lang, "label") for line in lines(labels)],
            pack=pack,
            sensitive=bool(hide),
            shows=_text(shows, pack.shows, lang, "text") if (shows or "").strip() else None,
            seed=int(seed or 0),
        )

    def make(self, request: gr.Request, *values: Any) -> str:
        """Begin to draw the round that the form describes; gives its id.

        Raises:
            StudioError: see `plan` and `Feedback.start`, or a reference picture cannot be read.
        """
        config = self.plan(request, *values)
        files = [Path(file) for file in values[8] or []]
        return self.rounds.start(config, [open_picture(file) for file in files])

    def _fill(self, name: str, kind: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            pack = self.studio.runs.pack(name)
            return [
                pack.title.of(lang),
                *self._ask(name, kind, pack.title.of(lang), request),
                "\n".join(suggested_prompts(pack)),
                pack.sensitivity == "sensitive",
                pack.shows.of(lang) if pack.shows else "",
                pack.model,
            ]

    def _ask(self, name: str, kind: str, title: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        asked = _question(Text(en=title or "?", zh=title or "?"), kind).of(lang)
        return [asked, gr.update(value=title, visible=kind == "binary")]


def _question(title: Text, kind: str) -> Text:
    key = f"round_question_{kind}"
    return Text(en=say("en", key, title=title.en), zh=say("zh", key, title=title.zh))


def _text(typed: str, known: Text | None, lang: str, what: str) -> Text:
    """What somebody typed, in both languages where it is what the studio filled in."""
    said = (typed or "").strip()
    if not said:
        raise StudioError(f"The round has no {what}.", "Write one, then try again.")
    return known if known and said == known.of(lang) else Text(en=said, zh=said)


def pack_keeps(pack: Pack | None) -> str:
    """What must stay, one a line, as a form shows it."""
    return "\n".join(pack.keep) if pack else ""
