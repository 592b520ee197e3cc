"""`report.html`: one file with everything in it, in both languages, light and dark."""

import base64
import time
from html import escape
from importlib.resources import files
from pathlib import Path

from studio import __version__
from studio.evaluation.findings import Findings
from studio.services.reporting import gallery, matrix, summary, tradeoff
from studio.services.reporting.tradeoff import Point
from studio.services.reporting.words import LANGUAGES, Tongue, text
from studio.tokens import DARK, LIGHT
from studio.world import ROOT

FONT = ROOT / "assets" / "fonts" / "PlexSans.woff2"
NAMES = {"en": "English", "zh": "中文"}


def report_html(
    findings: Findings, folder: Path, points: tuple[Point, ...], *, stale: bool = False
) -> str:
    """The whole report as one HTML file that asks nothing of any server.

    Args:
        folder: of the evaluation. points: of the trade-off plot. stale: the adapter has changed.
    """
    say = Tongue(*LANGUAGES)
    title = escape(f"{findings.title.get('en', findings.pack)}: {findings.column}")
    switches = "".join(
        f'<input class="lang" type="radio" name="lang" id="{lang}" aria-label="{NAMES[lang]}"'
        f"{' checked' if lang == 'en' else ''}>"
        for lang in LANGUAGES
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_css()}</style>\n</head>\n<body>\n{switches}\n"
        f"<main>\n{_bar(findings, say, stale)}\n"
        f"{''.join(sections(findings, folder, points, say))}</main>\n"
        f"{_watermark() if findings.quick else ''}</body>\n</html>\n"
    )


def sections(findings: Findings, folder: Path, points: tuple[Point, ...], say: Tongue) -> list[str]:
    """The cards of a report, in order; sensitive pictures blurred."""
    worst = gallery.gallery(findings, folder, say, covered=findings.sensitive)
    told = worst_told(findings, say)
    return [
        *verdict_sections(findings, say),
        _card(say, "worst", worst, sub=told),
        *evidence_sections(findings, points, say),
    ]


def verdict_sections(findings: Findings, say: Tongue, pills: str = "") -> list[str]:
    """What was found: claim and levels, families, things, quality.

    Args:
        pills: more of them beside the verdict's.
    """
    things, scores = matrix.things(findings, say), summary.quality(findings.scores, say)
    cards = [
        _card(say, "", summary.headline(findings, say, pills)),
        _card(say, "matrix", matrix.families(findings, say), right=matrix.legend("gone", say)),
        _card(say, "things", things) if things else "",
        _card(say, "quality", scores) if scores else "",
    ]
    return [card for card in cards if card]


def worst_told(findings: Findings, say: Tongue) -> str:
    """How many of the worst pictures are bad in which way."""
    return say("worst_sub", **gallery.counts(findings)) if findings.worst else ""


def evidence_sections(findings: Findings, points: tuple[Point, ...], say: Tongue) -> list[str]:
    """What to hold it against: other tests, judges, limits, cost, and how to get it again."""
    plot = tradeoff.plot(findings, points, say)
    trade = _card(say, "trade", plot) if plot else ""
    judges = _card(say, "judges", summary.judges(findings, say), sub="")
    cannot = _card(say, "limits", summary.limits(findings, say), sub="")
    cost = _card(say, "cost", summary.costs(findings, say), sub="")
    return [
        f'<div class="sg-two">{trade}{judges}</div>\n' if trade else judges,
        f'<div class="sg-two">{cannot}{cost}</div>\n',
        _card(say, "facts", summary.facts(findings, say), sub=""),
    ]


def _card(say: Tongue, key: str, inside: str, *, sub: str | None = None, right: str = "") -> str:
    head = ""
    if key:
        line = say(f"{key}_sub") if sub is None else sub
        under = f'<p class="sg-sub">{line}</p>' if line else ""
        title = f'<h2 class="sg-h2">{say(f"{key}_title")}</h2>'
        head = f'<div class="sg-head"><div>{title}{under}</div>{right}</div>'
    return f'<section class="sg-card">{head}{inside}</section>\n'


def _bar(findings: Findings, say: Tongue, stale: bool) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(findings.made))
    old = f'<span class="sg-pill attention">{matrix.sign("fails")}{say("stale")}</span>'
    tongues = "".join(f'<label for="{lang}">{NAMES[lang]}</label>' for lang in LANGUAGES)
    return (
        f'<div class="bar"><h1>Safeguard Studio <span class="sg-cap">{__version__}</span> · '
        f'{say("report")}</h1><span class="sg-cap">{escape(findings.evaluation)} · '
        f'{say("made", when=when)}</span>{old if stale else ""}<span class="grow"></span>'
        f'<span class="tongues">{tongues}</span></div>'
    )


def _watermark() -> str:
    """The words of a quick look over the whole page, beneath nothing and in nobody's way."""
    words = " · ".join(text(lang, "quick") for lang in LANGUAGES)
    return (
        '<svg class="watermark" aria-hidden="true"><defs><pattern id="wm" width="520" height="180" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(-24)"><text x="0" y="90" '
        f'font-size="26" font-weight="600" fill="currentColor">{escape(words)}</text></pattern>'
        '</defs><rect width="100%" height="100%" fill="url(#wm)"/></svg>\n'
    )


def piece_css() -> str:
    """The style of a report's pieces, for the page and for report.html."""
    return _read("report.css")


def _css() -> str:
    font = base64.b64encode(FONT.read_bytes()).decode()
    face = (
        '@font-face{font-family:"Studio Sans";font-weight:100 700;'
        f'src:url("data:font/woff2;base64,{font}") format("woff2")}}\n'
    )
    dark = f"@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}\n"
    return face + f":root{{{_variables(LIGHT)}}}\n{dark}{_read('page.css')}{piece_css()}"


def _variables(tokens: dict[str, str]) -> str:
    return "".join(f"--sg-{name.replace('_', '-')}:{value};" for name, value in tokens.items())


def _read(name: str) -> str:
    return (files("studio.services.reporting") / name).read_text(encoding="utf-8")
