"""Runs: the memory of the studio."""

import time
from typing import Any

import gradio as gr

from studio.records import Progress
from studio.ui import parts
from studio.ui.common import Studio, shown_to_user
from studio.ui.words import language, say


class RunsTab:
    """The list, newest first; a row can be opened or deleted."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        word = studio.words
        self.chosen = gr.State("")
        with gr.Column(elem_classes="sg-card"):
            self.head = gr.HTML(apply_default_css=False)
            self.table = gr.Dataframe(
                interactive=False,
                show_search="filter",
                show_label=False,
                type="array",
                wrap=True,
                column_widths=[f"{px}px" for px in (270, 172, 172, 112, 132, 150, 166)],
                elem_id="runs",
                elem_classes="plain-label",
            )
            with gr.Row(elem_classes="actions"):
                self.refresh_button = gr.Button(word("refresh"), size="md")
                self.delete = gr.Button(word("delete"), variant="stop", size="md", elem_id="delete")
                self.open = gr.Button(word("open"), variant="primary", size="md", elem_id="open")
            with gr.Row(visible=False, elem_classes="actions") as self.sure:
                gr.Markdown(word("delete_sure"), elem_classes="grow")
                self.no = gr.Button(word("keep_it"), size="md")
                self.yes = gr.Button(
                    word("delete"), variant="stop", size="md", elem_id="delete-yes"
                )

    def wire(self, tabs: gr.Tabs, run_id: gr.BrowserState, seen: gr.State) -> None:
        """Connect the list; opening a run shows it in Train."""
        shown = [self.head, self.table]
        self.refresh_button.click(self.rows, None, shown, show_progress="hidden")
        self.table.select(self._select, [self.table], [self.chosen], show_progress="hidden")
        self.open.click(
            self._open,
            [self.chosen],
            [run_id, seen, tabs],
            show_progress="hidden",
            show_progress_on=self.head,
        )
        self.delete.click(self._ask, [self.chosen], [self.sure], show_progress="hidden")
        self.no.click(lambda: gr.update(visible=False), None, [self.sure], show_progress="hidden")
        self.yes.click(self._delete, [self.chosen], [self.sure, self.chosen, *shown])

    def rows(self, request: gr.Request) -> list[Any]:
        """The list as it is now."""
        lang = language(request)
        found = self.studio.runs.list()
        head = parts.head(say(lang, "runs_title"), "" if found else say(lang, "runs_empty"))
        names = ("run", "pack", "state", "steps_word", "still_shows", "kept", "model")
        headers = [say(lang, name) for name in names]
        rows = [_cells(run, lang) for run in found]
        return [head, gr.update(value={"headers": headers, "data": rows})]

    def _select(self, table: list[list[Any]], event: gr.SelectData) -> str:
        row = event.row_value
        return str(row[0]) if row else ""

    def _open(self, chosen: str, request: gr.Request) -> list[Any]:
        self._must(chosen, language(request))
        return [chosen, "", gr.Tabs(selected="train")]

    def _ask(self, chosen: str, request: gr.Request) -> Any:
        self._must(chosen, language(request))
        return gr.update(visible=True)

    def _delete(self, chosen: str, request: gr.Request) -> list[Any]:
        with shown_to_user(language(request)):
            self.studio.runs.delete(chosen)
        return [gr.update(visible=False), "", *self.rows(request)]

    @staticmethod
    def _must(chosen: str, lang: str) -> None:
        if not chosen:
            raise gr.Error(
                say(lang, "choose_run"), title=say(lang, "not_done"), print_exception=False
            )


def _cells(run: Progress, lang: str) -> list[str]:
    status = run.status
    check = run.checks[-1] if run.checks else None
    state = say(lang, f"s_{status.state}")
    if status.ended:
        state += time.strftime(" %m-%d %H:%M", time.localtime(status.ended))
    return [
        run.run_id,
        run.title_in(lang),
        state,
        f"{status.step} / {status.total}",
        _plain(check.target if check else None, lang),
        _plain(check.unrelated if check else None, lang),
        run.model_in(lang),
    ]


def _plain(rate: Any, lang: str) -> str:
    if rate is None or rate.rate is None:
        return say(lang, "not_measured")
    return f"{rate.k} / {rate.n} ({100 * rate.low:.0f}–{100 * rate.high:.0f} %)"
