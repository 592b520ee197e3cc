"""The queue in Runs: what is at work and what waits, in order; move, cancel, pause."""

from typing import Any

import gradio as gr

from studio.ui.common import Studio, shown_to_user
from studio.ui.queue_view import QUEUE_JS, queue_list
from studio.ui.words import language, say


class QueueCard:
    """A list that follows the line by the page's tick, and two switches for all of it.

    Attributes:
        states: changes whenever something enters or leaves the line or begins to work.
    """

    def __init__(self, studio: Studio) -> None:
        self.studio, self.queue = studio, studio.runs.queue
        word = studio.words
        self.seen, self.states = gr.State(""), gr.State("")
        with gr.Column(elem_classes="sg-card"):
            self.list = gr.HTML(js_on_load=QUEUE_JS, apply_default_css=False, elem_id="queue")
            with gr.Row(elem_classes="actions"):
                self.beside = gr.Checkbox(
                    False,
                    label=word("queue_beside"),
                    container=False,
                    interactive=True,
                    elem_classes="grow",
                    elem_id="queue-beside",
                )
                self.pause = gr.Button(word("queue_pause"), size="md", elem_id="queue-pause")
        self.view = [self.seen, self.states, self.list, self.beside, self.pause]

    def wire(self) -> None:
        """Connect the list and its switches."""
        quiet: dict[str, Any] = {"show_progress": "hidden"}
        self.list.click(self._do, None, self.view, **quiet)
        self.pause.click(self._pause, None, self.view, **quiet)
        self.beside.input(self._beside, [self.beside], self.view, **quiet)

    def refresh(self, request: gr.Request) -> list[Any]:
        """The line as it is."""
        lang = language(request)
        paused, beside = self.queue.paused, self.queue.beside
        rows = self.queue.list()
        told = queue_list(rows, lang, paused=paused)
        word = say(lang, "queue_go_on" if paused else "queue_pause")
        states = " ".join(f"{row.key}={row.state}" for row in rows)
        return [f"{told} {beside}", states, told, beside, gr.update(value=word)]

    def _do(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            told = event._data or {}
            what, key = str(told.get("what", "")), str(told.get("key", ""))
            if what == "cancel":
                self.queue.cancel(key)
            elif what in ("up", "down"):
                self.queue.move(key, up=what == "up")
        return self.refresh(request)

    def _pause(self, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            self.queue.pause(not self.queue.paused)
        return self.refresh(request)

    def _beside(self, beside: bool, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            self.queue.draw_beside(beside)
        return self.refresh(request)
