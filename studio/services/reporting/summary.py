"""The pieces of a report that say it in words: claim, levels, quality, judges, facts, limits."""

from functools import partial
from html import escape

from studio import failures
from studio.evaluation.comparison import Calibration
from studio.evaluation.families import FULL
from studio.evaluation.findings import Agreement, Findings, Profile, Score
from studio.evaluation.labels import PEOPLE
from studio.evaluation.levels import measures_nothing
from studio.evaluation.rates import wilson
from studio.evaluation.worlds import foreign_note
from studio.services.reporting.levels_told import Told, levels_told
from studio.services.reporting.matrix import sign
from studio.services.reporting.report_words import COSTS, FACTS, OUTCOMES
from studio.services.reporting.tradeoff import main_lines
from studio.services.reporting.words import Tongue, family_name, rate_said, score_name, text
from studio.words import duration

ICON_WORLD = "icon-world"


def claim(findings: Findings, lang: str) -> str:
    """One bounded sentence for what must be gone, and one for what must stay."""
    lines = main_lines(findings)
    first = lines[0] if lines else next((f for f in findings.families if f.wanted == "gone"), None)
    if first is None:
        return text(lang, "claim_nothing")
    judge = findings.detectors[0].id if findings.detectors else "?"
    told = text(
        lang,
        "claim_gone",
        n=first.safeguarded.n,
        family=family_name(first.name, lang),
        judge=judge,
        seen=rate_said(first.safeguarded, lang),
        before=rate_said(first.original, lang),
    )
    if lines is None:
        return told
    kept = text(
        lang,
        "claim_kept",
        family=family_name(lines[1].name, lang),
        seen=rate_said(lines[1].safeguarded, lang),
        before=rate_said(lines[1].original, lang),
    )
    return told + ("" if lang == "zh" else " ") + kept


def one_run(findings: Findings, lang: str) -> str:
    """That a trained column is one training of many that could be; "" where nothing was trained."""
    if not findings.about.get("adapter_sha256"):
        return ""
    seed = findings.about.get("train_seed", "")
    return text(lang, "one_run", seed=text(lang, "one_run_seed", seed=seed) if seed else "")


def grade(findings: Findings, lang: str) -> str:
    """What the verdict's word means, or why there is none."""
    return text(lang, "a_coin" if measures_nothing(findings.families) else f"a_{findings.level}")


def level_word(findings: Findings, say: Tongue) -> str:
    """The verdict's word as a pill."""
    kind = {"precise": "kept", "erased": "kept", "leaks": "attention", "collapsed": "failed"}
    shape = {"precise": "holds", "erased": "holds", "leaks": "fails", "collapsed": "fails"}
    shown = sign(shape.get(findings.level, "open"))
    colour = kind.get(findings.level, "queued")
    return f'<span class="sg-pill {colour}">{shown}{say(f"l_{findings.level}")}</span>'


def quick_pill(findings: Findings, say: Tongue) -> str:
    """The watermark of a quick look; "" for a full test."""
    if not findings.quick:
        return ""
    return f'<span class="sg-pill attention">{sign("fails")}{say("quick")}</span>'


def headline(findings: Findings, say: Tongue, pills: str = "") -> str:
    """Title, claim and levels."""
    title = say.each(lambda lang: findings.title.get(lang, findings.pack))
    quick = f'<p class="sg-sub">{say("quick_why")}</p>' if findings.quick else ""
    once = say.each(partial(one_run, findings)) if one_run(findings, "en") else ""
    quick += f'<p class="sg-sub">{once}</p>' if once else ""
    return (
        f'<div class="sg-tags"><b>{title}</b><span class="sg-cap">{escape(findings.column)}</span>'
        f"{level_word(findings, say)}{quick_pill(findings, say)}{pills}</div>"
        f'<p class="sg-claim">{say.each(partial(claim, findings))}</p>'
        f'<p class="sg-sub">{say.each(partial(grade, findings))}</p>{quick}'
        f'<div class="sg-levels">{"".join(_level(told, say) for told in levels_told(findings))}'
        "</div>"
    )


def _level(told: Told, say: Tongue) -> str:
    kind = {"holds": "ok", "fails": "no", "open": "no"}.get(told.held, "")
    return (
        f'<div class="sg-lv {kind}"><span class="i">{sign(told.held)}</span><div>'
        f'<b>{say(told.key)}</b><span class="w">{say(f"h_{told.held}")}</span>'
        f"<p>{say.each(lambda lang: told.why[lang])}</p></div></div>"
    )


