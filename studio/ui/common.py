"""What all tabs share: the studio they work on, and how failures are shown."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

import gradio as gr

from studio.errors import StudioError, unreadable
from studio.failures import told
from studio.failures.paths import without_folders
from studio.services.compare import Compare
from studio.services.runs import DEMO, Runs
from studio.ui.words import say
from studio.world import ROOT

REFRESH_SECONDS = 2.0
# Of an event that looks again and again: one short request instead of Gradio's queue and stream.
TICK: Final[dict[str, Any]] = {"queue": False, "show_progress": "hidden"}
SERVER_FOLDERS = (str(ROOT), str(Path.home()), str(Path.cwd()), tempfile.gettempdir())


@dataclass(frozen=True)
class Studio:
    """The services behind the page, and its words for Gradio's components."""

    runs: Runs
    compare: Compare
    words: Callable[[str], Any]

    def shown_run(self, wanted: str) -> str:
        """The run a page shows: what was asked for, else what is at work, else the newest."""
        with suppress(StudioError):
            if self.runs.folder(wanted).config:
                return wanted
        if current := self.runs.current():
            return current
        runs = [run.run_id for run in self.runs.list()]
        own = [run_id for run_id in runs if run_id != DEMO.name]
        return own[0] if own else DEMO.name if DEMO.name in runs else ""

    def adapters(self, lang: str) -> list[tuple[str, str]]:
        """Runs with an adapter as (label, id), newest first."""
        return [
            (f"{run.title_in(lang)} · {run.run_id}", run.run_id)
            for run in self.runs.list()
            if run.adapter is not None
        ]


@contextmanager
def shown_to_user(lang: str = "en", *, stranger: bool = False) -> Iterator[None]:
    """Show an expected failure as a message; let a bug through with its traceback.

    Args:
        stranger: whether the reader must not learn the server's folders.
    """
    try:
        yield
    except (StudioError, OSError) as failure:
        error = unreadable(failure) if isinstance(failure, OSError) else failure
        text = f"{told(error.what, lang)} {told(error.way_out, lang)}"
        raise gr.Error(
            # the page reads it as HTML, and a name in it may be anybody's
            escape(without_folders(text, SERVER_FOLDERS) if stranger else text, quote=False),
            title=say(lang, "not_done"),
            duration=None,
            print_exception=False,
        ) from failure


def whole(value: Any) -> Any:
    """A number field's value as a whole number where it is one, nothing as 0; the rest as it is,
    for the records to refuse."""
    if value is None or value == "":
        return 0
    return int(value) if isinstance(value, float) and value.is_integer() else value


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that hold something."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def static(name: str) -> str:
    """A file of the page."""
    return (Path(__file__).parent / "static" / name).read_text(encoding="utf-8")


def follow(
    timer: gr.Timer,
    is_new: Callable[..., bool],
    refresh: Callable[..., list[Any]],
    watch: Sequence[gr.components.Component],
    view: Sequence[gr.blocks.Block],
) -> None:
    """Look for news at each tick, and show them when there are some.

    A tick has one small output: for each output of an event Gradio makes a component anew, also for
    one that is skipped. It keeps each of these as long as the page lives when a plain value follows
    a skip or an update; so an output that is sometimes skipped gets `gr.update(value=...)` always.

    Args:
        is_new: whether what is shown is old; takes the values of `watch` and the request.
        refresh: takes the same, gives the values of `view`.
    """
    news = gr.Textbox("", container=False, elem_classes="sg-gone")

    def look(request: gr.Request, before: str, *given: Any) -> str:
        return str(time.monotonic_ns()) if is_new(*given, request) else before

    timer.tick(look, [news, *watch], [news], **TICK)
    news.change(refresh, list(watch), list(view), **TICK)
