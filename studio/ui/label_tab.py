"""Check: people look at pictures one at a time; what they say is kept at once."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from studio.errors import StudioError
from studio.evaluation.labels import ANSWERS, Answer
from studio.services.checks import Checks, Turn
from studio.ui import label_view, parts
from studio.ui.common import Studio, shown_to_user
from studio.ui.looking import Looking, State, among, known, seen_in
from studio.ui.words import language, say

BUTTONS: dict[Answer, str] = {"shows": "yes", "shows not": "no", "unsure": "unsure"}
EXAMPLE = '<pre class="sg-log">python -m studio calibrate icon-weapons</pre>'


class LabelTab(Looking):
    """A choice of sets, one picture at a time, and what came of it.

    Args:
        kept: where the person is; outside of tabs, whose parts are not there at first.
    """

    def __init__(self, studio: Studio, kept: gr.BrowserState) -> None:
        super().__init__(kept)
        self.checks, word = Checks(studio.runs.root), studio.words
        with gr.Column(elem_classes="sg-card", elem_id="check-form") as self.form:
            self.head = gr.HTML(apply_default_css=False)
            with gr.Row() as self.fields:
                self.set = gr.Dropdown(
                    [], label=word("check_set"), info=word("check_set_info"), elem_id="check-set"
                )
                self.who = gr.Textbox(
                    label=word("check_name"),
                    info=word("check_name_info"),
                    max_length=40,
                    elem_id="check-name",
                )
            self.about = gr.HTML(apply_default_css=False, elem_id="check-about")
            with gr.Row(elem_classes="actions"):
                self.start = gr.Button(
                    word("check_start"), variant="primary", size="md", elem_id="check-start"
                )
        with gr.Column(elem_classes="sg-card", visible=False, elem_id="check-box") as self.box:
            self.stage = gr.HTML(apply_default_css=False, elem_id="check-stage")
            with gr.Row(elem_id="check-keys") as self.keys:
                self.answers = [
                    gr.Button(word(f"check_{BUTTONS[label]}"), elem_id=f"check-{BUTTONS[label]}")
                    for label in ANSWERS
                ]
            with gr.Row(elem_classes="actions"):
                self.reveal = gr.Button(
                    word("reveal"), size="md", visible=False, elem_id="check-reveal"
                )
                self.undo = gr.Button(word("check_undo"), size="md", elem_id="check-undo")
                self.stop = gr.Button(word("check_stop"), size="md", elem_id="check-stop")
        self.view = [
            self.kept, self.head, self.fields, self.set, self.who, self.about, self.start,
            self.form, self.box, self.stage, self.keys, *self.answers, self.reveal,
            self.stop,
        ]  # fmt: skip

    def wire(self, blur: gr.Checkbox) -> None:
        """Connect the form, the keys and the switch that blurs."""
        super().wire(blur)
        for label, button in zip(ANSWERS, self.answers, strict=True):
            self.wire_answer(button, self._answering(label), seen_in("check-stage"), blur)

    def _shown(
        self, kept: State, blur: bool, revealed: str, request: gr.Request, *, restore: bool
    ) -> list[Any]:
        lang = language(request)
        listed = self.checks.list()
        state = among(kept, [row.id for row in listed])
        head = parts.head(say(lang, "check_title"), say(lang, "check_sub"))
        if not listed:
            head = parts.empty(say(lang, "check_none"), say(lang, "check_none_text")) + EXAMPLE
        choices = [
            (f"{say(lang, f'check_{row.kind}')} · {row.title.of(lang)} · {row.id.split('/')[1]}",
             row.id)
            for row in listed
        ]  # fmt: skip
        form = self._choice(state, head, choices, restore=restore)
        with shown_to_user(lang):
            if not state["set"]:
                return [*form, "", gr.update(visible=False), *self._form_alone()]
            chosen = self.checks.open(state["set"])
            turn = self.checks.turn(chosen, state["who"])
            covered = chosen.sensitive and blur and revealed != chosen.id
            if not state["going"]:
                start = gr.update(value=_start(turn, lang), visible=True)
                return [*form, label_view.about(chosen, lang), start, *self._form_alone()]
            if turn.item is None:
                told = say(lang, "check_done", total=turn.total)
                shown = parts.head(told) + label_view.result(
                    chosen, self.checks.result(chosen), lang, covered=covered
                )
            else:
                shown = label_view.stage(chosen, turn, turn.item, lang, covered=covered)
        keys = [gr.update(interactive=not covered or label == "unsure") for label in ANSWERS]
        return [
            *form, gr.skip(), gr.skip(), gr.update(visible=False), gr.update(visible=True), shown,
            gr.update(visible=turn.item is not None), *keys, gr.update(visible=covered),
            gr.update(value=say(lang, "check_stop" if turn.item else "check_back")),
        ]  # fmt: skip

    def _form_alone(self) -> list[Any]:
        hidden, same = gr.update(visible=False), gr.skip()
        return [gr.update(visible=True), hidden, "", hidden, *[same] * len(ANSWERS), hidden, same]

    def _start_words(self, name: str, who: str, lang: str) -> str:
        return _start(self.checks.turn(self.checks.open(name), who), lang)

    def _take_back(self, kept: State) -> None:
        self.checks.undo(self.checks.open(kept["set"]), kept["who"])

    def _answering(self, label: Answer) -> Callable[..., list[Any]]:
        """What a button does; a function of its own, since Gradio gives no request to a partial."""

        def answer(
            seen: str, kept: State, blur: bool, revealed: str, request: gr.Request
        ) -> list[Any]:
            kept = known(kept)
            with shown_to_user(language(request)):
                chosen = self.checks.open(kept["set"])
                if chosen.sensitive and blur and revealed != chosen.id and label != "unsure":
                    raise StudioError(
                        "This picture is still blurred.",
                        "Reveal it first, or say that you are not sure.",
                    )
                if seen:
                    self.checks.answer(chosen, seen, label, kept["who"])
            return self._again(kept, blur, revealed, request)

        return answer


def _start(turn: Turn, lang: str) -> str:
    if not turn.done:
        return say(lang, "check_start")
    if turn.item is None:
        return say(lang, "check_see_result")
    return say(lang, "check_on", next=turn.done + 1, total=turn.total)
