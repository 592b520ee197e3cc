"""What is done with the run chosen in the list: rename, clone, resume, delete."""

from typing import Any

import gradio as gr

from studio.records import Progress
from studio.ui.common import Studio, shown_to_user
from studio.ui.words import language, say


class RunActions:
    """Three rows that open under the list, one at a time."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        word = studio.words
        with gr.Row(visible=False, elem_classes="actions") as self.naming:
            self.name = gr.Textbox(label=word("name"), max_length=80, elem_id="run-name")
            self.unnamed = gr.Button(word("cancel_back"), size="md")
            self.named = gr.Button(word("save_name"), variant="primary", elem_id="rename-save")
        with gr.Column(visible=False, elem_id="clone-form") as self.cloning:
            gr.Markdown(word("clone_info"), elem_classes="quiet-note")
            with gr.Row():
                self.title = gr.Textbox(label=word("name"), max_length=80, elem_id="clone-name")
                self.fields = [
                    gr.Number(None, label=word(label), precision=whole, elem_id=f"clone-{name}")
                    for name, label, whole in (
                        ("steps", "f_steps", 0), ("seed", "seed", 0), ("lr", "f_lr", None)
                    )
                ]  # fmt: skip
            with gr.Row(elem_classes="actions"):
                self.uncloned = gr.Button(word("cancel_back"), size="md")
                self.cloned = gr.Button(
                    word("clone_start"), variant="primary", size="md", elem_id="clone-start"
                )
        with gr.Row(visible=False, elem_classes="actions") as self.sure:
            gr.Markdown(word("delete_sure"), elem_classes="grow")
            self.no = gr.Button(word("keep_it"), size="md")
            self.yes = gr.Button(word("delete"), variant="stop", size="md", elem_id="delete-yes")
        self.rows = [self.naming, self.cloning, self.sure]

    def wire(
        self,
        chosen: gr.State,
        rename: gr.Button,
        clone: gr.Button,
        delete: gr.Button,
        again: dict[str, Any],
    ) -> None:
        """Connect the rows.

        Args:
            chosen: the run. rename, clone, delete: what opens each row.
            again: fills the lists after something was done.
        """
        quiet: dict[str, Any] = {"show_progress": "hidden"}
        rename.click(self._ask_name, [chosen], [*self.rows, self.name], **quiet)
        clone.click(self._ask_clone, [chosen], [*self.rows, self.title, *self.fields], **quiet)
        delete.click(self._ask_sure, [chosen], self.rows, **quiet)
        for button in (self.unnamed, self.uncloned, self.no):
            button.click(self._closed, None, self.rows, **quiet)
        named = {"fn": self._rename, "inputs": [chosen, self.name], "outputs": self.rows}
        for asked in (self.named.click, self.name.submit):
            asked(**named, **quiet).success(**again, **quiet)
        given = [chosen, self.title, *self.fields]
        self.cloned.click(self._clone, given, self.rows, **quiet).success(**again, **quiet)
        self.yes.click(self._delete, [chosen], [*self.rows, chosen], **quiet).success(
            **again, **quiet
        )

    def must(self, chosen: str, lang: str) -> None:
        """Say that a run must be chosen first, where none is."""
        if not chosen:
            raise gr.Error(
                say(lang, "choose_run"), title=say(lang, "not_done"), print_exception=False
            )

    def _opened(self, row: Any) -> list[Any]:
        return [gr.update(visible=one is row) for one in self.rows]

    def _closed(self) -> list[Any]:
        return self._opened(None)

    def _run(self, chosen: str, lang: str) -> Progress:
        self.must(chosen, lang)
        with shown_to_user(lang):
            self.studio.runs.queue.may_change()
            return self.studio.runs.progress(chosen)

    def _ask_name(self, chosen: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        return [*self._opened(self.naming), self._run(chosen, lang).title_in(lang)]

    def _ask_clone(self, chosen: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        title = self._run(chosen, lang).title_in(lang)
        train = self.studio.runs.folder(chosen).config.train
        return [*self._opened(self.cloning), title, train.steps, train.seed, train.lr]

    def _ask_sure(self, chosen: str, request: gr.Request) -> list[Any]:
        self._run(chosen, language(request))
        return self._opened(self.sure)

    def _rename(self, chosen: str, name: str, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            self.studio.runs.rename(chosen, name or "")
        return self._closed()

    def _clone(
        self,
        chosen: str,
        title: str,
        steps: float | None,
        seed: float | None,
        lr: float | None,
        request: gr.Request,
    ) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            whole = {"steps": steps, "seed": seed}
            given = {name: None if value is None else int(value) for name, value in whole.items()}
            run_id = self.studio.runs.clone(chosen, title or "", lr=lr, **given)
        gr.Info(say(lang, "cloned", run=run_id))
        return self._closed()

    def _delete(self, chosen: str, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            self.studio.runs.delete(chosen)
        return [*self._closed(), ""]
