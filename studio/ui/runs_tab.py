"""Runs: the memory of the studio."""

import time
from typing import Any

import gradio as gr

from studio.records import Progress
from studio.ui import parts
from studio.ui.common import Studio, shown_to_user
from studio.ui.queue_card import QueueCard
from studio.ui.run_actions import RunActions
from studio.ui.run_view import state_word
from studio.ui.words import language, say


class RunsTab:
    """The queue, then the list, newest first; a row can be opened, renamed, cloned and so on."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        word = studio.words
        self.chosen = gr.State("")
        self.queue = QueueCard(studio)
        with gr.Column(elem_classes="sg-card"):
            self.head = gr.HTML(apply_default_css=False)
            self.table = gr.Dataframe(
                interactive=False,
                show_search="filter",
                show_label=False,
                type="array",
                datatype=["str", "str", "html", "str", "str", "str", "str"],
                wrap=True,
                column_widths=[f"{px}px" for px in (270, 172, 172, 112, 132, 150, 166)],
                elem_id="runs",
                elem_classes="plain-label",
            )
            with gr.Row(elem_classes="actions"):
                self.refresh_button = gr.Button(word("refresh"), size="md")
                self.delete = gr.Button(word("delete"), variant="stop", size="md", elem_id="delete")
                self.rename = gr.Button(word("rename"), size="md", elem_id="rename")
                self.clone = gr.Button(word("clone"), size="md", elem_id="clone")
                self.resume = gr.Button(word("resume"), size="md", elem_id="resume")
                self.open = gr.Button(word("open"), variant="primary", size="md", elem_id="open")
            self.actions = RunActions(studio)

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
        again = {"fn": self.rows, "inputs": None, "outputs": shown}
        self.resume.click(self._resume, [self.chosen], None, show_progress="hidden").success(
            **again, show_progress="hidden"
        )
        self.actions.wire(self.chosen, self.rename, self.clone, self.delete, again)
        self.queue.wire()
        self.queue.states.change(**again, show_progress="hidden")

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
        self.actions.must(chosen, language(request))
        return [chosen, "", gr.Tabs(selected="train")]

    def _resume(self, chosen: str, request: gr.Request) -> None:
        lang = language(request)
        self.actions.must(chosen, lang)
        with shown_to_user(lang):
            self.studio.runs.resume(chosen)
        gr.Info(say(lang, "resumed"))


def _cells(run: Progress, lang: str) -> list[str]:
    status = run.status
    check = run.checks[-1] if run.checks else None
    state = parts.state_pill(status.state, state_word(run, lang))
    if status.ended and not status.state.alive:
        when = time.strftime("%m-%d %H:%M", time.localtime(status.ended))
        state += f' <span class="sg-cap">{when}</span>'
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
