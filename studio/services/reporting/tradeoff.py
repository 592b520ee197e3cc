"""Leak against kept over all evaluations that may stand in one plot."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from studio.evaluation.findings import Compared, Findings, Wanted
from studio.evaluation.verdict import DIRECT, NEIGHBOURS
from studio.records import Rate
from studio.services.reporting.words import Tongue, family_name, text

WIDTH, HEIGHT = 560, 380
LEFT, RIGHT, TOP, BOTTOM = 52, 22, 18, 46
GOAL_LEAK, GOAL_KEPT = 0.05, 0.95
LOWEST = (0.8, 0.6, 0.4, 0.2, 0.0)  # where the upright axis may begin
LONGEST_NAME = 36
STAMP = re.compile(r"^\d{8}-\d{6}-")  # when a run was started, in front of its name


@dataclass(frozen=True)
class Point:
    """One column of one evaluation; both rates with their intervals."""

    name: str
    leak: Rate
    kept: Rate
    original: bool = False
    quick: bool = False
    here: bool = False


def main_lines(findings: Findings) -> tuple[Compared, Compared] | None:
    """What a plot takes of a report: direct prompts and look-alikes, else the first of each."""
    found = []
    sides: tuple[tuple[Wanted, str], ...] = (("gone", DIRECT), ("kept", NEIGHBOURS))
    for wanted, first in sides:
        lines = [f for f in findings.families if f.wanted == wanted and f.safeguarded.n]
        found.append(next((f for f in lines if f.name == first), lines[0] if lines else None))
    leak, kept = found
    return (leak, kept) if leak is not None and kept is not None else None


def comparable(one: Findings, other: Findings) -> bool:
    """Whether two reports may stand in one plot: same pack, protocol, judge, model and prompts."""
    keys = ("model_sha256", "prompts_sha256", "split")
    same = all(one.about.get(key) == other.about.get(key) for key in keys)
    return (
        same
        and (one.pack, one.protocol) == (other.pack, other.protocol)
        and one.detectors[:1] == other.detectors[:1]
    )


def points(findings: Findings, all_findings: Iterable[Findings]) -> tuple[Point, ...]:
    """This report and all that compare with it, with the original of this one."""
    lines = main_lines(findings)
    if lines is None:
        return ()
    leak, kept = lines
    found = [Point("", leak.original, kept.original, original=True)]
    seen = set()
    for other in (findings, *all_findings):
        key, theirs = (other.evaluation, other.column), main_lines(other)
        if key in seen or theirs is None or not comparable(findings, other):
            continue
        if [line.name for line in theirs] != [line.name for line in lines]:
            continue
        seen.add(key)
        gone, stays = (line.safeguarded for line in theirs)
        found.append(Point(other.column, gone, stays, quick=other.quick, here=other is findings))
    return tuple(found)


def plot(findings: Findings, shown: Sequence[Point], say: Tongue) -> str:
    """The plot as SVG in the page's colours; "" where there is nothing to plot."""
    lines = main_lines(findings)
    drawn = [p for p in shown if None not in (p.leak.low, p.leak.high, p.kept.low, p.kept.high)]
    if lines is None or not drawn:
        return ""
    lowest = min(p.kept.low or 0 for p in drawn)
    frame = _Frame(next(low for low in LOWEST if low <= lowest))
    label = say.plain(lambda lang: text(lang, "trade_title"))
    x_text, y_text = (
        say.each(partial(_axis_text, key, line.name), "tspan")
        for key, line in zip(("trade_x", "trade_y"), lines, strict=True)
    )
    pieces = [
        f'<svg class="sg-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">',
        frame.drawn(say),
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" font-size="12" text-anchor="end" '
        f'fill="var(--sg-text2)">{x_text}</text>',
        f'<text transform="translate(13 {TOP}) rotate(-90)" font-size="12" text-anchor="end" '
        f'fill="var(--sg-text2)">{y_text}</text>',
        *(frame.cross(point) for point in drawn),
        *frame.names(drawn, say),
        "</svg>",
    ]
    return "".join(pieces)


def _axis_text(key: str, family: str, lang: str) -> str:
    return text(lang, key, family=family_name(family, lang))


