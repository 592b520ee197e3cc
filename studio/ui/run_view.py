"""How a run looks: progress, charts and samples, made from what its folder says."""

import time
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from studio.methods import LEARNING
from studio.outcome import run_outcome, told_outcome
from studio.records import CheckRecord, Progress, Rate, State
from studio.ui import parts
from studio.ui.queue_view import behind_text
from studio.ui.words import say
from studio.words import duration
from studio.world import ROOT

MOST_POINTS = 500
CHART = (
    '<div class="sg-chart" data-key="{key}">{options}<canvas role="img" aria-label="{label}">'
    '</canvas><div class="tip"></div></div>'
)
SWITCHES = {"smooth": "smooth", "log": "log_scale", "clip": "clip"}  # of the loss; their words
CHART_JS = "SG.chart(element, () => props.value, watch)"


def chart_template(key: str, label: str, options: Iterable[str] = ()) -> str:
    """The frame of a chart; `options` name its switches, whose words come with its data."""
    buttons = "".join(f'<button type="button" data-k="{name}"></button>' for name in options)
    return CHART.format(
        key=key,
        label=escape(label),
        options=f'<div class="opts">{buttons}</div>' if buttons else "",
    )


def chip(progress: Progress | None, lang: str) -> str:
    """The line in the top bar: what is at work, or how the last run ended."""
    if progress is None:
        return f'<span class="sg-chip"><i class="sg-dot ok"></i>{say(lang, "idle")}</span>'
    status = progress.status
    if not status.state.alive:
        bad = status.state in (State.FAILED, State.INTERRUPTED)
        dot, shade = ("bad", " is-failed") if bad else ("ok", "")
        return (
            f'<span class="sg-chip{shade}"><i class="sg-dot {dot}"></i>'
            f"<b>{escape(progress.title_in(lang))}</b>"
            f'<span class="opt">{state_word(progress, lang)}</span></span>'
        )
    left = "" if status.seconds_left is None else duration(status.seconds_left)
    share = 100 * status.step / max(1, status.total)
    return (
        f'<span class="sg-chip"><i class="sg-dot live"></i><b>{escape(progress.title_in(lang))}</b>'
        f'<span class="sg-num">{status.step} / {status.total}</span>'
        f'<span class="opt">{left}</span><i class="bar" style="width:{share:.1f}%"></i></span>'
    )


def progress_block(progress: Progress | None, lang: str) -> str:
    """State, step, the two results, pace and time left; a card with a cure when it failed."""
    if progress is None:
        return parts.empty(say(lang, "no_run"), say(lang, "no_run_text"))
    status = progress.status
    share = 100 * status.step / max(1, status.total)
    pill = parts.state_pill(status.state, state_word(progress, lang))
    when = time.strftime("%H:%M", time.localtime(status.started)) if status.started else ""
    rows = [
        f'<div class="line1">{pill}<b class="name">{escape(progress.title_in(lang))}</b>'
        f'<span class="sg-cap">{progress.method.upper()} · {escape(progress.model_in(lang))} · '
        f"{when}</span>"
        f'<span class="big"><b class="sg-num">{status.step:,}</b> '
        f"{say(lang, 'of_steps', total=f'{status.total:,}')}</span></div>",
        f'<div class="sg-track" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{share:.0f}"><i style="width:{share:.1f}%"></i></div>',
        _facts(progress, lang),
    ]
    if status.state in (State.FAILED, State.INTERRUPTED):
        kind = "failed" if status.state is State.FAILED else "attention"
        rows.append(parts.trouble(kind, status.what, status.way_out, lang))
    elif (told := told_outcome(progress))[0]:
        rows.append(parts.trouble("attention", *told, lang))
    elif status.state is State.QUEUED:
        waits = behind_text(progress.behind, lang) if progress.behind else ""
        rows.append(f'<p class="sg-sub">{escape(waits or say(lang, "queued_text"))}</p>')
    elif status.state is State.STARTING:
        key = "triplets_text" if status.to_prepare else "starting_text"
        text = say(lang, key, done=status.prepared, total=status.to_prepare)
        rows.append(f'<p class="sg-sub">{text}</p>')
    elif status.state.alive:
        rows.append(f'<p class="sg-cap">{say(lang, "closable")}</p>')
    return f'<div class="sg-run">{"".join(rows)}</div>'


def state_word(progress: Progress, lang: str) -> str:
    """The state of a run in a word or two; a training for nothing is more than "done"."""
    outcome = run_outcome(progress)
    key = "s_nothing" if outcome and outcome.for_nothing else f"s_{progress.status.state}"
    return say(lang, key)


def smaller(progress: Progress | None, lang: str) -> str:
    """What a button says that starts a run whose memory ran out with less; "" for no button."""
    found = progress.status.smaller if progress else {}
    for name, value in (pair for part in found.values() for pair in part.items()):
        return say(lang, "smaller", what=say(lang, f"smaller_{name}"), value=value)
    return ""


