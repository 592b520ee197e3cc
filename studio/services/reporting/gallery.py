"""The worst pictures, original beside safeguarded; of sensitive ones only blurred copies."""

from functools import partial
from html import escape
from pathlib import Path

from studio.evaluation.findings import Findings, Worst
from studio.icons import icon
from studio.pictures import cover_of, thumbnail
from studio.services.reporting.words import Tongue, family_name, text


def gallery(findings: Findings, folder: Path, say: Tongue, *, covered: bool) -> str:
    """Pairs of pictures; a line that none was found where there is none.

    Args:
        folder: of the evaluation. covered: give only the blurred copies.
    """
    if not findings.worst:
        return f'<p class="sg-sub">{say("worst_none")}</p>'
    pairs = "".join(_pair(found, folder, say, covered) for found in findings.worst)
    return f'<div class="sg-worst">{pairs}</div>'


def counts(findings: Findings) -> dict[str, int]:
    """How many of the worst pictures still show it, and how many lost what must stay."""
    still = sum(found.why == "still there" for found in findings.worst)
    return {"still": still, "lost": len(findings.worst) - still}


def _pair(found: Worst, folder: Path, say: Tongue, covered: bool) -> str:
    gone = found.why == "still there"
    pill = f'<span class="sg-pill {"removed" if gone else "attention"}">{icon("alert")}'
    family = say.each(partial(family_name, found.family))
    return (
        f'<figure><div class="sg-pair">{_picture(found, folder, say, "original", covered)}'
        f"{_picture(found, folder, say, 'safeguarded', covered)}</div><figcaption>{pill}"
        f"{say(found.why)}</span> <b>{escape(found.prompt)}</b>"
        f'<span class="sg-cap">{family} · {found.seed}</span></figcaption></figure>'
    )


def _picture(found: Worst, folder: Path, say: Tongue, which: str, covered: bool) -> str:
    file = folder / (found.original if which == "original" else found.safeguarded)
    name = say.plain(lambda lang: text(lang, which))
    frame = " was" if which == "original" else ""
    if not file.exists():
        return f'<span class="sg-pic{frame}" role="img" aria-label="{name}"></span>'
    source = thumbnail(cover_of(file) if covered else file)
    eye = f'<span class="sg-cover mini">{icon("eyeoff")}</span>' if covered else ""
    alt = f"{name}: {escape(found.prompt)}"
    return f'<span class="sg-pic{frame}"><img src="{source}" alt="{alt}">{eye}</span>'
