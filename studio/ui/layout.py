"""The page: which tabs, in which order, and what they tell each other."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import gradio as gr

from studio.jobs.desk import Desk
from studio.limits import UPLOAD_MB
from studio.services.compare import Compare
from studio.services.reporting.page import piece_css
from studio.services.runs import Runs
from studio.ui import parts, run_view
from studio.ui.common import REFRESH_SECONDS, Studio, follow, static
from studio.ui.compare_tab import CompareTab
from studio.ui.concepts_tab import ConceptsTab
from studio.ui.doctor_card import DoctorCard
from studio.ui.feedback_tab import FeedbackTab
from studio.ui.grid_form import GridForm
from studio.ui.label_tab import LabelTab
from studio.ui.looking import NOWHERE
from studio.ui.report_tab import ReportTab
from studio.ui.runs_tab import RunsTab
from studio.ui.theme import studio_theme, token_css
from studio.ui.train_tab import TrainTab
from studio.ui.words import Words, language, say
from studio.world import ROOT

FONTS = ROOT / "assets" / "fonts"


def build_app(runs: Runs, pictures: Path) -> tuple[gr.Blocks, dict[str, Any]]:
    """The page, and what `launch` needs for it.

    Args:
        runs: the runs the page works on. pictures: where compared pictures go.
    """
    words = Words()
    runs.queue.desk = Desk(runs.root)
    runs.queue.keep_going()
    studio = Studio(runs, Compare(pictures, runs.queue), words)
    gr.set_static_paths([FONTS])
    with gr.Blocks(title="Safeguard Studio", fill_width=True, analytics_enabled=False) as page:
        with gr.Row(elem_id="top"):
            gr.HTML(parts.brand(), apply_default_css=False)
            chip = gr.HTML(elem_id="chip", apply_default_css=False)
            blur = gr.Checkbox(True, label=words("blur"), elem_id="blur", container=False)
        banner = gr.HTML(visible=False, elem_id="viewer", apply_default_css=False)
        last_grid = gr.BrowserState("", storage_key="studio-grid", secret="studio")
        tested = gr.BrowserState("", storage_key="studio-evaluation", secret="studio")
        checked = gr.BrowserState(NOWHERE, storage_key="studio-check", secret="studio")
        rated = gr.BrowserState(NOWHERE, storage_key="studio-feedback", secret="studio")
        with gr.Tabs(elem_id="nav", selected="concepts", overflow_behavior="wrap") as tabs:
            with gr.Tab(words("tab_concepts"), id="concepts") as concepts_tab:
                concepts = ConceptsTab(studio)
            with gr.Tab(words("tab_train"), id="train") as train_tab:
                train = TrainTab(studio, concepts)
            with gr.Tab(words("tab_compare"), id="compare") as compare_tab:
                compare = CompareTab(studio)
                grid = GridForm(studio, last_grid)
            with gr.Tab(words("tab_report"), id="report") as report_tab:
                report = ReportTab(studio, tested)
            with gr.Tab(words("tab_check"), id="check") as check_tab:
                check = LabelTab(studio, checked)
            with gr.Tab(words("tab_feedback"), id="feedback") as feedback_tab:
                feedback = FeedbackTab(studio, rated)
            with gr.Tab(words("tab_runs"), id="runs") as runs_tab:
                listed = RunsTab(studio)
                doctor = DoctorCard(studio)
        concepts.wire(blur)
        train.wire(train_tab, blur)
        compare.wire()
        grid.wire(compare)
        report.wire(page, report_tab, blur)
        check.wire(blur)
        doctor.wire()
        shown_runs = [train.run_id, train.seen]
        feedback.wire([page.load, feedback_tab.select], blur, tabs, shown_runs)
        listed.wire(tabs, train.run_id, train.seen)
        form = train.form
        plan = {"fn": form.show_plan, "inputs": form.given, "outputs": [form.plan]}
        concepts.next.click(
            lambda: [gr.Tabs(selected="train"), *train.set_up()],
            None,
            [tabs, form.row, train.again],
            show_progress="hidden",
            show_progress_on=train.again,
        )
        train.compare.click(
            compare.show,
            [train.run_id],
            [tabs, compare.run],
            show_progress="hidden",
            show_progress_on=compare.run,
        )
        train_tab.select(**plan, show_progress="hidden")
        all_tabs = (
            concepts_tab, train_tab, compare_tab, report_tab, check_tab, feedback_tab, runs_tab
        )  # fmt: skip
        _follow_in_open_tab(all_tabs, {train_tab: train.timer, report_tab: report.timer})
        compare_tab.select(compare.choices, [compare.run], [compare.run], show_progress="hidden")
        looked = {"inputs": [checked, blur, check.revealed], "outputs": check.view}
        for opened in (page.load, check_tab.select):
            opened(check.show, **looked, **check.ordered)
        runs_tab.select(listed.rows, None, [listed.head, listed.table], show_progress="hidden")
        filled = [*concepts.filled, concepts.choice, *concepts.today.outputs]
        page.load(concepts.first, [concepts.draft, blur], filled, show_progress="hidden").then(
            **plan, show_progress="hidden"
        )
        _on_load(page, train, compare, grid, blur)
        status = gr.Timer(REFRESH_SECONDS)
        shown = gr.State("")

        def told(request: gr.Request) -> tuple[str, bool]:
            return run_view.chip(_at_work(runs), language(request)), runs.queue.keep_going()

        def is_new(before: str, line: str, request: gr.Request) -> bool:
            now, viewer = told(request)
            return f"{now}{viewer}" != before or listed.queue.refresh(request)[0] != line

        def news(before: str, line: str, request: gr.Request) -> list[Any]:
            now, viewer = told(request)
            text = parts.viewer(say(language(request), "viewer")) if viewer else ""
            banner_now = gr.update(value=text, visible=viewer)
            return [now, f"{now}{viewer}", banner_now, *listed.queue.refresh(request)]

        watch, view = [shown, listed.queue.seen], [chip, shown, banner, *listed.queue.view]
        follow(status, is_new, news, watch, view)
        page.load(news, watch, view, show_progress="hidden")
    return page, launch_settings(words)


def launch_settings(words: Words) -> dict[str, Any]:
    """How every page of the studio looks, and what of Gradio's own it leaves out."""
    return {
        "theme": studio_theme(),
        "css": token_css() + static("studio.css") + static("shared.css") + piece_css(),
        "head": f"<script>{static('chart.js')}{static('rate.js')}{static('keys.js')}</script>",
        "i18n": words.i18n,
        "run_history": False,
        "max_file_size": f"{UPLOAD_MB}mb",
        "footer_links": [],
        "enable_monitoring": False,
        "mcp_server": False,
        "ssr_mode": False,
    }


def _follow_in_open_tab(tabs: Iterable[gr.Tab], timers: dict[gr.Tab, gr.Timer]) -> None:
    """Let the timer of a tab run only while that tab is open."""

    def only(opened: gr.Tab) -> Callable[[], list[gr.Timer]]:
        return lambda: [gr.Timer(active=tab is opened) for tab in timers]

    for tab in tabs:
        tab.select(only(tab), None, list(timers.values()), queue=False, show_progress="hidden")


def _on_load(
    page: gr.Blocks,
    train: TrainTab,
    compare: CompareTab,
    grid: GridForm,
    blur: gr.Checkbox,
) -> None:
    page.load(train.opened, [train.run_id, blur], train.view, show_progress="hidden")
    form = train.form
    page.load(form.titles, [form.method], [form.model, form.preset], show_progress="hidden")
    page.load(train.form_at_open, None, [form.row, train.again], show_progress="hidden")
    page.load(grid.again, [grid.last], [grid.box, *grid.shown], show_progress="hidden")
    page.load(
        compare.open,
        [train.run_id],
        [compare.run, compare.more, *compare.outputs],
        show_progress="hidden",
    )


def _at_work(runs: Runs) -> Any:
    current = runs.current()
    return runs.progress(current) if current else None
