"""A pack as the form shows it, and back; and what it says of itself."""

from html import escape
from typing import Any

from studio.config import Pack
from studio.phrases import join_names, part_names
from studio.presets import check, check_pack, overlaps
from studio.ui import parts
from studio.ui.common import lines
from studio.ui.words import say


def pack_rows(pack: Pack) -> tuple[list[list[str]], str, list[list[str]]]:
    """A pack as the form shows it: what goes, what stays, probes."""
    remove = [[concept.name, join_names(concept.synonyms)] for concept in pack.remove]
    probes = [[p.prompt, str(p.seed), p.kind, p.shows] for p in pack.probes]
    return remove, "\n".join(pack.keep), probes


def pack_of(base: dict[str, Any], remove: Any, keep: str, probes: Any) -> Pack:
    """The pack that a filled form describes.

    Raises:
        StudioError: nothing is removed, or something is both removed and kept; says which.
    """
    concepts = [
        {"name": name.strip(), "synonyms": part_names(synonyms)}
        for name, synonyms in _cells(remove, 2)
        if name.strip()
    ]
    shown = [
        {
            "prompt": prompt.strip(),
            "seed": _whole(seed),
            "kind": (kind or "target").strip(),
            "shows": shows.strip(),
        }
        for prompt, seed, kind, shows in _cells(probes, 4)
        if prompt.strip()
    ]
    data = {**base, "remove": concepts, "keep": list(lines(keep)), "probes": shown}
    pack = check(Pack, data, "This list")
    check_pack(pack, "This list")
    return pack


def _cells(rows: Any, count: int) -> list[list[str]]:
    """The cells of a table as texts, as many in each row; a row too short is filled up."""
    texts = ([str(cell or "") for cell in row][:count] for row in rows or [])
    return [[*row, *[""] * (count - len(row))] for row in texts]


def _whole(text: Any) -> int | str:
    try:
        return int(str(text).strip() or 0)
    except ValueError:
        return str(text)


def about_html(pack: Pack, lang: str) -> str:
    """What a pack says of itself."""
    text = pack.description.of(lang)
    tags = [parts.pill("removed", f"{len(pack.remove)} {say(lang, 'remove')}")]
    tags.append(parts.pill("kept", f"{len(pack.keep)} {say(lang, 'keep')}"))
    note = ""
    if pack.sensitivity == "sensitive":
        note = f'<p class="sg-cap">{say(lang, "sensitive")}</p>'
    return (
        f'<p class="sg-sub">{escape(text)}</p><p class="sg-tags">{"".join(tags)}</p>{note}'
        f'<p class="sg-cap">{say(lang, "licence")}: {escape(pack.licence)} · '
        f"{escape(pack.author)}</p>"
    )


def counts_html(pack: Pack, changed: bool, lang: str) -> str:
    """How much a list holds, and whether it differs from the pack it came from."""
    text = say(
        lang,
        "counts",
        removed=len(pack.remove),
        kept=len(pack.keep),
        probes=len(pack.probes),
    )
    badge = ""
    if changed:
        badge = (
            f'<span class="sg-pill interrupted">{parts.icon("alert")}{say(lang, "changed")}</span>'
        )
    return f'{badge} <span class="sg-sub">{text}</span>'


def overlaps_html(pack: Pack, lang: str) -> str:
    """A warning for each kept phrase that contains a removed name."""
    rows = [
        f'<li class="warn">{parts.icon("alert")}'
        f"<span>{escape(say(lang, 'overlap', keep=phrase, name=name))}</span></li>"
        for phrase, name in overlaps(pack)
    ]
    return f'<ul class="sg-list">{"".join(rows)}</ul>' if rows else ""
