"""The doctor on the page: its lines, to copy into a question."""

from typing import Any

import gradio as gr

from studio.services.doctor import examine, told
from studio.ui import parts
from studio.ui.common import Studio
from studio.ui.words import language, say


class DoctorCard:
    """A fold below the runs; looks only when it is asked."""

    def __init__(self, studio: Studio) -> None:
        self._studio, word = studio, studio.words
        with (
            gr.Column(elem_classes="sg-card"),
            gr.Accordion(word("doctor"), open=False, elem_id="doctor"),
        ):
            with gr.Row(elem_classes="actions left"):
                self.look = gr.Button(word("doctor_look"), size="md", elem_id="doctor-look")
            self.note = gr.HTML(apply_default_css=False)
            self.lines = gr.Textbox(
                label=word("doctor_lines"),
                lines=12,
                max_lines=30,
                interactive=False,
                visible=False,
                buttons=["copy"],
                elem_id="doctor-lines",
            )

    def wire(self) -> None:
        """Connect the button."""
        quiet: dict[str, Any] = {"show_progress": "hidden"}
        self.look.click(self._busy, None, [self.note], **quiet).then(
            self._look, None, [self.note, self.lines], **quiet
        )

    def _busy(self, request: gr.Request) -> str:
        return parts.busy(say(language(request), "doctor_looking"))

    def _look(self, request: gr.Request) -> list[Any]:
        found = told(examine(self._studio.runs.root), language(request))
        return ["", gr.update(value=found, visible=True)]
