"""How the line looks: a list with a button for each thing that can be done, and what is waited for.

Plain values in, a string out. Everything that people typed is escaped.
"""

from collections.abc import Sequence
from html import escape

from studio.records import Behind
from studio.services.queue import Queued
from studio.ui import parts
from studio.ui.words import say

# a click says which button of which row; after the list was drawn anew the same button has focus
QUEUE_JS = """
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-do]');
  if (button) trigger('click', { what: button.dataset.do, key: button.dataset.key });
});
let at = '';
element.addEventListener('focusin', event => { at = event.target.id || ''; });
watch('value', () => {
  if (!at || document.activeElement !== document.body) return;
  const again = document.getElementById(at);
  if (again && !again.disabled) again.focus();
});
"""
_BUTTONS = (("up", "↑", "queue_up"), ("down", "↓", "queue_down"))


def behind_text(behind: Behind, lang: str) -> str:
    """What is waited for, in a sentence."""
    if not behind.work:
        return say(lang, "behind")
    key = "behind_step" if behind.work == "train" else "behind_pictures"
    known = behind.step is not None
    far = say(lang, key, step=behind.step, total=behind.total) if known else ""
    return say(lang, f"behind_{behind.work}", title=behind.title_in(lang), far=far)


def drawing_text(done: int, total: int, behind: Behind | None, lang: str) -> str:
    """How far a drawing is, or what it waits for."""
    return behind_text(behind, lang) if behind else say(lang, "drawing", done=done, total=total)


def queue_list(rows: Sequence[Queued], lang: str, *, paused: bool) -> str:
    """The line, what is at work first."""
    told = parts.head(say(lang, "queue_title"), say(lang, "queue_sub"))
    if paused:
        told += f'<p class="sg-pill attention">{escape(say(lang, "queue_paused"))}</p>'
    if not rows:
        return f'{told}<p class="sg-sub">{say(lang, "queue_empty")}</p>'
    items = "".join(_row(place, row, lang) for place, row in enumerate(rows))
    return f'{told}<ol class="sg-queue">{items}</ol>'


def _row(place: int, row: Queued, lang: str) -> str:
    far = ""
    if row.step is not None and row.total:
        far = f" · {say(lang, 'queue_far', step=row.step, total=row.total)}"
    pill = parts.state_pill(row.state, say(lang, f"s_{row.state}"))
    title = escape(row.title_in(lang))
    about = f"{say(lang, f'work_{row.work}')} · {row.key}{far}"
    buttons = "".join(
        _button(what, sign, say(lang, word), row, enabled=getattr(row, what))
        for what, sign, word in _BUTTONS
    )
    word = say(lang, "stop" if row.state.value != "queued" else "queue_cancel")
    stop = _button("cancel", word, word, row, enabled=row.stoppable)
    return (
        f'<li><span class="n sg-num">{place + 1}</span>{pill}<span class="what"><b>{title}</b>'
        f'<span class="sg-cap">{escape(about)}</span></span>'
        f'<span class="do">{buttons}{stop}</span></li>'
    )


def _button(what: str, sign: str, word: str, row: Queued, *, enabled: bool) -> str:
    off = "" if enabled else " disabled"
    name = escape(f"{word}: {row.title}", quote=True)
    key = escape(row.key, quote=True)
    return (
        f'<button type="button" class="sg-mini {what}" id="queue-{what}-{key}" data-do="{what}" '
        f'data-key="{key}" aria-label="{name}" title="{escape(word)}"{off}>{escape(sign)}</button>'
    )
