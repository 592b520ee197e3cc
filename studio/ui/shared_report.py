"""Finished reports for visitors: read from disk, nothing measured, nothing to take along."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from studio.errors import StudioError
from studio.evaluation.findings import Findings
from studio.failures.paths import without_folders
from studio.jobs.evaluation_folder import evaluation_folders
from studio.records import State
from studio.services.report import Reports
from studio.services.reporting.tradeoff import short_name
from studio.ui import parts, report_view
from studio.ui.common import SERVER_FOLDERS
from studio.ui.words import Words, language, say

BETWEEN = "|"


class FinishedReports:
    """What there is to read; the last reports that were read stay in memory."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._told = lru_cache(maxsize=32)(self._tell)

    def choices(self, lang: str) -> list[tuple[str, str]]:
        """Reports as (title, key)."""
        return [
            (f"{found.title.get(lang, found.pack)} · {short_name(found.column)}", key)
            for key, found in self._finished().items()
        ]

    def shown(self, key: str | None, lang: str) -> str:
        """A report; that there is none where the key is none of `choices`."""
        findings = self._finished().get(key or "")
        if findings is None:
            return parts.empty(say(lang, "shared_no_report"), say(lang, "shared_no_report_text"))
        return self._told(key or "", findings.made, lang)

    def _tell(self, key: str, made: float, lang: str) -> str:
        findings = self._finished()[key]
        folder = self._reports.evaluations.folder(findings.evaluation)
        stale = self._reports.stale(findings.evaluation)
        worst = report_view.worst(findings, folder, lang, covered=findings.sensitive)
        return (
            report_view.verdict(findings, lang, stale=stale)
            + f'<section class="sg-card">{worst}</section>'
            + report_view.evidence(self._reports, findings, lang)
        )

    def _finished(self) -> dict[str, Findings]:
        """Reports that somebody made of tests that have ended, without the server's folders."""
        made = {}
        for folder in evaluation_folders(self._reports.evaluations.root):
            try:
                if folder.stored_status().state is not State.DONE:
                    continue
                for column in self._reports.columns(folder.id):
                    findings = self._reports.read(folder.id, column)
                    if findings is not None:
                        made[f"{folder.id}{BETWEEN}{column}"] = _plain(findings)
            except StudioError:
                continue
        return made


class SharedReports:
    """A list of finished reports, and the chosen one below."""

    def __init__(self, reports: Reports, word: Words) -> None:
        self._finished = FinishedReports(reports)
        with gr.Column(elem_classes="sg-card"):
            self.which = gr.Dropdown([], label=word("shared_report"), elem_id="report-which")
        self.report = gr.HTML(apply_default_css=False, elem_id="report")

    def wire(self, page: gr.Blocks) -> None:
        """Connect the list and the report."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self.which.change(self._show, [self.which], [self.report], **quiet)
        page.load(self._open, None, [self.which, self.report], **quiet)

    def _open(self, request: gr.Request) -> list[Any]:
        lang = language(request)
        found = self._finished.choices(lang)
        first = found[0][1] if found else None
        return [gr.update(choices=found, value=first), self._finished.shown(first, lang)]

    def _show(self, key: str | None, request: gr.Request) -> str:
        return self._finished.shown(key, language(request))


def _plain(findings: Findings) -> Findings:
    """Findings that name no folder: of a model on this machine only the last name is left."""
    about = {name: without_folders(text, SERVER_FOLDERS) for name, text in findings.about.items()}
    title, _, source = findings.about.get("model", "").partition(": ")
    if Path(source).is_absolute():
        about["model"] = f"{title}: {Path(source).name}"
    return replace(findings, about=about)
