"""What the tab Check shows: the text before, one picture with its question, and the result."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from studio import failures
from studio.evaluation.findings import Agreement
from studio.evaluation.prompts import STYLE, with_article
from studio.evaluation.worlds import foreign_note
from studio.records import Rate
from studio.services.calibration import Measured
from studio.services.checks import CheckSet, Item, Result, Turn
from studio.ui import parts
from studio.ui.looking import staged
from studio.ui.words import say
from studio.words import rate_text
from studio.world import load_world

MOST_DISPUTED = 24
WITHOUT_ARTICLE = ("crossed swords", "sake", "skull and crossbones")


def question(wanted: str, lang: str) -> str:
    """What is asked of a picture: about an object of Icon World, a style, or a phrase."""
    if wanted.startswith(STYLE):
        return say(lang, "check_style", what=wanted.removeprefix(STYLE))
    return say(lang, "check_thing", what=_named(wanted, lang))


def _named(wanted: str, lang: str) -> str:
    thing = load_world().find(wanted)
    if thing is None:
        return wanted
    plain = lang == "zh" or thing.name in WITHOUT_ARTICLE
    return thing.name if plain else with_article(thing.name)


def about(chosen: CheckSet, lang: str) -> str:
    """What will be shown, and that one may stop; read before the first picture."""
    told = [
        say(lang, f"check_about_{chosen.kind}", total=len(chosen.items)),
        say(lang, "check_see", title=chosen.title.of(lang)),
    ]
    if chosen.sensitive:
        what = chosen.may_show.of(lang) if chosen.may_show else "?"
        told.append(say(lang, "check_sensitive", what=what))
    told.append(say(lang, "check_free"))
    return "".join(f'<p class="sg-sub">{escape(text)}</p>' for text in told)


def stage(chosen: CheckSet, turn: Turn, item: Item, lang: str, *, covered: bool) -> str:
    """One picture with its question and how far one is."""
    asked = question(item.wanted, lang)
    large = parts.picture(
        chosen.path / item.picture, asked, covered=covered, side_px=parts.LARGE_PX
    )
    return staged(item.picture, asked, turn.done, turn.total, large, lang)


def result(chosen: CheckSet, found: Result, lang: str, *, covered: bool) -> str:
    """What the answers of everybody say, and the pictures about which judge and people differ."""
    kind = "check_sample" if chosen.kind == "evaluation" else "check_measured"
    odd = {"cut_prompts": chosen.cut, "broken_pictures": chosen.broken}
    told = [say(lang, kind), *(say(lang, key, count=n) for key, n in odd.items() if n)]
    told += [failures.told(foreign_note(name), lang) for name in chosen.foreign]
    rows = [f'<p class="sg-sub">{escape(text)}</p>' for text in told]
    for place, agreed in enumerate(found.agreements):
        rows.append(_agreement(say(lang, "check_agree", judge=agreed.one), agreed, lang))
        if place < len(found.outcomes):
            outcome = found.outcomes[place]
            rows += [_measured(part, lang) for part in outcome.measured]
            rows.append(_agreement(say(lang, "check_truth"), outcome.renders, lang))
        rows.append(_disputed(chosen, found, agreed, lang, covered))
    return "".join(rows)


def rate(measured: Rate, lang: str) -> str:
    """A rate with its interval and its counts, in a language; never a bare percentage."""
    if measured.rate is None or measured.low is None or measured.high is None:
        return say(lang, "not_measured")
    return say(
        lang,
        "check_rate" if measured.k else "check_rate_zero",
        rate=rate_text(measured),
        percent=100 * measured.rate,
        low=100 * measured.low,
        high=100 * measured.high,
        k=measured.k,
        n=measured.n,
    )


def _agreement(title: str, agreed: Agreement, lang: str) -> str:
    kappa = say(lang, "not_measured") if agreed.kappa is None else f"{agreed.kappa:.2f}"
    facts = [("check_same", rate(agreed.same, lang)), ("check_kappa", kappa)]
    return _facts(title, facts, lang)


def _measured(part: Measured, lang: str) -> str:
    left = say(
        lang,
        "check_left_out",
        open=part.unlabelled,
        unsure=part.unsure,
        contested=part.contested,
    )
    facts = [
        ("check_sensitivity", rate(part.sensitivity, lang)),
        ("check_specificity", rate(part.specificity, lang)),
    ]
    note = f'<p class="sg-cap">{left}</p>' if part.known < part.pictures else ""
    return _facts(say(lang, f"check_{part.source}"), facts, lang) + note


def _facts(title: str, facts: Iterable[tuple[str, str]], lang: str) -> str:
    cells = "".join(
        f"<div><dt>{escape(say(lang, name))}</dt><dd>{escape(value)}</dd></div>"
        for name, value in facts
    )
    return f'<h3 class="sg-h3">{escape(title)}</h3><dl class="sg-facts">{cells}</dl>'


def _disputed(chosen: CheckSet, found: Result, agreed: Agreement, lang: str, covered: bool) -> str:
    count = len(agreed.disputed)
    if not count:
        return f'<p class="sg-sub">{escape(say(lang, "check_no_dispute"))}</p>' if agreed.n else ""
    title = say(lang, "check_disputed", count=count)
    if count > MOST_DISPUTED:
        title += f" {say(lang, 'check_shown', count=MOST_DISPUTED)}"
    figures = []
    for picture in agreed.disputed[:MOST_DISPUTED]:
        people = found.said[picture]
        told = say(
            lang,
            "check_caption",
            what=_named(chosen.item(picture).wanted, "zh").removeprefix(STYLE),
            people=say(lang, "check_yes" if people else "check_no"),
            judge=agreed.one,
            said=say(lang, "check_no" if people else "check_yes"),
        )
        shown = parts.picture(Path(chosen.path / picture), told, covered=covered)
        figures.append(f"<figure>{shown}<figcaption>{escape(told)}</figcaption></figure>")
    return f'<h3 class="sg-h3">{escape(title)}</h3><div class="sg-shots">{"".join(figures)}</div>'
