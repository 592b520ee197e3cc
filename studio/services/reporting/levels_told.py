"""A verdict's levels in words: what holds, what does not, and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from studio.evaluation.findings import Findings
from studio.evaluation.levels import (
    Check,
    Held,
    check,
    erased,
    measures_nothing,
    precise,
    surely_fell,
)
from studio.services.reporting.words import LANGUAGES, family_name, text, thing_name


@dataclass(frozen=True)
class Told:
    """One level: its key in the words, whether it holds, and why by language."""

    key: str
    held: Held
    why: dict[str, str]


def levels_told(findings: Findings) -> tuple[Told, ...]:
    """The four levels, of which two were not tested yet."""
    if findings.level == "collapsed":
        nothing: Held = "left out"
        first = [
            Told(key, nothing, _both(lambda lang: text(lang, "l_collapsed")))
            for key in ("erased", "precise")
        ]
    else:
        first = [_erased(findings), _precise(findings)]
    untested = [
        Told(key, "not measured", _both(partial(_why_untested, key)))
        for key in ("contained", "durable")
    ]
    return (first[0], *untested, first[1])


def _why_untested(key: str, lang: str) -> str:
    return text(lang, f"{key}_why")


def _erased(findings: Findings) -> Told:
    held = erased(findings.families)
    checks = [check(line) for line in findings.families if line.wanted == "gone"]

    def why(lang: str) -> str:
        key = "w_coin" if measures_nothing(findings.families) else "w_no_direct"
        told = _worst(checks, held, "erased", lang) if held in _TOLD else text(lang, key)
        return _with_left_out(told, checks, lang)

    return Told("erased", held, _both(why))


def _precise(findings: Findings) -> Told:
    held = precise(findings.families, findings.things)
    checks = [check(line) for line in findings.families if line.wanted == "kept"]
    checks += [check(line) for line in findings.things if surely_fell(line)]

    def why(lang: str) -> str:
        told = _worst(checks, held, "precise", lang) if held in _TOLD else text(lang, "w_no_kept")
        return _with_left_out(told, checks, lang)

    return Told("precise", held, _both(why))


_TOLD = ("holds", "fails", "open")


def _worst(checks: Sequence[Check], held: Held, key: str, lang: str) -> str:
    """The line that decides: the one furthest beyond its limit."""
    graded = [c for c in checks if c.held in _TOLD and c.bound is not None]
    like = [c for c in graded if c.held == held] or graded
    if not like:
        return text(lang, "not_measured")
    decides = max(like, key=lambda c: _size(c) - c.limit)
    largest = max(map(_size, graded)) if held == "holds" else _size(decides)
    return text(
        lang,
        f"w_{key}_{held}",
        name=_name(decides, lang),
        bound=f"{100 * largest:.1f}",
        limit=f"{100 * decides.limit:g}",
        count=len(graded),
    )


def _size(found: Check) -> float:
    """The upper bound of a leak, or of a drop."""
    bound = found.bound or 0.0
    return bound if found.line.wanted == "gone" else max(0.0, -bound)


def _name(found: Check, lang: str) -> str:
    if found.line.family:  # a line about one thing
        return thing_name(found.line.name)
    return family_name(found.line.name, lang)


def _with_left_out(told: str, checks: Sequence[Check], lang: str) -> str:
    names = [_name(c, lang) for c in checks if c.held == "left out"]
    if not names:
        return told
    comma = "、" if lang == "zh" else ", "
    return f"{told}; {text(lang, 'w_left_out', names=comma.join(names))}"


def _both(say: Callable[[str], str]) -> dict[str, str]:
    return {lang: say(lang) for lang in LANGUAGES}