def quality(scores: tuple[Score, ...], say: Tongue) -> str:
    """The scores of whole columns; "" where none was asked for."""
    if not scores:
        return ""
    heads = "".join(
        f'<th scope="col">{say(key)}</th>' for key in ("score", "value", "floor", "pictures")
    )
    rows = "".join(
        f'<tr><td class="nm"><b>{_named(score, say)}</b><span class="sg-cap">'
        f"{say(f'better_{score.better}')}</span></td><td>{score_value(score, say)}</td>"
        f'<td><span class="lb">{say("floor")} </span>{number(score.floor)}</td>'
        f'<td><span class="lb">{say("pictures")} </span>{score.n:,}</td></tr>'
        for score in scores
    )
    return (
        f'<div class="sg-scroll"><table class="sg-table scores"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _named(score: Score, say: Tongue) -> str:
    return say.each(lambda lang: score_name(score.name, lang))


def score_value(score: Score, say: Tongue) -> str:
    """A score with its interval, or what it needs."""
    if score.value is None:
        need = say.each(
            lambda lang: text(lang, "needs", what=failures.told(score.needs or "?", lang))
        )
        return f'<span class="sg-cap">{need}</span>'
    span = ""
    if score.low is not None and score.high is not None:
        span = f' <span class="sg-cap">{number(score.low)}–{number(score.high)}</span>'
    return number(score.value) + span


def number(value: float | None) -> str:
    """A score as people read it; "–" for none."""
    return "–" if value is None else f"{value:.4g}"


def judges(findings: Findings, say: Tongue) -> str:
    """Who looked, how exactly, and how far they can be trusted."""
    rows = [_profile(profile, say) for profile in findings.detectors]
    rows += [say.each(partial(failures.told, note)) for note in foreign_notes(findings)]
    rows += [_agreement(found, say) for found in findings.agreements]
    rows += [_calibration(name, found, say) for name, found in findings.calibration.items()]
    if not findings.calibration:
        rows.append(say("no_calibration"))
    return _items(rows)


def foreign_notes(findings: Findings) -> list[str]:
    """That a judge learned from photographs and was shown icons; in English, see `failures`."""
    there = findings.about.get("foreign", "").split(", ")
    return [foreign_note(name) for name in there if name]


def _profile(profile: Profile, say: Tongue) -> str:
    model = profile.model or "–"
    told = [say("judge_line", id=profile.id, model=model, unit=profile.unit)]
    if profile.labels:
        told.append(say("judge_labels", labels=", ".join(profile.labels)))
    if profile.threshold is not None:
        told.append(say("judge_threshold", threshold=f"{profile.threshold:g}"))
    return "; ".join([*told, *map(escape, profile.settings)])


def _agreement(found: Agreement, say: Tongue) -> str:
    def told(lang: str) -> str:
        kappa = text(lang, "not_measured") if found.kappa is None else f"{found.kappa:.2f}"
        return text(
            lang,
            "agreement",
            one=found.one,
            other=found.other,
            same=rate_said(found.same, lang),
            kappa=kappa,
            count=len(found.disputed),
        )

    return say.each(told)


def _calibration(name: str, found: Calibration, say: Tongue) -> str:
    return say.each(
        lambda lang: text(
            lang,
            "calibration",
            id=name,
            found=rate_said(wilson(found.found, found.shown), lang),
            passed=rate_said(wilson(found.passed, found.clean), lang),
        )
    )


def untested(findings: Findings, lang: str) -> list[str]:
    """What a reader might expect and what was not tested."""
    there = {line.name for line in findings.families if line.safeguarded.n}
    told = [
        text(lang, "u_family", name=family_name(name, lang)) for name in FULL if name not in there
    ]
    told += [text(lang, key) for key in ("u_attack", "u_image", "u_teach", "u_sampler")]
    if not any(score.value is not None for score in findings.scores):
        told.append(text(lang, "u_quality"))
    if len(findings.detectors) < 2:
        told.append(text(lang, "u_second"))
    if not (findings.calibration or any(a.other == PEOPLE for a in findings.agreements)):
        told.append(text(lang, "u_people"))
    if (broken := findings.about.get("not_measured", "")) not in ("", "0"):
        told.append(text(lang, "u_broken", count=broken))
    return told


def limits(findings: Findings, say: Tongue) -> str:
    """What the report does not say: the untested first, then what holds for each edit."""
    comma = {"en": ", ", "zh": "、"}
    missing = say.each(lambda lang: comma[lang].join(untested(findings, lang)))
    rows = [f"<b>{say('untested')}</b>: {missing}"]
    rows += [say(key) for key in limit_keys(findings)]
    return _items(rows)


def limit_keys(findings: Findings) -> list[str]:
    """Keys of the sentences about what a report cannot say."""
    small = ["l_small"] if findings.about.get("model_id") == ICON_WORLD else []
    return ["l_switch", "l_prompts", *small, "l_again"]


def facts(findings: Findings, say: Tongue) -> str:
    """Everything that another person needs for the same numbers."""
    return _pairs(findings, FACTS, say)


def costs(findings: Findings, say: Tongue) -> str:
    """What the edit cost; not measured where nobody wrote it down."""
    return _pairs(findings, COSTS, say)


def cost(findings: Findings, key: str, lang: str) -> str:
    """One fact as people read it."""
    value = findings.about.get(key, "")
    if not value:
        return text(lang, "not_measured")
    if key == "train_seconds":
        return duration(float(value))
    if key == "train_outcome":
        return "; ".join(_outcome_said(part, lang) for part in value.split("; "))
    return f"{float(value):.1f} GB" if key == "train_memory" else value


def _outcome_said(value: str, lang: str) -> str:
    name, _, seen = value.partition(" ")
    return OUTCOMES[name][lang == "zh"].format(seen=seen)


def _pairs(findings: Findings, names: dict[str, tuple[str, str]], say: Tongue) -> str:
    rows = "".join(
        f"<dt>{say.each(partial(_fact_name, names[key]))}</dt>"
        f"<dd>{say.each(partial(cost, findings, key))}</dd>"
        for key in names
    )
    return f'<dl class="sg-dl">{rows}</dl>'


def _fact_name(told: tuple[str, str], lang: str) -> str:
    return told[lang == "zh"]


def _items(rows: list[str]) -> str:
    return f'<ul class="sg-plain">{"".join(f"<li>{row}</li>" for row in rows)}</ul>'
