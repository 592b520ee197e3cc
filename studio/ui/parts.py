"""Small HTML pieces: plain values in, a string out. Everything that people typed is escaped."""

import base64
import io
from functools import lru_cache
from html import escape
from pathlib import Path

from PIL import Image

from studio.pictures import cover_of
from studio.records import State
from studio.ui.failures import told

THUMB_PX = 192
LARGE_PX = 640

_ICONS = {
    "check": '<path d="M3 8.5l3.2 3.2L13 4.8"/>',
    "x": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "alert": '<path d="M8 2.2L14.3 13H1.7z"/><path d="M8 6.4v3.1M8 11.3v.1"/>',
    "pause": '<path d="M5.5 4v8M10.5 4v8"/>',
    "clock": '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.6"/>',
    "run": '<circle cx="8" cy="8" r="5.5" stroke-opacity=".3"/>'
    '<path d="M8 2.5A5.5 5.5 0 0 1 13.5 8"/>',
    "plug": '<path d="M2.5 8h3M10.5 8h3M6 5l-1.5 3L6 11M10 5l1.5 3L10 11"/>',
    "eyeoff": '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z"/>'
    '<path d="M3 13L13 3"/>',
    "dash": '<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.6 2"/>',
    "ring": '<circle cx="8" cy="8" r="5.5"/>',
}
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


def icon(name: str) -> str:
    """A 16 px line drawing in the colour of the text around it."""
    return (
        '<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{_ICONS[name]}</svg>'
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
    source = thumbnail(cover_of(file) if covered else file, side_px)
    return (
        f'<span class="sg-pic {kind}"><img src="{source}" alt="{escape(alt)}">{cover}{mark}</span>'
    )


def thumbnail(file: Path, side_px: int = THUMB_PX) -> str:
    """A picture as a data address, at most `side_px` wide; "" when the file is gone."""
    try:
        return _thumbnail(file, file.stat().st_mtime_ns, side_px)
    except OSError:
        return ""


@lru_cache(maxsize=2048)
def _thumbnail(file: Path, stamp: int, side_px: int) -> str:
    with Image.open(file) as image:
        small = image.convert("RGB")
        small.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        small.save(buffer, format="JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
