"""The verdict's table and the table of things, as HTML with a dot and a whisker in each line."""

from collections.abc import Sequence
from html import escape

from studio.evaluation.findings import Compared, Findings, Wanted
from studio.evaluation.levels import check, limit_of, limit_share, surely_fell
from studio.icons import icon
from studio.records import Rate
from studio.services.reporting.words import (
    Tongue,
    change_said,
    family_about,
    family_name,
    share,
    text,
    thing_name,
)

WIDTH, HEIGHT, PAD = 320, 46, 8
TICKS = 4
LOWEST_KEPT = (80, 60, 40, 0)  # where the scale of what must stay may begin, in %
SIGNS: dict[str, str] = {"holds": "check", "fails": "alert", "open": "clock"}


def sign(held: str) -> str:
    """The icon of an outcome."""
    return icon(SIGNS.get(held, "minus"))


def families(findings: Findings, say: Tongue) -> str:
    """Family by family: what must go, then what must stay, each on a scale of its own."""
    return _table(findings.families, say, things=False)


def things(findings: Findings, say: Tongue) -> str:
    """Thing by thing, the largest change first; "" where nothing has a name."""
    ordered = sorted(findings.things, key=lambda line: -abs(line.difference.difference or 0))
    return _table(ordered, say, things=True) if ordered else ""


def _table(lines: Sequence[Compared], say: Tongue, *, things: bool) -> str:
    corrected = any(line.corrected is not None for line in lines)
    heads = ["name" if things else "", "pictures", "original", "", "safeguarded"]
    heads += ["corrected"] if corrected else []
    judged = not things or any(surely_fell(line) for line in lines)
    heads += ["change", "verdict" if judged else ""]
    head = "".join(f'<th scope="col">{say(key) if key else ""}</th>' for key in heads)
    body = ""
    for wanted, kind, note in (
        ("gone", "removed", "lower_better"),
        ("kept", "kept", "close_better"),
    ):
        rows = [line for line in lines if line.wanted == wanted]
        if rows:
            low = _lowest(rows) if wanted == "kept" else 0
            title = say("disappear" if wanted == "gone" else "stay")
            body += (
                f'<tr class="group"><td colspan="3"><span class="sg-pill {kind}">{title}</span> '
                f'<span class="sg-cap">{say(note)}</span></td><td class="ax">{_axis(low)}</td>'
                f'<td colspan="{len(heads) - 4}"></td></tr>'
            )
            body += "".join(_row(line, say, low, corrected, things) for line in rows)
    return (
        f'<div class="sg-scroll"><table class="sg-table matrix"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _lowest(lines: Sequence[Compared]) -> int:
    ends = [rate.low for line in lines for rate in (line.original, line.safeguarded) if rate.n]
    lowest = 100 * min((end for end in ends if end is not None), default=0.0)
    return next((low for low in LOWEST_KEPT if low <= lowest), 0)


def _row(line: Compared, say: Tongue, low: int, corrected: bool, things: bool) -> str:
    if things:
        name, about = escape(thing_name(line.name)), ""
    else:
        name = say.each(lambda lang: family_name(line.name, lang))
        about = say.each(lambda lang: family_about(line.name, lang))
    limit = None if things else limit_share(line)
    colour = "removed" if line.wanted == "gone" else "kept"
    extra = ""
    if corrected:
        freed = line.corrected
        extra = f'<td class="co">{_label("corrected", say)}'
        extra += "–</td>" if freed is None else rate_cell(freed, say) + "</td>"
    under = f'<span class="sg-cap">{about}</span>' if about else ""
    changed = say.each(lambda lang: change_said(line.difference, line.p_holm, lang))
    return (
        f'<tr><td class="nm"><b>{name}</b>{under}</td><td class="n">{line.safeguarded.n:,}</td>'
        f'<td class="og">{rate_cell(line.original, say)}</td>'
        f'<td class="dw">{whisker(line.original, line.safeguarded, colour, say, limit, low)}</td>'
        f'<td class="sf">{_label("safeguarded", say)}'
        f"{rate_cell(line.safeguarded, say)}</td>{extra}"
        f'<td class="ch">{_label("change", say)}{changed}</td>'
        f'<td class="vd">{_pill(line, say, things)}</td></tr>'
    )


def _label(key: str, say: Tongue) -> str:
    """The head of a column once more, for a narrow window where there are no heads."""
    return f'<span class="lb">{say(key)} </span>'


def _pill(line: Compared, say: Tongue, things: bool) -> str:
    if things:
        if not surely_fell(line):
            return ""
        held, told = "fails", say("p_fell", limit=share_of_points(limit_of(line)))
    else:
        held = check(line).held
        told = say(f"h_{held}")
        if held == "fails":
            key = "p_above" if line.wanted == "gone" else "p_fell"
            told = say(key, limit=share_of_points(limit_of(line)))
    kind = {"holds": "done", "fails": "attention"}.get(held, "queued")
    return f'<span class="sg-pill {kind}">{sign(held)}{told}</span>'


def share_of_points(limit: float) -> str:
    """A limit as a person writes it: 2, 5."""
    return f"{100 * limit:g}"


def rate_cell(rate: Rate, say: Tongue) -> str:
    """A rate in a cell: share and interval; k of n and a bound where nothing was seen."""
    if rate.rate is None or rate.low is None or rate.high is None:
        return f'<span class="sg-cap">{say("not_measured")}</span>'
    if rate.k == 0 or rate.rate == 0:
        bound = share(rate.high)
        told = say.each(lambda x: f"低于 {bound}" if x == "zh" else f"below {bound}")
        return f'{rate.k} / {rate.n} <span class="sg-cap">{told}</span>'
    return (
        f'{share(rate.rate)} <span class="sg-cap">{share(rate.low)}–{share(rate.high)}</span>'
        f'<span class="sg-cap kn">{rate.k} / {rate.n}</span>'
    )


def whisker(
    before: Rate, after: Rate, colour: str, say: Tongue, limit: float | None = None, low: int = 0
) -> str:
    """Hollow dashed dot: the original. Solid dot: safeguarded. Line: its interval. Dotted: limit.

    Args:
        limit: as a share. low: where the scale begins, in %.
    """
    middle, shapes = HEIGHT / 2, [_grid(low)]

    def x(value: float) -> float:
        return PAD + max(0.0, 100 * value - low) / (100 - low) * (WIDTH - 2 * PAD)

    def line(start: float, end: float, style: str) -> str:
        return f'<line x1="{x(start):.1f}" x2="{x(end):.1f}" y1="{middle}" y2="{middle}" {style}/>'

    if limit is not None:
        shapes.append(
            f'<line x1="{x(limit):.1f}" x2="{x(limit):.1f}" y1="{middle - 11}" y2="{middle + 11}" '
            'stroke="var(--sg-text)" stroke-width="1.5" stroke-dasharray="2 2"/>'
        )
    ink = f"var(--sg-{colour})"
    if before.rate is not None and after.rate is not None:
        shapes.append(
            line(after.rate, before.rate, f'stroke="{ink}" stroke-opacity=".28" stroke-width="1.5"')
        )
    if before.rate is not None and before.low is not None and before.high is not None:
        shapes.append(line(before.low, before.high, 'stroke="var(--sg-text3)" stroke-width="1.5"'))
        shapes.append(
            f'<circle cx="{x(before.rate):.1f}" cy="{middle}" r="4" fill="var(--sg-card)" '
            'stroke="var(--sg-text3)" stroke-width="1.6" stroke-dasharray="2 1.4"/>'
        )
    if after.rate is not None and after.low is not None and after.high is not None:
        style = f'stroke="{ink}" stroke-width="3" stroke-linecap="round" stroke-opacity=".55"'
        shapes.append(line(after.low, after.high, style))
        shapes.append(f'<circle cx="{x(after.rate):.1f}" cy="{middle}" r="4.6" fill="{ink}"/>')
    told = say.plain(
        lambda lang: (
            f"{text(lang, 'original')} {share(before.rate)} %, "
            f"{text(lang, 'safeguarded')} {share(after.rate)} %"
        )
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}">'
        f"{''.join(shapes)}</svg>"
    )


