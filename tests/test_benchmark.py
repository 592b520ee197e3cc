"""Benchmarks: what is asked, that nothing is done twice, and what the page says of the order."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio.benchmarks import Benchmark, BenchmarkRow, BenchmarkTable, find_benchmark, joined_pack
from studio.cli import main
from studio.config import Text
from studio.errors import StudioError
from studio.evaluation.findings import Profile, Row, Score
from studio.evaluation.rates import wilson
from studio.protocols import find_protocol
from studio.safeguards import find_method_preset, load_guidances
from studio.services import benchmark
from studio.services.benchmark import Benchmarking, Line, Made
from studio.services.benchmark_page import compared, score_text, write_page
from studio.services.runs import Runs
from studio.world import ICON_WORLD

TITLE = Text(en="One", zh="一")
TABLE = BenchmarkTable(
    id="single",
    title=TITLE,
    packs=("icon-weapons",),
    only=("bomb",),
    published={"A": 70.0, "B": 40.0, "C": 1.0},
)


def line(name: str, k: int, n: int = 100) -> Line:
    return Line(name, wilson(k, n), {"weapon": wilson(0, n)}, wilson(90, n), (), 0.0)


def made(*counts: int) -> Made:
    return Made(TABLE, "e", "CPU ×2", tuple(line(n, k) for n, k in zip("ABC", counts, strict=True)))


def test_every_name_in_the_shipped_benchmark_exists() -> None:
    found = find_benchmark("icon-world")
    find_protocol(found.protocol)
    rows = {row.name for row in found.rows}
    for row in found.rows:
        assert not row.preset or find_method_preset(row.preset)
        assert row.column in {"", "original", *load_guidances()}
    for table in found.tables:
        pack = joined_pack(table)
        assert {*table.published} <= rows
        removed = {concept.name for concept in pack.remove}
        assert removed and not removed & {*pack.keep}
        kinds = {probe.kind for probe in pack.probes}
        assert kinds == {"target", "neighbour", "unrelated"}
    with pytest.raises(StudioError, match="no benchmark"):
        find_benchmark("icon-word")
    with pytest.raises(StudioError, match="'spoon'"):
        joined_pack(TABLE.model_copy(update={"only": ("spoon",)}))


def test_the_page_says_where_the_order_differs_from_print() -> None:
    assert "No pair of methods stands the other way round" in compared(made(80, 40, 0))
    assert "Spearman) 1.00, n = 3" in compared(made(80, 40, 0))
    assert "intervals apart: B leaks more than A" in compared(made(10, 90, 0))
    assert "intervals overlap: B leaks more than A" in compared(made(50, 52, 0))
    nothing = made(1, 2, 3)
    unread = replace(nothing, table=TABLE.model_copy(update={"published": {"A": 1.0}}))
    assert "no published order" in compared(unread)


def test_the_page_has_every_row_with_its_counts(tmp_path: Path) -> None:
    score = Score("KID", 0.5, 90, Profile("net"), low=0.4, high=0.6, floor=0.1)
    lacking = Score("LPIPS", None, 0, Profile(""), needs="the package lpips")
    first = made(80, 40, 0)
    lines = (first.lines[0], replace(first.lines[1], scores=(score, lacking)), first.lines[2])
    known = Benchmark(
        id="b",
        title=TITLE,
        model="m",
        protocol="p",
        rows=(BenchmarkRow(name="A"),),
        tables=(TABLE,),
    )
    page, figure = write_page(known, [replace(first, lines=lines)], tmp_path / "b.md", "make it")
    text = page.read_text()
    assert "80.0 % (71.1-86.7, 80 of 100)" in text and "0 of 100, below 3.7 %" in text
    assert "0.5 (0.4 to 0.6, n 90)" in text and "Noise floor: KID: 0.1" in text
    assert "not measured: the package lpips" in text and "make it" in text
    assert "Drawn on: CPU ×2." in text
    assert score_text(None) == "the original itself"
    assert figure.read_text().startswith("<?xml")


@pytest.mark.slow
def test_a_small_benchmark_is_made_and_not_made_twice(tmp_path: Path) -> None:
    shipped = find_benchmark("icon-world")
    rows = tuple(r for r in shipped.rows if r.name in ("SD", "NEG", "SDD"))
    small = shipped.model_copy(update={"rows": rows, "tables": shipped.tables[:1]})
    told: list[str] = []

    def again() -> list[Made]:
        runs = Runs(tmp_path)
        return Benchmarking(
            runs, small, count=4, split="dev", steps=2, seeds=(0, 1), say=told.append
        ).make()

    first = again()
    assert [line.name for line in first[0].lines] == ["SD", "NEG", "SDD"]
    assert [line.direct.n for line in first[0].lines] == [4, 4, 8]
    assert [len(line.each) for line in first[0].lines] == [0, 0, 2]
    assert again() == first
    assert sum("training" in text for text in told) == 2


def test_an_unknown_benchmark_gets_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "icon-word", "--json"]) == 1
    assert "icon-world" in capsys.readouterr().err
    assert json.dumps(find_benchmark("icon-world").model_dump())


def test_what_is_done_is_done_again_where_networks_or_prompts_changed() -> None:
    row = Row(0, "a bomb", 1, "direct", "gone", "bomb")
    told = {"steps": 3}
    drawing, whole = benchmark.drawing_networks(), benchmark.networks()
    keys = {benchmark._key(told, [row], networks=whole)}
    assert keys == {benchmark._key(dict(told), [replace(row)], networks=whole)}
    keys.add(benchmark._key({"steps": 4}, [row], networks=whole))
    keys.add(benchmark._key(told, [replace(row, prompt="a bomb on red")], networks=whole))
    keys.add(benchmark._key(told, [row], networks=(*whole[:-1], "another")))
    assert len(keys) == 4
    assert len(drawing) == 3 and len(whole) >= 5 and set(drawing) < set(whole)


def test_a_training_stands_where_only_a_judge_changed() -> None:
    judges = set(benchmark.networks()) - set(benchmark.drawing_networks())
    names = {file.parent.name for file in ICON_WORLD.parent.glob("icon-world-judge*/*.safetensors")}
    assert len(judges) >= 3 and names == {"icon-world-judge", "icon-world-judge-2"}
