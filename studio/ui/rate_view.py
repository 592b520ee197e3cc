"""What the tab Feedback shows of a round: the text before, one question, and what people said."""

import json
from html import escape
from pathlib import Path

from studio.evaluation.rater_agreement import Alpha
from studio.jobs.feedback_folder import FeedbackFolder, RoundConfig
from studio.jobs.feedback_tables import Question, Turn
from studio.records import State, Status
from studio.services.feedback_results import LabelResult, Ranked, RoundResult
from studio.ui import parts
from studio.ui.looking import staged
from studio.ui.words import say
from studio.words import duration

SECONDS = {"binary": 3, "ranking": 20}  # that one question takes a person
ENDS_SHOWN = 5  # pictures of each end of a ranking


def about(config: RoundConfig, references: int, total: int, lang: str) -> str:
    """What will be shown, and that one may stop; read before the first picture."""
    labels = ", ".join(label.of(lang) for label in config.labels)
    seconds = total * SECONDS[config.kind] * max(1, len(config.labels))
    needed = max(1, round(seconds / 60))
    told = [
        say(lang, f"rate_about_{config.kind}", total=total, labels=labels, minutes=needed),
        say(lang, "rate_see", question=config.question.of(lang)),
    ]
    if config.sensitive or config.shows:
        what = config.shows.of(lang) if config.shows else "?"
        told.append(say(lang, "rate_sensitive" if config.sensitive else "rate_shows", what=what))
    if config.kind == "ranking" and not references:
        told.append(say(lang, "rate_no_references"))
    told.append(say(lang, "rate_free"))
    return "".join(f'<p class="sg-sub">{escape(text)}</p>' for text in told)


def stage(
    folder: FeedbackFolder, who: str, turn: Turn, question: Question, lang: str, *, covered: bool
) -> str:
    """One question: a picture with what may apply to it, or five pictures to put in order.

    `data-kept` names what the browser remembers of a question that is answered in part.
    """
    config = folder.config
    ranking, several = config.kind == "ranking", len(config.labels) > 1
    if ranking:
        items = "".join(
            _ranked_item(folder.path / picture, number, lang, covered)
            for number, picture in enumerate(question.pictures, start=1)
        )
        body = f'<div class="sg-rank">{items}</div>'
    else:
        picture = folder.path / question.pictures[0]
        shown = parts.picture(picture, "", covered=covered, side_px=parts.LARGE_PX)
        chips = "".join(
            f'<button type="button" class="sg-tick" data-item="{place}" aria-pressed="false">'
            f"<kbd>{place + 1}</kbd>{escape(label.of(lang))}</button>"
            for place, label in enumerate(config.labels)
        )
        body = shown + (f'<div class="sg-ticks">{chips}</div>' if several else "")
    told = say(lang, "rate_help_ranking") if ranking else say(lang, "rate_help_labels")
    line = f'<p class="sg-sub center">{escape(told)}</p>' if ranking or several else ""
    shape = "ranking" if ranking else "labels" if several else "yes"
    names = escape(json.dumps(question.pictures if ranking else [], ensure_ascii=False))
    inner = (
        f'<div class="sg-rate {shape}" data-shape="{shape}" data-pictures="{names}" '
        f'data-kept="{escape(f"{folder.id}/{who}/{question.number}")}">'
        f"{_references(folder, lang, covered)}{body}{line}</div>"
    )
    asked = config.question.of(lang)
    return staged(question.number, asked, turn.done, turn.total, inner, lang)


def finished(turn: Turn, drawing: bool, lang: str) -> str:
    """What stands where the next question would."""
    if drawing:
        return parts.head(say(lang, "rate_soon"), say(lang, "rate_soon_text"))
    return parts.head(say(lang, "rate_thanks", total=turn.total), say(lang, "rate_thanks_text"))


def progress(status: Status, drawn: int, total: int, lang: str) -> str:
    """How far the drawing of a round is; nothing once all is there."""
    if status.state.alive:
        left = status.seconds_left
        if left is None:
            return parts.busy(say(lang, "rate_drawing", done=drawn, total=total))
        told = duration(left)
        return parts.busy(say(lang, "rate_drawing_left", done=drawn, total=total, left=told))
    if drawn >= total:
        return ""
    if status.state in (State.FAILED, State.INTERRUPTED):
        return parts.trouble("failed", status.what, status.way_out, lang)
    return f'<p class="sg-sub">{say(lang, "rate_partly", done=drawn, total=total)}</p>'


