"""Rate: choose a round, read what will be shown, then answer one question after the other."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import gradio as gr

from studio.errors import StudioError
from studio.jobs.feedback_folder import FeedbackFolder, RoundConfig
from studio.jobs.feedback_tables import Said, Turn
from studio.services.feedback import Feedback
from studio.ui import parts, rate_view
from studio.ui.common import REFRESH_SECONDS, Studio, shown_to_user
from studio.ui.looking import QUIET, Looking, State, among, known
from studio.ui.words import language, say

SAID = "(seen, ...rest) => [SG.said(), ...rest]"  # question and answer as the person sees them
KEYS = ("yes", "no", "rest", "done")


class RateCard(Looking):
    """The form above, the question below; while somebody rates, only the question.

    Args:
        kept: see `Looking`.
    """

    def __init__(self, studio: Studio, kept: gr.BrowserState) -> None:
        super().__init__(kept)
        self.rounds, word = Feedback(studio.runs.root), studio.words
        with gr.Column(elem_classes="sg-card", elem_id="rate-form") as self.form:
            self.head = gr.HTML(apply_default_css=False)
            with gr.Row() as self.fields:
                self.set = gr.Dropdown([], label=word("rate_round"), elem_id="rate-round")
                self.who = gr.Textbox(
                    label=word("rate_name"),
                    info=word("rate_name_info"),
                    max_length=40,
                    elem_id="rate-name",
                )
            self.about = gr.HTML(apply_default_css=False, elem_id="rate-about")
            self.drawing = gr.HTML(apply_default_css=False, elem_id="rate-drawing")
            with gr.Row(elem_classes="actions"):
                self.draw_stop = gr.Button(
                    word("stop"), variant="stop", size="md", visible=False, elem_id="round-stop"
                )
                self.draw_on = gr.Button(
                    word("rate_draw_on"), size="md", visible=False, elem_id="round-on"
                )
                self.start = gr.Button(
                    word("rate_accept"), variant="primary", size="md", elem_id="rate-start"
                )
        with gr.Column(elem_classes="sg-card", visible=False, elem_id="rate-box") as self.box:
            self.stage = gr.HTML(apply_default_css=False, elem_id="rate-stage")
            with gr.Row(elem_id="rate-keys") as self.keys:
                self.buttons = {
                    name: gr.Button(
                        word(f"rate_{name}"),
                        variant="primary" if name == "done" else "secondary",
                        elem_id=f"rate-{name}",
                    )
                    for name in KEYS
                }
            with gr.Row(elem_classes="actions"):
                self.reveal = gr.Button(
                    word("reveal"), size="md", visible=False, elem_id="rate-reveal"
                )
                self.undo = gr.Button(word("check_undo"), size="md", elem_id="rate-undo")
                self.stop = gr.Button(word("check_stop"), size="md", elem_id="rate-stop")
        self.timer = gr.Timer(REFRESH_SECONDS, active=False)
        self.painted = [self.drawing, self.draw_stop, self.draw_on, self.start, self.timer]
        self.view = [
            self.kept, self.head, self.fields, self.set, self.who, self.about, *self.painted,
            self.form, self.box, self.stage, self.keys, *self.buttons.values(), self.reveal,
            self.stop,
        ]  # fmt: skip

    def wire(self, blur: gr.Checkbox) -> None:
        """Connect the form, the keys and the switch that blurs."""
        super().wire(blur)
        for name in ("yes", "no", "done"):
            self.wire_answer(self.buttons[name], self._answering(name), SAID, blur)
        self.buttons["rest"].click(None, js="() => SG.rest()")
        inputs = [self.set, self.who]
        self.timer.tick(self._tick, inputs, self.painted, **QUIET)
        self.draw_stop.click(self._stop_drawing, inputs, self.painted, **QUIET)
        self.draw_on.click(self._draw_on, inputs, self.painted, **QUIET)

    def show(self, kept: State, blur: bool, revealed: str, request: gr.Request) -> list[Any]:
        """The whole card as it is on disk now; a visitor without a name gets a made-up one."""
        state = known(kept)
        state["who"] = state["who"] or f"rater-{secrets.token_hex(3)}"
        return self._shown(state, blur, revealed, request, restore=True)

    def _shown(
        self, kept: State, blur: bool, revealed: str, request: gr.Request, *, restore: bool
    ) -> list[Any]:
        lang = language(request)
        listed = self.rounds.list()
        state = among(kept, [row.id for row in listed])
        head = parts.head(say(lang, "rate_title"), say(lang, "rate_sub"))
        if not listed:
            head = parts.empty(say(lang, "rate_none"), say(lang, "rate_none_text"))
        choices = [(f"{row.title.of(lang)} · {row.id}", row.id) for row in listed]
        form = self._choice(state, head, choices, restore=restore)
        with shown_to_user(lang):
            if not state["set"]:
                hidden = gr.update(visible=False)
                return [*form, "", "", hidden, hidden, hidden, gr.skip(), *self._form_alone()]
            folder = self.rounds.folder(state["set"])
            config, turn = folder.config, self._turn(folder, state["who"])
            covered = config.sensitive and blur and revealed != folder.id
            if not state["going"] or not self._accepted(folder, state["who"]):
                state["going"] = False
                about = rate_view.about(config, len(folder.references), _total(folder), lang)
                painted = self._painted(folder, state["who"], lang)
                return [*form, about, *painted, *self._form_alone()]
            if turn.question is None:
                drawing = folder.status().state.alive
                shown = rate_view.finished(turn, drawing, lang)
            else:
                shown = rate_view.stage(
                    folder, state["who"], turn, turn.question, lang, covered=covered
                )
        asked = turn.question is not None
        skipped = [gr.skip()] * (1 + len(self.painted))
        return [
            *form, *skipped, gr.update(visible=False), gr.update(visible=True), shown,
            gr.update(visible=asked), *_keys(config, covered),
            gr.update(visible=covered and asked),
            gr.update(value=say(lang, "check_stop" if asked else "rate_back")),
        ]  # fmt: skip

    def _form_alone(self) -> list[Any]:
        hidden, same = gr.update(visible=False), gr.skip()
        return [gr.update(visible=True), hidden, "", hidden, *[same] * len(KEYS), hidden, same]

    def _painted(self, folder: FeedbackFolder, who: str, lang: str) -> list[Any]:
        """How far the drawing is, what can be done about it, and the button that begins."""
        status, config, drawn = folder.status(), folder.config, len(folder.drawn())
        total = len(config.pictures) - len(folder.noted("broken"))
        alive = status.state.alive
        ready = bool(self._turn(folder, who).total)
        return [
            rate_view.progress(status, drawn, total, lang) + rate_view.notes(folder, lang),
            gr.update(visible=alive),
            gr.update(visible=not alive and drawn < total),
            gr.update(
                value=self._start_words(folder.id, who, lang), visible=True, interactive=ready
            ),
            gr.Timer(active=alive),
        ]

    def _start_words(self, name: str, who: str, lang: str) -> str:
        folder = self.rounds.folder(name)
        turn = self._turn(folder, who)
        if not turn.total:
            return say(lang, "rate_waiting")
        if not self._accepted(folder, who) or not turn.done:
            return say(lang, "rate_accept")
        return say(lang, "rate_on", next=min(turn.done + 1, turn.total), total=turn.total)

    def _begin(
        self, name: str, who: str, kept: State, blur: bool, revealed: str, request: gr.Request
    ) -> list[Any]:
        with shown_to_user(language(request)):
            self.rounds.accept(name or "", (who or "").strip())
        return super()._begin(name, who, kept, blur, revealed, request)

    def _take_back(self, kept: State) -> None:
        self.rounds.undo(kept["set"], kept["who"])

    def _answering(self, button: str) -> Callable[..., list[Any]]:
        """What a button does; a function of its own, since Gradio gives no request to a partial."""

        def answer(
            seen: str, kept: State, blur: bool, revealed: str, request: gr.Request
        ) -> list[Any]:
            with shown_to_user(language(request)):
                kept = known(kept)
                folder = self.rounds.folder(kept["set"])
                if folder.config.sensitive and blur and revealed != folder.id:
                    raise StudioError("These pictures are still blurred.", "Reveal them first.")
                found = json.loads(seen or "null")
                if found:
                    said = _said(found, button)
                    self.rounds.answer(folder.id, kept["who"], int(found["question"]), said)
            return self._again(kept, blur, revealed, request)

        return answer

    def _tick(self, name: str, who: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            return self._painted(self.rounds.folder(name or ""), (who or "").strip(), lang)

    def _stop_drawing(self, name: str, who: str, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            self.rounds.stop(name or "")
        return self._tick(name, who, request)

    def _draw_on(self, name: str, who: str, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            self.rounds.resume(name or "")
        return self._tick(name, who, request)

    @staticmethod
    def _turn(folder: FeedbackFolder, who: str) -> Turn:
        return folder.store.turn(who, folder.drawn())

    @staticmethod
    def _accepted(folder: FeedbackFolder, who: str) -> bool:
        return folder.store.accepted(who)


def _total(folder: FeedbackFolder) -> int:
    return len(folder.store.questions())


def _said(found: dict[str, Any], button: str) -> Said:
    """What the page sent: a yes or no, ticks, or ranks of everything."""
    if button != "done":
        return {"0": button == "yes"}
    if found["said"] is None:
        raise StudioError(
            "Not every picture has a rank.",
            "Press the number of each, or X where the rest does not apply.",
        )
    return dict(found["said"])


def _keys(config: RoundConfig, covered: bool) -> list[Any]:
    ranking, several = config.kind == "ranking", len(config.labels) > 1
    shown = {
        "yes": not ranking and not several,
        "no": not ranking and not several,
        "rest": ranking,
        "done": ranking or several,
    }
    return [gr.update(visible=shown[name], interactive=not covered) for name in KEYS]
