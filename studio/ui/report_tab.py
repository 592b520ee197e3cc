"""Report: test a run, then say what was found, how sure it is, and what was not tested."""

import time
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from studio.config import Column
from studio.errors import StudioError
from studio.evaluation.findings import Findings
from studio.jobs.evaluation_folder import EvaluationFolder, evaluation_folders
from studio.records import Behind, State, Status
from studio.services.columns import run_adapter
from studio.services.report import Reports
from studio.services.reporting.tradeoff import short_name
from studio.ui import report_view
from studio.ui.common import REFRESH_SECONDS, Studio, follow, shown_to_user
from studio.ui.words import language, say

PROTOCOL = "icon-world"
BETWEEN = "|"  # of an evaluation and its column, in what the page keeps
FILES = ("html", "json", "card", "figures")
RESUMABLE = (State.STOPPED, State.INTERRUPTED, State.FAILED)


@dataclass(frozen=True)
class InView:
    """A column of an evaluation."""

    folder: EvaluationFolder
    column: str

    @property
    def key(self) -> str:
        """What the page keeps of it."""
        return f"{self.folder.id}{BETWEEN}{self.column}"


class ReportTab:
    """The form above, then the test in view and its report, all from its folder."""

    def __init__(self, studio: Studio, kept: gr.BrowserState) -> None:
        self.studio, self.reports, self.kept = studio, Reports(studio.runs), kept
        word = studio.words
        self.seen, self.revealed = gr.State(""), gr.State("")
        with gr.Column(elem_classes="sg-card"):
            with gr.Row(elem_classes="promptrow"):
                self.run = gr.Dropdown([], label=word("report_run"), scale=4, elem_id="report-run")
                self.mode = gr.Radio(
                    [(word(f"report_{name}"), name) for name in ("quick", "full")],
                    value="quick",
                    label=word("report_mode"),
                    elem_classes="seg",
                    elem_id="report-mode",
                    scale=2,
                )
                self.start = gr.Button(
                    word("report_start"), variant="primary", scale=1, elem_id="report-start"
                )
            gr.Markdown(word("report_plan"), elem_classes="quiet-note")
        with gr.Column(elem_classes="sg-card"):
            self.which = gr.Dropdown(
                [], label=word("report_which"), visible=False, elem_id="report-which"
            )
            self.state = gr.HTML(apply_default_css=False, elem_id="report-state")
            with gr.Row(elem_classes="actions if-any"):
                self.stop = gr.Button(
                    word("stop"), variant="stop", visible=False, elem_id="report-stop"
                )
                self.resume = gr.Button(
                    word("report_resume"), visible=False, elem_id="report-resume"
                )
        self.verdict = gr.HTML(apply_default_css=False, visible=False, elem_id="report-verdict")
        with gr.Column(elem_classes="sg-card", visible=False) as self.pictures:
            self.worst = gr.HTML(apply_default_css=False, elem_id="report-worst")
            with gr.Row(elem_classes="actions if-any"):
                self.reveal = gr.Button(word("reveal"), visible=False, elem_id="report-reveal")
        self.evidence = gr.HTML(apply_default_css=False, visible=False, elem_id="report-evidence")
        with gr.Column(elem_classes="sg-card", visible=False) as self.take:
            self.take_head = gr.HTML(apply_default_css=False)
            with gr.Row(elem_classes="actions left"):
                self.files = [
                    gr.DownloadButton(word(f"report_{name}"), size="md", elem_id=f"take-{name}")
                    for name in FILES
                ]
        self.view = [
            self.seen, self.state, self.stop, self.resume, self.verdict, self.pictures,
            self.worst, self.reveal, self.evidence, self.take, self.take_head, *self.files,
        ]  # fmt: skip
        self.timer = gr.Timer(REFRESH_SECONDS, active=False)

    def wire(self, page: gr.Blocks, tab: gr.Tab, blur: gr.Checkbox) -> None:
        """Connect the form, the test in view, and what the page remembers."""
        watch = [self.run, self.kept, self.seen, blur, self.revealed]
        again = {"fn": self.refresh, "inputs": watch, "outputs": self.view}
        quiet: dict[str, Any] = {"show_progress": "hidden"}
        lists = [self.run, self.which]
        self.start.click(
            self._start, [self.run, self.mode], [self.kept, self.which, self.seen], **quiet
        ).then(**again, **quiet)
        self.run.input(self._chosen_run, [self.run], [self.kept, self.which], **quiet).then(
            **again, **quiet
        )
        self.which.input(lambda key: key, [self.which], [self.kept], **quiet).then(**again, **quiet)
        self.stop.click(self._stop, [self.run, self.kept], **quiet)
        self.resume.click(self._resume, [self.run, self.kept], [self.seen], **quiet)
        self.reveal.click(self._reveal, [self.run, self.kept], [self.revealed], **quiet).then(
            **again, **quiet
        )
        blur.change(**again, **quiet)
        follow(self.timer, self._is_new, self.refresh, watch, self.view)
        for event in (page.load, tab.select):
            event(self.lists, [self.run, self.kept], lists, **quiet).then(**again, **quiet)

    def lists(self, run_id: str | None, kept: str, request: gr.Request) -> list[Any]:
        """Runs that can be tested, and the tests of the one that is chosen.

        A test that the browser kept goes before the run in the list: choosing a run replaces it.
        """
        lang = language(request)
        found = self.studio.adapters(lang)
        known = [value for _, value in found]
        tested = self._by_key(kept)
        first = tested.column if tested and tested.column in known else None
        chosen = first or (run_id if run_id in known else known[0] if known else None)
        tests = self._choices(chosen, kept, lang)
        return [gr.update(choices=found, value=chosen), tests]

    def refresh(
        self, run_id: str | None, kept: str, seen: str, blur: bool, revealed: str,
        request: gr.Request,
    ) -> list[Any]:  # fmt: skip
        """The test in view, from its folder; nothing is sent when nothing changed."""
        lang, shown = language(request), self._in_view(run_id, kept)
        stamp = self._stamp(shown, run_id, lang, blur, revealed)
        if stamp == seen:
            return [gr.skip()] * len(self.view)
        if shown is None:
            told, hide = report_view.nothing(lang, runs=bool(run_id)), gr.update(visible=False)
            return [stamp, told, hide, hide, *self._empty()]
        status, stale, behind = self.reports.state(shown.folder.id)
        head = self._head(shown, status, stale, lang, behind)
        if seen.split("#")[0] == stamp.split("#")[0]:
            return [stamp, *head, *[gr.skip()] * (len(self.view) - 1 - len(head))]
        findings = self._findings(shown, status)
        if findings is None:
            return [stamp, *head, *self._empty()]
        covered = blur and findings.sensitive and revealed != shown.key
        return [stamp, *head, *self._body(shown, findings, lang, stale, covered)]

    def _is_new(
        self, run_id: str | None, kept: str, seen: str, blur: bool, revealed: str,
        request: gr.Request,
    ) -> bool:  # fmt: skip
        now = self._in_view(run_id, kept)
        return self._stamp(now, run_id, language(request), blur, revealed) != seen

    def _stamp(
        self, shown: InView | None, run_id: str | None, lang: str, blur: bool, revealed: str
    ) -> str:
        """Changes when the findings must be shown anew (before the #) or only how far it is."""
        if shown is None:
            return f"none {bool(run_id)} {lang}"
        status, stale, behind = self.reports.state(shown.folder.id)
        body = f"{shown.key} {status.state} {stale} {lang} {blur} {revealed == shown.key}"
        return f"{body}#{status.step} {status.seconds_left} {behind}"

    def _head(
        self, shown: InView, status: Status, stale: bool, lang: str, behind: Behind | None
    ) -> list[Any]:
        config = self.reports.config(shown.folder.id)
        title = escape(f"{config.pack.title.of(lang)} · {short_name(shown.column)}")
        told = report_view.state_block(
            status, title, lang, quick=config.quick, stale=stale, behind=behind
        )
        alive = status.state in (State.QUEUED, State.STARTING, State.RUNNING)
        return [
            told,
            gr.update(visible=alive),
            gr.update(visible=status.state in RESUMABLE and not stale),
        ]

    def _findings(self, shown: InView, status: Status) -> Findings | None:
        """Of a test that has ended; None where nothing was answered yet."""
        if status.state.alive:
            return None
        try:
            return self.reports.current(shown.folder.id, shown.column)
        except StudioError:
            return None

    def _body(
        self, shown: InView, findings: Findings, lang: str, stale: bool, covered: bool
    ) -> list[Any]:
        files = report_view.downloads(self.reports.files(findings))
        head = (
            f'<h2 class="sg-h2">{say(lang, "report_take")}</h2>'
            f'<p class="sg-sub">{say(lang, "report_take_sub")}</p>'
        )
        return [
            gr.update(value=report_view.verdict(findings, lang, stale=stale), visible=True),
            gr.update(visible=True),
            gr.update(value=report_view.worst(findings, shown.folder, lang, covered=covered)),
            gr.update(visible=covered and bool(findings.worst)),
            gr.update(value=report_view.evidence(self.reports, findings, lang), visible=True),
            gr.update(visible=True),
            gr.update(value=head),
            *[gr.update(value=file) for file in files],
        ]

    def _empty(self) -> list[Any]:
        hide, empty = gr.update(visible=False), gr.update(value="")
        cleared = gr.update(value="", visible=False)
        return [cleared, hide, empty, hide, cleared, hide, empty, *[gr.skip()] * len(FILES)]

    def _start(self, run_id: str | None, mode: str, request: gr.Request) -> list[Any]:
        lang = language(request)
        with shown_to_user(lang):
            config = self.studio.runs.folder(run_id or "").config
            column = Column(adapters=(run_adapter(self.studio.runs, run_id or ""),))
            evaluations = self.reports.evaluations
            planned = evaluations.plan(
                PROTOCOL, [column], config.pack, quick=mode == "quick", model=config.model
            )
            key = f"{evaluations.start(planned)}{BETWEEN}{column.label}"
        return [key, self._choices(run_id, key, lang), ""]

    def _chosen_run(self, run_id: str | None, request: gr.Request) -> list[Any]:
        shown = self._in_view(run_id, "")
        key = shown.key if shown else ""
        return [key, self._choices(run_id, key, language(request))]

    def _stop(self, run_id: str | None, kept: str, request: gr.Request) -> None:
        shown = self._in_view(run_id, kept)
        with shown_to_user(language(request)):
            if shown is not None:
                self.reports.evaluations.stop(shown.folder.id)

    def _resume(self, run_id: str | None, kept: str, request: gr.Request) -> str:
        shown = self._in_view(run_id, kept)
        with shown_to_user(language(request)):
            if shown is not None:
                self.reports.evaluations.resume(shown.folder.id)
        return ""

    def _reveal(self, run_id: str | None, kept: str) -> str:
        shown = self._in_view(run_id, kept)
        return shown.key if shown else ""

    def _choices(self, run_id: str | None, kept: str, lang: str) -> Any:
        found = [(self._told(shown, lang), shown.key) for shown in self._of_run(run_id)]
        known = [key for _, key in found]
        value = kept if kept in known else known[0] if known else None
        return gr.update(choices=found, value=value, visible=len(found) > 1)

    def _told(self, shown: InView, lang: str) -> str:
        config = self.reports.config(shown.folder.id)
        mode = say(lang, "report_quick" if config.quick else "report_full")
        when = _when(shown.folder.id)
        return f"{when} · {mode} · {config.protocol} · {short_name(shown.column)}"

    def _in_view(self, run_id: str | None, kept: str) -> InView | None:
        """What was asked for, where it is a test of the chosen run; else the newest of that run."""
        found = list(self._of_run(run_id))
        wanted = next((shown for shown in found if shown.key == kept), None)
        return wanted or (found[0] if found else None)

    def _by_key(self, kept: str) -> InView | None:
        evaluation, _, column = str(kept or "").partition(BETWEEN)
        try:
            folder = self.reports.evaluations.folder(evaluation)
            known = column in self.reports.columns(evaluation)
        except StudioError:
            return None
        return InView(folder, column) if known else None

    def _of_run(self, run_id: str | None) -> list[InView]:
        """Columns of evaluations in which the run's adapter acts, newest first."""
        found = []
        for folder in evaluation_folders(self.reports.evaluations.root):
            try:
                columns = self.reports.config(folder.id).columns
            except StudioError:
                continue
            found += [
                InView(folder, column.label)
                for column in columns
                if run_id in [use.name for use in column.adapters]
            ]
        return found


def _when(name: str) -> str:
    """When a folder was made, by its name; the name itself where a person renamed it."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.strptime(name[:15], "%Y%m%d-%H%M%S"))
    except ValueError:
        return name
