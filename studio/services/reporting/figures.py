"""Figures for papers and slides: the verdict with its intervals, and the trade-off; SVG and PNG."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from studio.evaluation.findings import Compared, Findings
from studio.evaluation.levels import limit_share
from studio.lettering import families, legible
from studio.records import Rate
from studio.services.reporting.stored import write_bytes
from studio.services.reporting.tradeoff import GOAL_KEPT, GOAL_LEAK, Point, main_lines, short_name
from studio.services.reporting.words import family_name, text
from studio.tokens import LIGHT

DPI = 200
LANG = "en"
STYLE: dict[str, Any] = {"color": LIGHT["text2"], "fontsize": 9}
GOAL: dict[str, Any] = {
    "facecolor": LIGHT["kept_soft"],
    "edgecolor": LIGHT["kept_line"],
    "zorder": 0,
}


def write_figures(findings: Findings, points: Sequence[Point], folder: Path) -> tuple[Path, ...]:
    """Write verdict.svg, verdict.png and, where there is one, trade-off.svg and trade-off.png.

    Raises:
        StudioError: a file cannot be written.
    """
    drawn = {"verdict": verdict_figure(findings)}
    if points:
        drawn["trade-off"] = trade_off_figure(findings, points)
    return tuple(
        write_bytes(folder / f"{name}.{kind}", _bytes(figure, kind))
        for name, figure in drawn.items()
        for kind in ("svg", "png")
    )


def _bytes(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format=kind, dpi=DPI, metadata={"Date": None} if kind == "svg" else {})
    return buffer.getvalue()


def verdict_figure(findings: Findings) -> Figure:
    """Each family with a hollow dot for the original, a solid one and its interval for the rest."""
    lines = [line for line in findings.families if line.safeguarded.rate is not None]
    figure = Figure(figsize=(7.2, 1.3 + 0.42 * max(1, len(lines))), layout="constrained")
    axes = figure.add_subplot()
    for place, line in enumerate(reversed(lines)):
        ink = LIGHT["removed" if line.wanted == "gone" else "kept"]
        _mark(axes, line.original, place, LIGHT["text3"], hollow=True)
        _mark(axes, line.safeguarded, place, ink)
        limit = limit_share(line)
        if limit is not None:
            axes.plot([100 * limit] * 2, [place - 0.3, place + 0.3], ":", color=LIGHT["text"], lw=1)
    axes.set_yticks(range(len(lines)), [_name(line) for line in reversed(lines)])
    axes.set_xlim(-1, 101)
    axes.set_ylim(-0.6, max(0.6, len(lines) - 0.4))
    axes.set_xlabel("pictures that show it, %; hollow: original, dotted: limit", **STYLE)
    _finish(figure, axes, findings)
    return figure


def _name(line: Compared) -> str:
    return f"{family_name(line.name, LANG)} (n = {line.safeguarded.n})"


def _mark(axes: Axes, rate: Rate, place: float, ink: str, *, hollow: bool = False) -> None:
    if rate.rate is None or rate.low is None or rate.high is None:
        return
    axes.plot([100 * rate.low, 100 * rate.high], [place] * 2, color=ink, lw=1.2 if hollow else 2.4)
    face = LIGHT["card"] if hollow else ink
    axes.plot(100 * rate.rate, place, "o", ms=6, mec=ink, mfc=face, zorder=3)


def trade_off_figure(findings: Findings, points: Sequence[Point]) -> Figure:
    """Leak to the right is less, kept upwards is more; crosses are 95 % intervals."""
    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axes = figure.add_subplot()
    low = 100 * GOAL_KEPT
    axes.add_patch(Rectangle((0, low), 100 * GOAL_LEAK, 100 - low, **GOAL))
    for point in points:
        if None in (point.leak.low, point.leak.high, point.kept.low, point.kept.high):
            continue
        ink = LIGHT["text"] if point.here else LIGHT["text3"]
        x, y = 100 * (point.leak.rate or 0), 100 * (point.kept.rate or 0)
        axes.errorbar(
            x,
            y,
            xerr=_arms(point.leak),
            yerr=_arms(point.kept),
            fmt="o",
            ms=7,
            lw=1.2,
            color=ink,
            mec=ink,
            mfc=LIGHT["card"] if point.original or point.quick else ink,
        )
        name = text(LANG, "original") if point.original else short_name(point.name)
        name += " (quick look)" if point.quick else ""
        near = x < 50
        name = legible(name)
        axes.annotate(
            name,
            (x, y),
            xytext=(-8 if near else 8, -14),
            textcoords="offset points",
            ha="right" if near else "left",
            fontsize=9,
            fontfamily=families(name),
            parse_math=False,
            color=ink,
        )
    lines = main_lines(findings)
    names = [family_name(line.name, LANG) for line in lines] if lines else ["", ""]
    axes.set_xlim(102, -4)
    axes.set_xlabel(f"leak on {names[0]}, % (less is better, to the right)", **STYLE)
    axes.set_ylabel(f"kept, {names[1]}, %", **STYLE)
    axes.set_ylim(top=102)
    _finish(figure, axes, findings)
    return figure


def _arms(rate: Rate) -> list[list[float]]:
    middle = rate.rate or 0
    ends = (middle - (rate.low or 0), (rate.high or 0) - middle)
    return [[100 * max(0.0, end)] for end in ends]


def _finish(figure: Figure, axes: Axes, findings: Findings) -> None:
    axes.grid(color=LIGHT["line"], lw=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=9, labelcolor=LIGHT["text2"])
    for side in axes.spines.values():
        side.set_visible(False)
    title = f"{findings.title.get(LANG, findings.pack)}: {findings.column}"
    title = legible(title)
    axes.set_title(
        title,
        loc="left",
        fontsize=10,
        fontfamily=families(title),
        parse_math=False,
        color=LIGHT["text"],
    )
    if findings.quick:
        figure.text(
            0.5,
            0.5,
            text(LANG, "quick"),
            ha="center",
            va="center",
            rotation=20,
            fontsize=26,
            color=LIGHT["text"],
            alpha=0.12,
        )