def ended(progress: Progress, lang: str) -> str:
    """Under a run that left an adapter: how far to trust what was seen, and where it lies."""
    path = Path(progress.adapter or "")
    near = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    saved = say(lang, "saved_in", path=str(near))
    return (
        f'<p class="sg-sub">{say(lang, "quick_check")}</p>'
        f'<p class="sg-cap sg-path">{escape(saved)}</p>'
    )


def _facts(progress: Progress, lang: str) -> str:
    status = progress.status
    cells = []
    check = progress.checks[-1] if progress.checks else None
    if check and progress.method not in LEARNING:  # a word that is learned removes nothing
        cells.append(_fact(say(lang, "still_shows"), rate_html(check.target, lang), "res rm"))
        cells.append(_fact(say(lang, "kept_near"), rate_html(check.neighbour, lang), "res kp"))
        cells.append(_fact(say(lang, "kept"), rate_html(check.unrelated, lang), "res kp"))
        cells.append('<span class="cut"></span>')
    if status.seconds_per_step:
        cells.append(_fact(say(lang, "per_step"), f"{status.seconds_per_step:.2f} s"))
    if status.seconds_left is not None and status.state.alive:
        cells.append(_fact(say(lang, "left"), duration(status.seconds_left)))
    if status.memory_gb:
        cells.append(_fact(say(lang, "memory"), f"{status.memory_gb:.1f} GB"))
    return f'<dl class="sg-facts">{"".join(cells)}</dl>' if cells else ""


def _fact(name: str, value: str, kind: str = "") -> str:
    return f'<div class="{kind}"><dt>{name}</dt><dd>{value}</dd></div>'


def rate_html(rate: Rate, lang: str) -> str:
    """A rate with its interval; never a bare percentage."""
    if rate.rate is None or rate.low is None or rate.high is None:
        return f'<span class="sg-cap">{say(lang, "not_measured")}</span>'
    span = f'<span class="sg-cap">{100 * rate.low:.0f}–{100 * rate.high:.0f}</span>'
    if rate.k == 0:
        return f"0 / {rate.n} {span}"
    return f"{100 * rate.rate:.0f} % {span}"


def safety_chart(progress: Progress | None, lang: str) -> dict[str, Any] | None:
    """Data of the safety curve: still shows, look-alikes and others kept, by step."""
    if progress is None or not any(check.target.n for check in progress.checks):
        return None
    total = max(1, progress.status.total)
    lines = [
        _line(progress.checks, "target", "removed", say(lang, "still_shows")),
        _line(progress.checks, "neighbour", "kept", say(lang, "kept_near")),
        _line(progress.checks, "unrelated", "kept", say(lang, "kept")),
    ]
    first = progress.checks[0].target.rate
    refs = [] if first is None else [{"y": 100 * first, "color": "removed"}]
    return {
        "height": 280,
        "x": {"min": 0, "max": total, "ticks": _ticks(total), "label": say(lang, "step")},
        "y": {"min": 0, "max": 100, "ticks": [0, 25, 50, 75, 100], "fmt": "%"},
        "now": progress.status.step if progress.status.step < total else None,
        "refs": refs,
        "series": [line for line in lines if line],
    }


def _line(
    checks: tuple[CheckRecord, ...], kind: str, colour: str, name: str
) -> dict[str, Any] | None:
    points = [(check.step, getattr(check, kind)) for check in checks]
    measured = [(step, rate) for step, rate in points if rate.rate is not None]
    if not measured:
        return None
    return {
        "name": name,
        "label": f"{name}|{100 * measured[-1][1].rate:.0f} %",
        "color": colour,
        "dots": True,
        "hollow": kind == "unrelated",
        "xs": [step for step, _ in measured],
        "ys": [100 * rate.rate for _, rate in measured],
        "lo": [100 * rate.low for _, rate in measured],
        "hi": [100 * rate.high for _, rate in measured],
    }


def loss_chart(progress: Progress | None, lang: str) -> dict[str, Any] | None:
    """Data of the loss curve, at most MOST_POINTS points."""
    if progress is None or len(progress.steps) < 2:
        return None
    total = max(1, progress.status.total)
    every = max(1, len(progress.steps) // MOST_POINTS)
    kept = progress.steps[::every]
    return {
        "height": 250,
        "loglike": True,
        "switches": {name: say(lang, text) for name, text in SWITCHES.items()},
        "right": 16,
        "x": {"min": 0, "max": total, "ticks": _ticks(total), "label": say(lang, "step")},
        "y": {"min": 0, "max": 1},
        "now": progress.status.step if progress.status.step < total else None,
        "series": [
            {
                "name": say(lang, "loss_title"),
                "color": "text",
                "raw": True,
                "xs": [record.step for record in kept],
                "ys": [record.loss for record in kept],
            }
        ],
    }


def _ticks(total: int) -> list[int]:
    return sorted({round(total * share / 4) for share in range(5)})