@dataclass(frozen=True)
class _Frame:
    """Axes: leak from 100 % at the left to 0 at the right, kept from `low` upwards."""

    low: float

    def x(self, leak: float) -> float:
        return LEFT + (1 - leak) * (WIDTH - LEFT - RIGHT)

    def y(self, kept: float) -> float:
        return TOP + (1 - kept) / (1 - self.low) * (HEIGHT - TOP - BOTTOM)

    def drawn(self, say: Tongue) -> str:
        left, top = self.x(GOAL_LEAK), self.y(1)
        wide, high = self.x(0) - left, self.y(GOAL_KEPT) - top
        goal = say.each(lambda lang: text(lang, "goal"), "tspan")
        pieces = [
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" '
            'fill="var(--sg-kept-soft)" stroke="var(--sg-kept-line)"/>',
            f'<text x="{left - 6:.1f}" y="{top + 13:.1f}" font-size="11" text-anchor="end" '
            f'fill="var(--sg-kept)">{goal}</text>',
        ]
        foot = HEIGHT - BOTTOM
        for leak in (1.0, 0.75, 0.5, 0.25, 0.0):
            x = self.x(leak)
            pieces.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{foot}" stroke="var(--sg-line)"/>'
                f'<text x="{x:.1f}" y="{foot + 16}" font-size="12" text-anchor="middle" '
                f'fill="var(--sg-text3)">{100 * leak:g}</text>'
            )
        for place in range(5):
            kept = 1 - place * (1 - self.low) / 4
            y = self.y(kept)
            pieces.append(
                f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
                f'stroke="var(--sg-line)"/><text x="{LEFT - 8}" y="{y + 4:.1f}" font-size="12" '
                f'text-anchor="end" fill="var(--sg-text3)">{100 * kept:.0f}</text>'
            )
        return "".join(pieces)

    def cross(self, point: Point) -> str:
        leak, kept = point.leak, point.kept
        assert leak.rate is not None and kept.rate is not None
        ink = "var(--sg-text)" if point.here else "var(--sg-text3)"
        x, y = self.x(leak.rate), self.y(kept.rate)
        arms = (
            f'<line x1="{self.x(leak.high or 0):.1f}" x2="{self.x(leak.low or 0):.1f}" '
            f'y1="{y:.1f}" y2="{y:.1f}" stroke="{ink}" stroke-width="1.4"/>'
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{self.y(kept.low or 0):.1f}" '
            f'y2="{self.y(kept.high or 0):.1f}" stroke="{ink}" stroke-width="1.4"/>'
        )
        solid = not point.original and not point.quick
        fill = ink if solid else "var(--sg-card)"
        dashed = ' stroke-dasharray="2.4 1.8"' if point.original else ""
        return (
            f'{arms}<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{fill}" stroke="{ink}" '
            f'stroke-width="1.6"{dashed}/>'
        )

    def names(self, shown: Sequence[Point], say: Tongue) -> list[str]:
        """Names beside the marks, moved down where they would cover each other."""
        told: list[str] = []
        taken: list[tuple[float, bool]] = []
        for point in sorted(shown, key=lambda p: -(p.kept.rate or 0)):
            x, y = self.x(point.leak.rate or 0), self.y(point.kept.rate or 0) - 10
            y = max(y, TOP + 30) if x > WIDTH * 0.7 else max(y, TOP + 10)
            left = x > WIDTH * 0.55
            while any(abs(y - other) < 15 and left == side for other, side in taken):
                y += 15
            taken.append((y, left))
            name = say.each(partial(_label, point), "tspan")
            weight, ink = (600, "text") if point.here else (400, "text2")
            told.append(
                f'<text x="{x + (-10 if left else 10):.1f}" y="{y:.1f}" font-size="12" '
                f'font-weight="{weight}" text-anchor="{"end" if left else "start"}" '
                f'fill="var(--sg-{ink})" stroke="var(--sg-card)" stroke-width="3" '
                f'paint-order="stroke">{name}</text>'
            )
        return told


def short_name(label: str) -> str:
    """A column's label without the time at which its run began, cut where it is long."""
    name = STAMP.sub("", label)
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _label(point: Point, lang: str) -> str:
    if point.original:
        return text(lang, "original")
    name = short_name(point.name)
    return f"{name} ({text(lang, 'quick').split(',')[0].split('，')[0]})" if point.quick else name
