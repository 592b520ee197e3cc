"""A benchmark's page: tables with intervals, a figure, and how the order compares with print."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

from studio.benchmarks import Benchmark
from studio.evaluation.findings import Score
from studio.records import Rate
from studio.services.benchmark import Made
from studio.words import duration, rate_text


def write_page(benchmark: Benchmark, made: Sequence[Made], file: Path, command: str) -> list[Path]:
    """Write the Markdown page and its figure beside it.

    Args:
        command: that makes the page again.

    Returns:
        The files, the page first.
    """
    figure = file.with_suffix(".svg")
    _figure(made, figure)
    devices = list(dict.fromkeys(table.device or "a device nobody noted" for table in made))
    lines = [
        f"# {benchmark.title.en}",
        "",
        "Rates are the judge's, with 95 % intervals and their counts, on held-out prompts",
        "with the same seeds in every row.",
        *trainings(made),
        "Scores compare the pictures of everything else with",
        "those of the original; their noise floor is the original drawn again with other seeds.",
        f"Drawn on: {'; '.join(devices)}.",
        "Training times are that machine's while it made the tables, beside whatever else it did.",
        "Icon World ranks methods and catches mistakes; it does not predict rates on photographs.",
        "Made by",
        "",
        f"```bash\n{command}\n```",
        "",
        f"![Leak on direct prompts in every table]({figure.name})",
        "",
    ]
    for table in made:
        lines += [f"## {table.table.title.en}", "", *_table(table), "", compared(table), ""]
    if benchmark.source:
        lines += [f"Published numbers: {benchmark.source.strip()}", ""]
    file.write_text("\n".join(lines), encoding="utf-8")
    return [file, figure]


def _table(made: Made) -> list[str]:
    groups, scores = list(made.lines[0].harm), [score.name for score in _named(made)]
    heads = ["method", "leak, direct", *(f"leak, {g} by other words" for g in groups)]
    heads += ["everything else kept", *scores, "training"]
    rows = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for line in made.lines:
        found = {score.name: score for score in line.scores}
        cells = [line.name, by_seed(line.direct, line.each)]
        cells += [rate_text(line.harm[group]) for group in groups]
        cells += [
            by_seed(line.kept, line.kept_each),
            *(score_text(found.get(name)) for name in scores),
        ]
        cells.append(duration(line.seconds) if line.seconds else "none")
        rows.append(f"| {' | '.join(cells)} |")
    floors = [f"{s.name}: {s.floor:.4g}" for s in _named(made) if s.floor is not None]
    return [*rows, *(["", f"Noise floor: {', '.join(floors)}."] if floors else [])]


def by_seed(rate: Rate, each: Sequence[Rate]) -> str:
    """A rate over trainings, and how many each of them showed."""
    counts = ", ".join(str(one.k) for one in each)
    return f"{rate_text(rate)}; by seed {counts}" if len(each) > 1 else rate_text(rate)


def trainings(made: Sequence[Made]) -> list[str]:
    """How many times each trained method was trained, and what its intervals hold."""
    seeds = {line.seeds for table in made for line in table.lines if line.seeds}
    return [told for chosen in sorted(seeds) for told in seeds_told(chosen)]


def seeds_told(seeds: Sequence[int]) -> list[str]:
    """The same for one list of training seeds, in lines of Markdown."""
    if len(seeds) == 1:
        return [
            f"**What is trained was trained once, with seed {seeds[0]}**: intervals hold the",
            "spread between prompts only (Wilson); another training seed can leak more.",
        ]
    return [
        f"What is trained was trained {len(seeds)} times, with seeds {', '.join(map(str, seeds))}:",
        "its rates are the mean over trainings, and its intervals hold the spread between training",
        "seeds (Student's t) and between prompts (Wilson). The other rows are Wilson's intervals.",
    ]


def _named(made: Made) -> list[Score]:
    found = {score.name: score for line in reversed(made.lines) for score in line.scores}
    return list(found.values())[::-1]


def score_text(score: Score | None) -> str:
    """A score with its interval; what is missing where it was not measured."""
    if score is None:
        return "the original itself"
    if score.value is None:
        return f"not measured: {score.needs}"
    if score.low is None or score.high is None:
        return f"{score.value:.4g} (n {score.n})"
    return f"{score.value:.4g} ({score.low:.4g} to {score.high:.4g}, n {score.n})"


def compared(made: Made) -> str:
    """A paragraph: this order of leaks against the published one, and where it is the other way."""
    from scipy.stats import spearmanr

    here = {line.name: line for line in made.lines if line.direct.rate is not None}
    both = [name for name in made.table.published if name in here]
    if len(both) < 3:
        return "There is no published order to compare with."
    published = [made.table.published[name] for name in both]
    found: Any = spearmanr(published, [here[name].direct.rate for name in both])
    order = sorted(both, key=lambda name: -made.table.published[name])
    ours = sorted(both, key=lambda name: -(here[name].direct.rate or 0.0))
    sure: list[str] = []
    unsure: list[str] = []
    for first, second in combinations(order, 2):
        one, other = here[first].direct, here[second].direct
        if (one.rate or 0.0) < (other.rate or 0.0):
            apart = (one.high or 1.0) < (other.low or 0.0)
            (sure if apart else unsure).append(f"{second} leaks more than {first}")
    told = [
        f"Published order, most leak first: {', '.join(order)}. Here: {', '.join(ours)}.",
        f"Rank correlation (Spearman) {found.statistic:.2f}, n = {len(both)}.",
    ]
    if sure:
        told.append(f"The other way round here, intervals apart: {'; '.join(sure)}.")
    if unsure:
        told.append(f"The other way round, but intervals overlap: {'; '.join(unsure)}.")
    if not sure and not unsure:
        told.append("No pair of methods stands the other way round.")
    return " ".join(told)


def _figure(made: Sequence[Made], file: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, places = pyplot.subplots(
        1, len(made), figsize=(5 * len(made), 4), sharey=True, squeeze=False
    )
    for place, table in zip(places[0], made, strict=True):
        for at, line in enumerate(table.lines):
            _bar(place, at, line.direct)
            if line.name in table.table.published:
                place.plot(at, table.table.published[line.name], "D", color="0.35", markersize=5)
        place.set_xticks(range(len(table.lines)), [line.name for line in table.lines], rotation=60)
        place.set_title(table.table.title.en)
        place.set_ylim(0, 105)
    places[0][0].set_ylabel("leak on direct prompts, %")
    figure.text(0.99, 0.01, "diamonds: published, other model and prompts", ha="right", size=8)
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def _bar(place: Any, at: int, rate: Rate) -> None:
    if rate.rate is None or rate.low is None or rate.high is None:
        return
    value = 100 * rate.rate
    reach = [[value - 100 * rate.low], [100 * rate.high - value]]
    place.bar(at, value, color="#5b6ee1", width=0.7)
    place.errorbar(at, value, yerr=reach, color="0.15", capsize=3)


def as_json(made: Sequence[Made]) -> list[dict[str, Any]]:
    """The tables for `--json`."""
    return [
        {
            "table": table.table.id,
            "evaluation": table.evaluation,
            "device": table.device,
            "rows": [asdict(line) for line in table.lines],
        }
        for table in made
    ]
