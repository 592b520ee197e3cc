"""Drawn pictures as the page keeps and captions them; covered ones never give their own file."""

from html import escape
from pathlib import Path
from typing import Any

from studio.config import Pack
from studio.records import Drawn, Progress
from studio.services.columns import ORIGINAL
from studio.services.sheet import Cell
from studio.ui import parts
from studio.ui.words import say

Shown = list[dict[str, Any]]


def row(drawn: Drawn, may_show: Any = None) -> dict[str, Any]:
    """What the page keeps of a drawn picture."""
    return {
        "prompt": drawn.prompt,
        "seed": drawn.seed,
        "column": drawn.column,
        "path": str(drawn.path),
        "cover": str(drawn.cover) if drawn.cover else "",
        "covered": drawn.cover is not None,
        "shows": list(drawn.shows) if drawn.shows is not None else None,
        "style": drawn.style,
        "seconds": drawn.seconds,
        "may_show": may_show.model_dump() if may_show else None,
    }


def example(progress: Progress, pack: Pack, name: str) -> Shown:
    """A run's own samples as compared pictures: each probe before training and at its end."""
    last = max((sample.step for sample in progress.samples), default=0)
    pictures = {(sample.step, sample.probe): sample.path for sample in progress.samples}
    return [
        row(Drawn(probe.prompt, probe.seed, column, pictures[step, place]))
        for place, probe in enumerate(pack.probes)
        for step, column in ((0, ORIGINAL), (last, name))
        if (step, place) in pictures
    ]


def file(row: dict[str, Any]) -> str:
    """What may be sent of it: the picture, or its blurred copy until it is revealed."""
    return str(Path(row["cover"] if row["covered"] else row["path"]))


def cells(rows: Shown) -> list[Cell]:
    """The pictures as cells of a sheet; covered ones stay covered."""
    return [
        Cell(f"{row['prompt']} · {row['seed']}", str(row["column"]), Path(file(row)))
        for row in rows
    ]


def caption(row: dict[str, Any], lang: str) -> str:
    """The line under a picture: what was active, what it cost, what the judge sees."""
    spent = f" · {row['seconds']:.2f} s" if row["seconds"] is not None else ""
    return f"{_name(row, lang)}{spent} · {_sees(row, lang)}{row['prompt']}"


def _name(row: dict[str, Any], lang: str) -> str:
    return say(lang, "original") if row["column"] == ORIGINAL else str(row["column"])


def _sees(row: dict[str, Any], lang: str) -> str:
    if row["covered"]:
        return say(lang, "may_show", what=(row["may_show"] or {}).get(lang, "?")) + " · "
    if row["shows"] is None:
        return ""
    names = ", ".join(name.replace("_", " ") for name in row["shows"])
    if names and row["style"]:
        names += f" ({row['style']})"
    return f"{say(lang, 'judge_sees')}: {names or say(lang, 'nothing_known')} · "


def headline(pair: Shown, lang: str) -> str:
    """The line above the slider: what is left, what is right."""
    before, after = pair[0], pair[1]
    left = parts.pill("removed", say(lang, "original"))
    right = parts.pill("kept", say(lang, "safeguarded"))
    seed = f"{say(lang, 'seed')} {before['seed']}"
    return (
        f'<div class="sg-cmphead">{left}<span class="sg-cap">{escape(_sees(before, lang))}'
        f'{escape(before["prompt"])} · {seed}</span><span class="grow"></span>'
        f'<span class="sg-cap">{escape(_sees(after, lang))}{escape(_name(after, lang))}</span>'
        f"{right}</div>"
    )