def _grid(low: int) -> str:
    return "".join(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{HEIGHT}" stroke="var(--sg-line)"/>'
        for x, _ in _ticks(low)
    )


def _axis(low: int) -> str:
    ticks = _ticks(low)
    told = "".join(
        f'<text x="{x:.1f}" y="12" font-size="11" fill="var(--sg-text3)" '
        f'text-anchor="{_anchor(place)}">{value:g}{" %" if value == 100 else ""}</text>'
        for place, (x, value) in enumerate(ticks)
    )
    return f'<svg viewBox="0 0 {WIDTH} 16" aria-hidden="true">{told}</svg>'


def _anchor(place: int) -> str:
    return "start" if place == 0 else "end" if place == TICKS else "middle"


def _ticks(low: int) -> list[tuple[float, float]]:
    values = [low + place * (100 - low) / TICKS for place in range(TICKS + 1)]
    return [(PAD + (v - low) / (100 - low) * (WIDTH - 2 * PAD), v) for v in values]


def legend(wanted: Wanted, say: Tongue) -> str:
    """What dots and lines mean."""
    ink = "removed" if wanted == "gone" else "kept"
    return (
        '<span class="sg-legend"><span><svg width="12" height="12" viewBox="0 0 12 12" '
        'aria-hidden="true"><circle cx="6" cy="6" r="4" fill="none" stroke="var(--sg-text3)" '
        f'stroke-width="1.6" stroke-dasharray="2 1.4"/></svg>{say("original")}</span>'
        '<span><svg width="26" height="12" viewBox="0 0 26 12" aria-hidden="true">'
        f'<path d="M1 6h24" stroke="var(--sg-{ink})" stroke-width="3" stroke-opacity=".55"/>'
        f'<circle cx="13" cy="6" r="4.6" fill="var(--sg-{ink})"/></svg>{say("interval")}</span>'
        '<span><svg width="4" height="14" viewBox="0 0 4 14" aria-hidden="true">'
        '<path d="M2 0v14" stroke="var(--sg-text)" stroke-width="1.5" stroke-dasharray="2 2"/>'
        f"</svg>{say('limit')}</span></span>"
    )
