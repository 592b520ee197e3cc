"""The page for strangers: Compare and finished reports, and nothing else is built at all."""

from pathlib import Path
from typing import Any

import gradio as gr

from studio.services.compare import Compare
from studio.services.report import Reports
from studio.services.runs import Runs
from studio.services.sharing.limits import Limits
from studio.services.sharing.visit import Visits
from studio.ui import parts
from studio.ui.layout import FONTS, launch_settings
from studio.ui.shared_compare import SharedCompare
from studio.ui.shared_report import SharedReports
from studio.ui.words import Words, language, say


def build_shared_app(
    runs: Runs, pictures: Path, limits: Limits, *, login: bool = False
) -> tuple[gr.Blocks, dict[str, Any]]:
    """The page for visitors, and what `launch` needs for it.

    Args:
        runs: the runs that may be looked at. pictures: where the drawing process keeps its log.
        limits: of each visitor. login: whether there is somebody to log out.
    """
    words = Words()
    gr.set_static_paths([FONTS])
    with gr.Blocks(title="Safeguard Studio", fill_width=True, analytics_enabled=False) as page:
        with gr.Row(elem_id="top"):
            gr.HTML(parts.brand(), apply_default_css=False)
            chip = gr.HTML(elem_id="chip", apply_default_css=False)
        with gr.Tabs(elem_id="nav", elem_classes="no-steps", overflow_behavior="wrap"):
            with gr.Tab(words("tab_compare"), id="compare"):
                compare = SharedCompare(Visits(runs, Compare(pictures, runs.queue), limits), words)
            with gr.Tab(words("tab_report"), id="report"):
                report = SharedReports(Reports(runs), words)
        compare.wire(page)
        report.wire(page)

        def tell(request: gr.Request) -> str:
            lang = language(request)
            leave = f'<a href="logout">{say(lang, "shared_leave")}</a>' if login else ""
            return f'<span class="sg-chip">{say(lang, "shared_pill")}</span> {leave}'

        page.load(tell, None, [chip], show_progress="hidden", api_visibility="private")
    return page, {**launch_settings(words), "state_session_capacity": 1000}
