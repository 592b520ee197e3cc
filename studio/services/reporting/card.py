"""`MODEL_CARD.md` for the Hugging Face hub, with a model-index of what was measured."""

import re
import time
from collections.abc import Callable

from huggingface_hub import EvalResult, ModelCardData

from studio import __version__
from studio.evaluation.findings import Compared, Findings, Profile, Score
from studio.evaluation.protocol import EvaluationConfig
from studio.services.reporting import summary
from studio.services.reporting.levels_told import levels_told
from studio.services.reporting.report_words import COSTS, FACTS
from studio.services.reporting.words import change_said, family_name, rate_said, text, thing_name

LANG = "en"
TASK = "text-to-image"
HUB_ID = re.compile(r"^[\w.-]+/[\w.-]+$")
# a base model's licence as its card names it -> as the hub names it
LICENCES = {
    "creativeml openrail-m": "creativeml-openrail-m",
    "creativeml open rail++-m": "openrail++",
    "apache-2.0": "apache-2.0",
    "mit": "mit",
}


def model_card(findings: Findings, config: EvaluationConfig) -> str:
    """The card: front matter, what was done, what was seen, what was not tested."""
    return f"---\n{front_matter(findings, config).to_yaml()}\n---\n\n{_body(findings, config)}"


def front_matter(findings: Findings, config: EvaluationConfig) -> ModelCardData:
    """What the hub reads. Lines that were not measured are left out, as no number stands there."""
    source = config.model.source
    name = findings.column.replace("/", "-")
    licence = LICENCES.get(config.model.licence.split(";")[0].strip().lower())
    results = [r for line in findings.families for r in _results(findings, line)]
    return ModelCardData(
        model_name=name,
        eval_results=results or None,
        base_model=source if HUB_ID.match(source) and not source.startswith("assets/") else None,
        license=licence or "other",
        license_name=None if licence else config.model.licence or "unknown",
        library_name="diffusers",
        pipeline_tag=TASK,
        tags=["safeguard-studio", "concept-erasure", "lora"],
        language=["en"],
    )


def _results(findings: Findings, line: Compared) -> list[EvalResult]:
    """The rate, where anything was seen, and its upper or lower bound; zero hits are a bound."""
    rate, gone = line.safeguarded, line.wanted == "gone"
    if rate.rate is None or rate.low is None or rate.high is None:
        return []
    kind, side = ("leak", "upper") if gone else ("kept", "lower")
    bound = rate.high if gone else rate.low
    found = [(f"{kind}_{side}_95", bound)]
    if rate.k:
        found.insert(0, (f"{kind}_rate", rate.rate))
    judge = findings.detectors[0] if findings.detectors else None
    about = {
        "k": rate.k,
        "n": rate.n,
        "interval_95": [round(rate.low, 6), round(rate.high, 6)],
        "original": rate_said(line.original, LANG),
        "judge": _judge(judge) if judge else "unknown",
        "watermark": text(LANG, "quick") if findings.quick else "none",
    }
    return [
        EvalResult(
            task_type=TASK,
            dataset_type=f"safeguard-studio/{findings.protocol}",
            dataset_name=f"{findings.protocol}, {findings.pack}: {family_name(line.name, LANG)}",
            dataset_config=line.name,
            dataset_split=findings.about.get("split") or "test",
            dataset_args={"prompts_sha256": findings.about.get("prompts_sha256", "")},
            metric_type=metric,
            metric_value=round(value, 6),
            metric_name=f"{metric}: {rate_said(rate, LANG)}",
            metric_args=about,
        )
        for metric, value in found
    ]


def _judge(profile: Profile) -> str:
    labels = f", labels {' '.join(profile.labels)}" if profile.labels else ""
    cut = "" if profile.threshold is None else f", threshold {profile.threshold:g}"
    rest = "".join(f", {setting}" for setting in profile.settings)
    return f"{profile.id} {profile.model}{labels}{cut}{rest}".strip()


def _body(findings: Findings, config: EvaluationConfig) -> str:
    title = f"{findings.title.get(LANG, findings.pack)} removed from {config.model.title.en}"
    mark = f"> **{text(LANG, 'quick').capitalize()}.** {text(LANG, 'quick_why')}\n"
    removed = ", ".join(concept.name for concept in config.pack.remove)
    kept = ", ".join(config.pack.keep) or "nothing named"
    levels = [
        f"- **{text(LANG, told.key)}**: {text(LANG, f'h_{told.held}')} ({told.why[LANG]})"
        for told in levels_told(findings)
    ]
    missing = [f"- {line}" for line in summary.untested(findings, LANG)]
    cannot = [f"- {text(LANG, key)}" for key in summary.limit_keys(findings)]
    parts = [
        f"# {title}",
        mark if findings.quick else "",
        f"{summary.claim(findings, LANG)}\n",
        f"Verdict: **{text(LANG, f'l_{findings.level}')}**. {summary.grade(findings, LANG)}\n",
        f"{once}\n" if (once := summary.one_run(findings, LANG)) else "",
        *levels,
        "\n## What it is\n",
        f"- Adapter: {findings.column}\n- Base model: {findings.about.get('model', '')}",
        f"- Licence of the base model: {config.model.licence or 'unknown'}",
        f"- To be removed: {removed}\n- To be kept: {kept}",
        "\n## What was seen\n",
        _table(findings.families, lambda line: family_name(line.name, LANG)),
        "\n### Thing by thing\n" if findings.things else "",
        _table(findings.things, lambda line: thing_name(line.name)) if findings.things else "",
        "\n### Quality of the pictures\n" if findings.scores else "",
        *map(_score, findings.scores),
        "\n## Not tested\n",
        *missing,
        "\n## What it cannot do\n",
        *cannot,
        f"\n## {text(LANG, 'cost_title')}\n",
        _facts(findings, COSTS),
        f"\n## {text(LANG, 'facts_title')}\n",
        _facts(findings, FACTS),
        *(f"- judge: {_judge(profile)}" for profile in findings.detectors),
        *(f"- note: {note}" for note in summary.foreign_notes(findings)),
        f"\nMade by Safeguard Studio {__version__} on "
        f"{time.strftime('%Y-%m-%d', time.localtime(findings.made))} from the evaluation "
        f"{findings.evaluation}.",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _table(lines: tuple[Compared, ...], named: Callable[[Compared], str]) -> str:
    rows = [
        f"| {named(line)} | {'gone' if line.wanted == 'gone' else 'kept'} "
        f"| {rate_said(line.original, LANG)} | {rate_said(line.safeguarded, LANG)} "
        f"| {change_said(line.difference, line.p_holm, LANG)} "
        f"| {'–' if line.corrected is None else rate_said(line.corrected, LANG)} |"
        for line in lines
    ]
    head = "| prompts | should be | original | safeguarded | change, points | corrected |"
    return "\n".join([head, "| --- | --- | --- | --- | --- | --- |", *rows])


def _score(score: Score) -> str:
    if score.value is None:
        return f"- {score.name}: {text(LANG, 'needs', what=score.needs or '?')}"
    told = f"- {score.name}: {summary.number(score.value)}"
    if score.low is not None and score.high is not None:
        told += f" ({summary.number(score.low)}-{summary.number(score.high)})"
    floor = "not measured" if score.floor is None else summary.number(score.floor)
    told += f", n = {score.n}, {score.better} is better; noise floor {floor}"
    return f"{told}; {_judge(score.profile)}"


def _facts(findings: Findings, names: dict[str, tuple[str, str]]) -> str:
    return "\n".join(
        f"- {told[0]}: {summary.cost(findings, key, LANG)}" for key, told in names.items()
    )
