"""Pictures of a run: the wall of samples, and the pairs that sum it up."""

from html import escape

from studio.config import Pack
from studio.records import Progress, Sample
from studio.ui import parts
from studio.ui.words import say

MOST_COLUMNS = 16  # as many stand side by side; more are scrolled


def samples(progress: Progress | None, pack: Pack | None, lang: str, *, covered: bool) -> str:
    """Sample pictures: rows are steps, columns are probes in two groups."""
    if progress is None or pack is None or not progress.samples:
        return ""
    targets = [place for place, probe in enumerate(pack.probes) if probe.kind == "target"]
    others = [place for place in range(len(pack.probes)) if place not in targets]
    groups = [("t", say(lang, "disappear"), targets), ("k", say(lang, "stay"), others)]
    columns = [probe for _, _, probes in groups for probe in probes]
    by_step: dict[int, dict[int, Sample]] = {}
    for sample in progress.samples:
        by_step.setdefault(sample.step, {})[sample.probe] = sample
    cells = ["<span></span>"]
    for kind, title, probes in groups:
        if probes:
            cells.append(
                f'<span class="grp {kind}" style="grid-column:span {len(probes)}">{title}</span>'
            )
    cells.append("<span></span>")
    for probe in columns:
        prompt = escape(pack.probes[probe].prompt)
        cells.append(f'<span class="col" title="{prompt}">{prompt}</span>')
    for step, row in sorted(by_step.items()):
        name = say(lang, "original") if step == 0 else f"{step:,}"
        note = say(lang, "before") if step == 0 else say(lang, "step")
        cells.append(f'<span class="step"><b>{name}</b>{note}</span>')
        for probe in columns:
            found = row.get(probe)
            cells.append(_cell(found, pack, probe, lang, covered) if found else "<span></span>")
    style = f"grid-template-columns:72px repeat({len(columns)},minmax(56px,1fr))"
    grid = f'<div class="sg-wall" style="{style}">{"".join(cells)}</div>'
    wide = " wide" if len(columns) > MOST_COLUMNS else ""
    return f'<div class="sg-scroll wallwrap{wide}">{grid}</div>'


def _cell(sample: Sample, pack: Pack, probe: int, lang: str, covered: bool) -> str:
    target = pack.probes[probe].kind == "target"
    mark = ""
    if target and sample.shows is not None and sample.step:
        kind = "still" if sample.shows else "gone"
        word = say(lang, kind)
        inner = parts.icon("check") if kind == "gone" else ""
        mark = f'<span class="sg-d {kind}" title="{word}" aria-label="{word}">{inner}</span>'
    kind = "was" if sample.step == 0 else ""
    alt = pack.probes[probe].prompt
    return parts.picture(sample.path, alt, covered=covered, mark=mark, kind=kind)


def pairs(progress: Progress, pack: Pack, lang: str, *, covered: bool) -> str:
    """Original and safeguarded: a typical and the worst of what was to go, and what stays."""
    by_place = {(sample.step, sample.probe): sample for sample in progress.samples}
    last = max((sample.step for sample in progress.samples), default=0)
    targets = [place for place, probe in enumerate(pack.probes) if probe.kind == "target"]
    ended = [by_place[last, place] for place in targets if (last, place) in by_place]
    judged = [sample for sample in ended if sample.shows is not None]
    if not last or not ended:
        return ""
    typical = next((sample for sample in judged if not sample.shows), ended[0])
    worst = next((sample for sample in judged if sample.shows), None)
    told = [("typical", typical)]
    if worst is not None and worst is not typical:
        told.append(("worst", worst))
    stays = [sample for (step, place), sample in by_place.items() if step == last]
    told += [("stays", sample) for sample in stays if sample.probe not in targets][: 3 - len(told)]
    figures = [
        f'<figure><div class="sg-pair">'
        f"{_cell(by_place[0, sample.probe], pack, sample.probe, lang, covered)}"
        f"{_cell(sample, pack, sample.probe, lang, covered)}</div>"
        f'<figcaption class="sg-cap">{say(lang, name)}: '
        f"{escape(pack.probes[sample.probe].prompt)}</figcaption></figure>"
        for name, sample in told
        if (0, sample.probe) in by_place
    ]
    return f'<div class="sg-pairs">{"".join(figures)}</div>'
