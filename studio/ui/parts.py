"""Small HTML pieces: plain values in, a string out. Everything that people typed is escaped."""

from html import escape
from pathlib import Path

from studio import __version__
from studio.errors import StudioError
from studio.failures import told
from studio.icons import icon as icon  # the page takes its icons from here
from studio.pictures import THUMB_PX, cover_of
from studio.pictures import thumbnail as thumbnail
from studio.records import State

LARGE_PX = 640

_STATE_ICONS = {
    State.QUEUED: "clock",
    State.STARTING: "run",
    State.RUNNING: "run",
    State.STOPPING: "pause",
    State.STOPPED: "pause",
    State.INTERRUPTED: "plug",
    State.FAILED: "x",
    State.DONE: "check",
}
LOGO = (
    '<svg width="26" height="26" viewBox="0 0 26 26" fill="none" aria-hidden="true">'
    '<rect x="2" y="2" width="22" height="22" rx="6" stroke="var(--sg-text)" stroke-width="2"/>'
    '<circle cx="13" cy="13" r="5.4" stroke="var(--sg-removed)" stroke-width="2" '
    'stroke-dasharray="2.9 2.75" stroke-linecap="round"/></svg>'
)
_EMPTY_ART = (
    '<svg class="art" viewBox="0 0 168 104" fill="none">'
    '<rect x="12" y="22" width="60" height="60" rx="10" stroke="var(--sg-edge)" '
    'stroke-width="1.5" stroke-dasharray="5 4"/>'
    '<circle cx="42" cy="52" r="14" stroke="var(--sg-removed)" stroke-width="1.5" '
    'stroke-dasharray="4 3"/>'
    '<path d="M80 52h10m-4-4 4 4-4 4" stroke="var(--sg-edge)" stroke-width="1.5"/>'
    '<rect x="96" y="22" width="60" height="60" rx="10" stroke="var(--sg-edge)" '
    'stroke-width="1.5"/></svg>'
)


def brand() -> str:
    """Name and version, at the top of every page."""
    return (
        f'<div class="sg-brand">{LOGO}<span class="word">Safeguard Studio</span>'
        f"<small>{__version__}</small></div>"
    )


def state_pill(state: State, text: str) -> str:
    """A run's state: icon and word."""
    return f'<span class="sg-pill {state}">{icon(_STATE_ICONS[state])}{escape(text)}</span>'


def pill(kind: str, text: str) -> str:
    """A meaning: "removed" or "kept"."""
    shape = "dash" if kind == "removed" else "ring"
    return f'<span class="sg-pill {kind}">{icon(shape)}{escape(text)}</span>'


def head(title: str, sub: str = "", right: str = "") -> str:
    """The head of a card."""
    line = f'<p class="sg-sub">{escape(sub)}</p>' if sub else ""
    return (
        f'<div class="sg-head"><div><h2 class="sg-h2">{escape(title)}</h2>{line}</div>'
        f'<div class="right">{right}</div></div>'
    )


def empty(title: str, text: str) -> str:
    """What an empty place shows."""
    return (
        f'<div class="sg-empty">{_EMPTY_ART}<h2 class="sg-h2">{escape(title)}</h2>'
        f"<p>{escape(text)}</p></div>"
    )


def trouble(kind: str, title: str, text: str, lang: str) -> str:
    """A card for what needs a decision: kind "failed" or "attention"; says it in a language."""
    title, text = told(title, lang), told(text, lang)
    shape = "x" if kind == "failed" else "alert"
    return (
        f'<div class="sg-state {kind}" role="alert"><span class="ico">{icon(shape)}</span><div>'
        f'<h2 class="sg-h2">{escape(title)}</h2><p class="sg-sub">{escape(text)}</p></div></div>'
    )


def viewer(text: str) -> str:
    """The banner of a studio that only shows."""
    return f'<div class="sg-banner" role="status">{icon("alert")}<p>{escape(text)}</p></div>'


def busy(text: str) -> str:
    """A line that says what is being done."""
    return f'<p class="sg-sub"><i class="sg-dot live"></i> {escape(text)}</p>'


def picture(
    file: Path,
    alt: str,
    *,
    covered: bool = False,
    mark: str = "",
    kind: str = "",
    side_px: int = THUMB_PX,
) -> str:
    """A picture inside the page, at most so wide; covered, only its blurred copy is sent."""
    cover = f'<span class="sg-cover mini">{icon("eyeoff")}</span>' if covered else ""
    try:
        source = thumbnail(cover_of(file) if covered else file, side_px)
    except StudioError:  # gone or broken
        source = ""
    return (
        f'<span class="sg-pic {kind}"><img src="{source}" alt="{escape(alt)}">{cover}{mark}</span>'
    )
