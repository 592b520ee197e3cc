"""Keep what was compared as a stack: a combination under a name."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import gradio as gr

from studio.errors import StudioError
from studio.services.columns import ORIGINAL, pack_concepts
from studio.services.stacks import save_stack, stacks
from studio.ui.column_choice import steered
from studio.ui.common import Studio, shown_to_user
from studio.ui.words import language, say


class StackForm:
    """A column that was drawn, a name, and the file."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        word = studio.words
        with gr.Accordion(word("stack_form"), open=False):
            with gr.Row():
                self.column = gr.Dropdown(
                    [], label=word("stack_column"), allow_custom_value=True, elem_id="stack-column"
                )
                self.name = gr.Textbox(
                    label=word("stack_name"), max_length=80, elem_id="stack-name"
                )
            with gr.Row(elem_classes="actions"):
                self.save = gr.Button(word("save_stack"), size="sm", elem_id="save-stack")
                self.file = gr.DownloadButton(
                    word("download_stack"), size="sm", visible=False, elem_id="stack-file"
                )

    def wire(self, shown: gr.State, run: gr.Dropdown, more: gr.Dropdown) -> None:
        """Offer what was drawn; a saved stack is offered beside the guidances."""
        shown.change(_drawn, [shown], [self.column], show_progress="hidden")
        self.save.click(self._save, [self.column, self.name, run], [self.file, more])

    def choices(self, lang: str) -> list[tuple[str, str]]:
        """What may stand beside original and run, as (title, id): stacks, guidances, runs."""
        own = [(stack.title, stack.id) for stack in stacks(self.studio.runs)]
        return own + steered(lang) + self.studio.adapters(lang)

    def _save(self, text: str, name: str, run_id: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            runs = self.studio.runs
            try:
                held = pack_concepts(runs.folder(run_id or "").config.pack)
            except StudioError:
                held = ()
            file = save_stack(runs, name or "", text or "", held)
        gr.Info(say(lang, "saved_stack", name=file.stem))
        copy = Path(tempfile.mkdtemp(prefix="studio-stack-")) / file.name
        shutil.copyfile(file, copy)
        return [gr.update(value=str(copy), visible=True), gr.update(choices=self.choices(lang))]


def _drawn(shown: list[dict[str, Any]]) -> Any:
    columns = list(dict.fromkeys(str(row["column"]) for row in shown))
    kept = [column for column in columns if column != ORIGINAL]
    return gr.update(choices=kept, value=kept[-1] if kept else None)
