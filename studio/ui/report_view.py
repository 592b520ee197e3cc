"""How a test looks while it runs, and how its report looks when it has ended."""

import shutil
import tempfile
import time
import zipfile
from html import escape
from pathlib import Path

from studio.evaluation.findings import Findings
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.records import Behind, State, Status
from studio.services.report import Exported, Reports
from studio.services.reporting.gallery import gallery
from studio.services.reporting.page import evidence_sections, verdict_sections, worst_told
from studio.services.reporting.words import Tongue
from studio.ui import parts
from studio.ui.queue_view import behind_text
from studio.ui.words import say
from studio.words import duration


def nothing(lang: str, *, runs: bool) -> str:
    """What stands there before a run was tested, or before there is a run."""
    key = "report_none" if runs else "report_no_run"
    return parts.empty(say(lang, key), say(lang, f"{key}_text"))


def state_block(
    status: Status,
    title: str,
    lang: str,
    *,
    quick: bool,
    stale: bool,
    behind: Behind | None = None,
) -> str:
    """State of a test: how far, how long still; what to do where it failed or is out of date."""
    marks = [parts.state_pill(status.state, _state_word(status, lang))]
    if stale:
        marks.append(_attention(say(lang, "report_stale")))
    if quick:
        marks.append(_attention(say(lang, "report_quick")))
    rows = [
        f'<div class="line1">{"".join(marks)}<b class="name">{title}</b>{_big(status, lang)}</div>'
    ]
    if status.state.alive:
        share = 100 * status.step / max(1, status.total)
        rows.append(
            f'<div class="sg-track" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
            f'aria-valuenow="{share:.0f}"><i style="width:{share:.1f}%"></i></div>'
        )
        left = ""
        if status.seconds_left is not None:
            left = (
                f'<dl class="sg-facts"><div><dt>{say(lang, "left")}</dt>'
                f"<dd>{duration(status.seconds_left)}</dd></div></dl>"
            )
        if behind:
            rows.append(f'<p class="sg-sub">{escape(behind_text(behind, lang))}</p>')
        rows.append(f'{left}<p class="sg-cap">{say(lang, "report_closable")}</p>')
    elif status.state in (State.FAILED, State.INTERRUPTED):
        kind = "failed" if status.state is State.FAILED else "attention"
        rows.append(parts.trouble(kind, status.what, status.way_out, lang))
    elif stale:
        rows.append(
            parts.trouble(
                "attention", say(lang, "report_stale_title"), say(lang, "report_stale_text"), lang
            )
        )
    return f'<div class="sg-run">{"".join(rows)}</div>'


def _state_word(status: Status, lang: str) -> str:
    if status.state in (State.QUEUED, State.STARTING):
        return say(lang, "report_queued")
    if status.state in (State.RUNNING, State.STOPPING):
        return say(lang, "report_testing", done=status.step, total=status.total)
    if status.state is State.DONE:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(status.ended or status.heartbeat))
        return say(lang, "report_done", when=when)
    if status.state is State.STOPPED:
        return say(lang, "report_stopped", done=status.step, total=status.total)
    return say(lang, f"s_{status.state}")


def _attention(text: str) -> str:
    return f'<span class="sg-pill attention">{parts.icon("alert")}{text}</span>'


def _big(status: Status, lang: str) -> str:
    if not status.state.alive:
        return ""
    told = say(lang, "report_of", total=f"{status.total:,}")
    return f'<span class="big"><b class="sg-num">{status.step:,}</b> {told}</span>'


def verdict(findings: Findings, lang: str, *, stale: bool) -> str:
    """Claim, levels and tables."""
    pills = _attention(say(lang, "report_stale")) if stale else ""
    return _stack(verdict_sections(findings, Tongue(lang), pills))


def worst(findings: Findings, folder: EvaluationFolder, lang: str, *, covered: bool) -> str:
    """The worst pictures; covered, only their blurred copies are sent."""
    tongue = Tongue(lang)
    shown = gallery(findings, folder.path, tongue, covered=covered)
    told = worst_told(findings, tongue)
    head = f'<h2 class="sg-h2">{say(lang, "report_worst")}</h2>'
    return f'<div>{head}<p class="sg-sub">{told}</p></div>{shown}'


def evidence(reports: Reports, findings: Findings, lang: str) -> str:
    """The trade-off, judges, limits, cost and facts."""
    return _stack(evidence_sections(findings, reports.points(findings), Tongue(lang)))


def _stack(cards: list[str]) -> str:
    return f'<div class="sg-stack">{"".join(cards)}</div>'


def downloads(exported: Exported) -> list[str]:
    """Page, JSON, card and a zip of the figures, where Gradio may hand them out."""
    place = Path(tempfile.mkdtemp(prefix="studio-report-"))
    copied = [
        str(shutil.copy(file, place)) for file in (exported.html, exported.json, exported.card)
    ]
    packed = place / "figures.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in exported.figures:
            archive.write(file, file.name)
    return [*copied, str(packed)]
