"""People go through pictures one after the other: what the tabs Check and Feedback share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr

from studio.ui.common import shown_to_user
from studio.ui.words import language, say

State = dict[str, Any]  # "set", "who", and whether the person is "going" through the pictures
NOWHERE: State = {"set": "", "who": "", "going": False}
QUIET: dict[str, Any] = {"show_progress": "hidden"}


def seen_in(stage: str) -> str:
    """What the person sees in a stage when a key is pressed, not what the server thinks of."""
    return (
        f"(seen, ...rest) => [document.querySelector('#{stage} [data-seen]')?.dataset.seen ?? '', "
        "...rest]"
    )


def staged(seen: object, asked: str, done: int, total: int, body: str, lang: str) -> str:
    """A question over what it is about, with how far one is.

    Args:
        seen: says what the person sees, so that an answer belongs to that.
        body: HTML, escaped by whoever made it.
    """
    share, place = 100 * done / max(1, total), say(lang, "check_place", now=done + 1, total=total)
    return (
        f'<div class="sg-check" data-seen="{escape(str(seen))}">'
        f'<div class="line"><h2>{escape(asked)}</h2><span class="sg-num">{place}</span></div>'
        f'<div class="sg-track sm" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{share:.0f}"><i style="width:{share:.1f}%"></i></div>{body}</div>'
    )


def known(kept: Any) -> State:
    """What a browser kept, where it is of the kind that is kept there."""
    found = kept if isinstance(kept, dict) else {}
    return {
        name: value if isinstance(value := found.get(name), type(first)) else first
        for name, first in NOWHERE.items()
    }


def among(kept: State, ids: Sequence[str]) -> State:
    """What a browser kept; where its set is gone, before the first one that is there."""
    state = known(kept)
    return state if state["set"] in ids else {**state, "set": ids[0] if ids else "", "going": False}


class Looking(ABC):
    """A choice of sets, the person's name, and the way through the pictures of one set.

    A tab makes the parts named here, and `view`: all that `_shown` gives anew.

    Args:
        kept: where the person is; outside of tabs, whose parts are not there at first.
    """

    set: gr.Dropdown
    who: gr.Textbox
    start: gr.Button
    stop: gr.Button
    undo: gr.Button
    reveal: gr.Button
    view: list[Any]

    def __init__(self, kept: gr.BrowserState) -> None:
        self.kept, self.revealed = kept, gr.State("")
        self.seen = gr.Textbox(visible=False)

    @property
    def ordered(self) -> dict[str, Any]:
        """How whatever shows the tab anew is wired: one after the other, in the order in which it
        was asked for, so that a late answer never shows what was there before; each press counts,
        and one too many says the same of one picture."""
        return {**QUIET, "concurrency_id": type(self).__name__, "concurrency_limit": 1}

    def wire(self, blur: gr.Checkbox) -> None:
        """Connect the form, the way through the pictures, and the switch that blurs."""
        now = [self.kept, blur, self.revealed]
        form = [self.set, self.who, *now]
        ordered = self.ordered
        self.set.input(self._halt, form, self.view, **ordered)
        self.who.blur(self._named, [self.set, self.who], [self.start], **QUIET)
        self.start.click(self._begin, form, self.view, **ordered)
        self.stop.click(self._halt, form, self.view, **ordered)
        self.undo.click(self._undo, now, self.view, **ordered)
        self.reveal.click(self._reveal, now, [self.revealed, *self.view], **ordered)
        blur.change(self._again, now, self.view, **ordered)

    def wire_answer(
        self, button: gr.Button, given: Callable[..., list[Any]], js: str, blur: gr.Checkbox
    ) -> None:
        """Connect a button that answers; `given` gets what was seen, then the state."""
        inputs = [self.seen, self.kept, blur, self.revealed]
        pressed = {**self.ordered, "trigger_mode": "multiple"}
        button.click(given, inputs, self.view, js=js, **pressed)

    def show(self, kept: State, blur: bool, revealed: str, request: gr.Request) -> list[Any]:
        """The whole tab as it is on disk now, with the name of the visit before."""
        state = known(kept)
        return self._shown(state, blur, revealed, request, restore=bool(state["who"]))

    @abstractmethod
    def _shown(
        self, kept: State, blur: bool, revealed: str, request: gr.Request, *, restore: bool
    ) -> list[Any]:
        """Everything in `view`. `restore`: also the name; else what is typed now stays."""

    def _choice(
        self, state: State, head: str, choices: Sequence[tuple[str, str]], *, restore: bool
    ) -> list[Any]:
        """The first part of every `view`: state, head, fields, set and name."""
        return [
            state,
            head,
            gr.update(visible=bool(choices)),
            gr.update(choices=choices, value=state["set"] or None),
            # only a name of an earlier visit: what is being typed now is never overwritten
            gr.update(value=state["who"]) if restore else gr.skip(),
        ]

    @abstractmethod
    def _start_words(self, name: str, who: str, lang: str) -> str:
        """What the button that begins says for this person."""

    @abstractmethod
    def _take_back(self, kept: State) -> None:
        """Take back the person's newest answer, if there is one."""

    def _again(self, kept: State, blur: bool, revealed: str, request: gr.Request) -> list[Any]:
        return self._shown(kept, blur, revealed, request, restore=False)

    def _named(self, name: str, who: str, request: gr.Request) -> Any:
        lang = language(request)
        with shown_to_user(lang):
            return gr.update(value=self._start_words(name or "", (who or "").strip(), lang))

    def _begin(
        self, name: str, who: str, kept: State, blur: bool, revealed: str, request: gr.Request
    ) -> list[Any]:
        state = {"set": name or "", "who": (who or "").strip(), "going": True}
        return self._again(state, blur, revealed, request)

    def _halt(
        self, name: str, who: str, kept: State, blur: bool, revealed: str, request: gr.Request
    ) -> list[Any]:
        state = {"set": name or "", "who": (who or "").strip(), "going": False}
        return self._again(state, blur, revealed, request)

    def _undo(self, kept: State, blur: bool, revealed: str, request: gr.Request) -> list[Any]:
        kept = known(kept)
        with shown_to_user(language(request)):
            self._take_back(kept)
        return self._again(kept, blur, revealed, request)

    def _reveal(self, kept: State, blur: bool, revealed: str, request: gr.Request) -> list[Any]:
        kept = known(kept)
        return [kept["set"], *self._again(kept, blur, kept["set"], request)]