def notes(folder: FeedbackFolder, lang: str) -> str:
    """What is odd about pictures of a round, if anything."""
    cut, broken = len(folder.noted("cut")), len(folder.noted("broken"))
    told = [say(lang, "cut_prompts", count=cut)] if cut else []
    if broken:
        told.append(say(lang, f"rate_broken_{folder.config.kind}", count=broken))
    return "".join(f'<p class="sg-sub">{text}</p>' for text in told)


def result(folder: FeedbackFolder, found: RoundResult, lang: str, *, covered: bool) -> str:
    """What everybody said so far, and how far they agree."""
    if not found.answered:
        return f'<p class="sg-sub">{say(lang, "rate_nobody")}</p>'
    raters = ", ".join(f"{name} ({count})" for name, count in found.raters.items())
    told = say(lang, "rate_so_far", answered=found.answered, total=found.questions, raters=raters)
    config, rows = folder.config, [f'<p class="sg-sub">{escape(told)}</p>']
    for row in found.labels:
        rows.append(_label(config.labels[row.label].of(lang), row, lang))
    if found.agreement is not None:
        agreed = _alpha(found.agreement, lang)
        facts = f"<div><dt>{say(lang, 'rate_alpha')}</dt><dd>{escape(agreed)}</dd></div>"
        rows.append(f'<dl class="sg-facts">{facts}</dl>')
    rows.append(f'<p class="sg-cap">{escape(say(lang, "rate_alpha_help"))}</p>')
    if found.ranked:
        first = found.ranked[:ENDS_SHOWN]
        last = found.ranked[ENDS_SHOWN:][-ENDS_SHOWN:]
        for name, shown in (("rate_most", first), ("rate_least", last)):
            rows.append(_ranked(say(lang, name), folder.path, shown, lang, covered))
    return "".join(rows)


def _ranked_item(file: Path, number: int, lang: str, covered: bool) -> str:
    name = say(lang, "rate_picture", number=number)
    shown = parts.picture(file, name, covered=covered, side_px=320)
    return (
        f'<button type="button" class="sg-item" data-item="{number - 1}" aria-pressed="false" '
        f'aria-label="{escape(name)}">{shown}<kbd>{number}</kbd><b class="rank"></b></button>'
    )


def _references(folder: FeedbackFolder, lang: str, covered: bool) -> str:
    files = folder.references
    if not files:
        return ""
    shown = "".join(parts.picture(file, "", covered=covered) for file in files)
    return (
        f'<div class="sg-refs"><span class="sg-cap">{say(lang, "rate_reference")}</span>'
        f"<div>{shown}</div></div>"
    )


def _label(title: str, row: LabelResult, lang: str) -> str:
    spread = say(lang, "rate_spread", yes=row.yes, no=row.no, split=row.split)
    total = max(1, row.yes + row.no + row.split)
    bar = "".join(
        f'<i class="{name}" style="width:{100 * count / total:.2f}%"></i>'
        for name, count in (("yes", row.yes), ("split", row.split), ("no", row.no))
    )
    facts = "".join(
        f"<div><dt>{escape(say(lang, name))}</dt><dd>{escape(value)}</dd></div>"
        for name, value in (
            ("rate_spread_name", spread),
            ("rate_alpha", _alpha(row.agreement, lang)),
        )
    )
    return (
        f'<h3 class="sg-h3">{escape(title)}</h3><div class="sg-spread" aria-hidden="true">{bar}'
        f'</div><dl class="sg-facts">{facts}</dl>'
    )


def _alpha(found: Alpha, lang: str) -> str:
    if found.value is None:
        return say(lang, "rate_alpha_same" if found.same else "rate_alpha_two")
    if found.low is None or found.high is None:
        return say(lang, "rate_alpha_short", value=found.value, shared=found.shared)
    return say(
        lang,
        "rate_alpha_value",
        value=found.value,
        low=found.low,
        high=found.high,
        shared=found.shared,
    )


def _ranked(title: str, path: Path, rows: tuple[Ranked, ...], lang: str, covered: bool) -> str:
    if not rows:
        return ""
    figures = []
    for row in rows:
        told = say(lang, "rate_never")
        if row.mean is not None:
            told = say(lang, "rate_mean", mean=row.mean, times=row.ranked)
        shown = parts.picture(path / row.picture, told, covered=covered)
        figures.append(f"<figure>{shown}<figcaption>{escape(told)}</figcaption></figure>")
    return f'<h3 class="sg-h3">{escape(title)}</h3><div class="sg-shots">{"".join(figures)}</div>'
