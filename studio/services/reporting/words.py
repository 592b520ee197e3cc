"""Every text of a report, English and Chinese, and the numbers as people read them."""

from collections.abc import Callable
from html import escape

from studio.evaluation.comparison import Difference
from studio.evaluation.verdict import REST
from studio.records import Rate
from studio.services.reporting.family_words import FAMILIES, SCORES
from studio.services.reporting.report_words import WORDS
from studio.words import rate_text

LANGUAGES = ("en", "zh")


def text(lang: str, key: str, **values: object) -> str:
    """A text in a language, its {places} filled."""
    return WORDS[key][lang == "zh"].format(**values)


class Tongue:
    """Says things as HTML: in one language, or in both for a page that can switch."""

    def __init__(self, *langs: str) -> None:
        self.langs = langs or LANGUAGES

    def __call__(self, key: str, **values: object) -> str:
        """A text by its key, escaped."""
        return self.each(lambda lang: text(lang, key, **values))

    def each(self, say: Callable[[str], str], tag: str = "span") -> str:
        """What `say` gives in each language, escaped; once where it is the same in all.

        Args:
            tag: what holds a language; "tspan" inside SVG.
        """
        said = {lang: escape(say(lang)).replace(" %", "\u00a0%") for lang in self.langs}
        if len(set(said.values())) == 1:
            return next(iter(said.values()))
        return "".join(f'<{tag} class="{x}" lang="{x}">{told}</{tag}>' for x, told in said.items())

    def plain(self, say: Callable[[str], str]) -> str:
        """The same for an attribute, where no tags can stand."""
        return escape(" / ".join(dict.fromkeys(say(lang) for lang in self.langs)))


def family_name(name: str, lang: str) -> str:
    """What a family of prompts is called; its own name where the studio knows no better."""
    base, rest = name.removesuffix(REST), name.endswith(REST)
    told = FAMILIES[base][0][lang == "zh"] if base in FAMILIES else base.replace("_", " ")
    return text(lang, "rest_of", family=told) if rest else told


def score_name(name: str, lang: str) -> str:
    """What a score is called; it names the features it was taken with."""
    if lang == "zh":
        for english, chinese in SCORES.items():
            name = name.replace(english, chinese)
    return name


def family_about(name: str, lang: str) -> str:
    """What its prompts are; "" where the studio does not know."""
    base = name.removesuffix(REST)
    if name.endswith(REST) or base not in FAMILIES:
        return ""
    return FAMILIES[base][1][lang == "zh"]


def thing_name(name: str) -> str:
    """An object or a style as people write it."""
    return name.removeprefix("style:").replace("_", " ")


def rate_said(rate: Rate, lang: str) -> str:
    """A rate with its interval; a bound where nothing was seen."""
    if rate.rate is None or rate.low is None or rate.high is None:
        return text(lang, "not_measured")
    if rate.k and not rate.rate:  # freed from a judge's mistakes
        return text(lang, "none_left", k=rate.k, n=rate.n, bound=f"{100 * rate.high:.1f}")
    if lang == "en":
        return rate_text(rate)
    if rate.k == 0:
        return f"{rate.n} 张中 0 张，低于 {100 * rate.high:.1f} %"
    low, high = 100 * rate.low, 100 * rate.high
    return f"{100 * rate.rate:.1f} %（{low:.1f}–{high:.1f}，{rate.n} 张中 {rate.k} 张）"


def change_said(change: Difference, p: float | None, lang: str) -> str:
    """A difference in points with its interval; says so where chance alone explains it."""
    if change.difference is None or change.low is None or change.high is None:
        return text(lang, "not_measured")
    to = "至" if lang == "zh" else "to"
    span = f"{100 * change.low:+.1f} {to} {100 * change.high:+.1f}"
    told = f"{100 * change.difference:+.1f} ({span})"
    return told if p is not None and p < 0.05 else f"{told} {text(lang, 'may_be_chance')}"


def share(value: float | None) -> str:
    """A share as a percentage without its sign; "–" for None."""
    return "–" if value is None else f"{100 * value:.1f}"
