"""Numbers over training seeds: intervals hold the spread, and each seed is a run of its own."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from studio.benchmarks import BenchmarkRow, find_benchmark
from studio.cli import main
from studio.config import Column
from studio.errors import StudioError
from studio.evaluation.findings import Profile, Score
from studio.evaluation.rates import wilson
from studio.evaluation.training_seeds import over_seeds, scores_over_seeds
from studio.jobs.run_folder import RunFolder
from studio.records import State, Status
from studio.services import benchmark
from studio.services.benchmark import Benchmarking, Line, own_seeds
from studio.services.benchmark_page import by_seed, seeds_told
from studio.services.runs import Runs
from studio.world import ROOT


def test_the_interval_holds_the_spread_between_seeds() -> None:
    # SDD on icon-weapons: 4, 5 and 11 of the same 200 prompts
    each = [wilson(k, 200) for k in (4, 5, 11)]
    found = over_seeds(each)
    assert (found.k, found.n) == (20, 600) and found.rate == pytest.approx(20 / 600)
    assert found.low <= 4 / 200 and found.high >= 11 / 200
    # t(0.975, 2) = 4.3027; the rates .020, .025, .055 have a standard deviation of .018930
    reach = 4.3027 * 0.018930 / 3**0.5
    above = wilson(20, 600).rate
    wide = over_seeds([wilson(20, 600)] * 3).high - above  # as if the seeds were alike
    assert wide == pytest.approx(wilson(20, 600).high - above, abs=1e-9)
    alone = 0.0680 - above  # Wilson's bound of 6.67 of 200
    assert found.high - above == pytest.approx((reach**2 + alone**2) ** 0.5, abs=1e-3)


def test_seeds_that_agree_have_the_doubt_of_the_prompts() -> None:
    found = over_seeds([wilson(0, 200)] * 3)
    assert (found.rate, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(wilson(0, 200).high)  # the same 200 prompts three times
    assert over_seeds([wilson(7, 90)]) == wilson(7, 90)
    assert over_seeds([wilson(1, 9), wilson(0, 0)]).rate is None
    assert over_seeds([]).rate is None
    two = over_seeds([wilson(4, 200), wilson(11, 200)])
    assert two.high - two.low > over_seeds([wilson(k, 200) for k in (4, 11, 7)]).high


def covered(base: float, between: float, seeds: int, tests: int = 200) -> tuple[float, float]:
    """Coverage of the interval over seeds, and of one seed's Wilson interval."""
    rng, n = np.random.default_rng(0), 200

    def share(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    true = share(base + between * rng.normal(size=200_000) + rng.normal(size=200_000)).mean()
    held = [0, 0]
    for _ in range(tests):
        hard = rng.normal(size=n)  # prompts differ, and are the same for every seed
        rates = share(base + between * rng.normal(size=(seeds, 1)) + hard)
        each = [wilson(int(k), n) for k in (rng.random((seeds, n)) < rates).sum(1)]
        for place, rate in enumerate((over_seeds(each), each[0])):
            held[place] += rate.low <= true <= rate.high
    return held[0] / tests, held[1] / tests


@pytest.mark.parametrize("base", [-4.0, -3.0, 1.5])
def test_it_covers_where_one_seed_does_not(base: float) -> None:
    over, one = covered(base, 0.6, 3)
    assert over >= 0.93 and one < 0.85


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("between", [0.0, 0.3, 1.0])
def test_it_covers_widely(between: float, seeds: int) -> None:
    for base in (-5.0, -4.0, -3.0, -1.5, 0.0, 2.0):
        assert covered(base, between, seeds, 1000)[0] >= 0.92, base


def test_scores_over_seeds() -> None:
    def score(value: float | None, low: float | None, high: float | None) -> Score:
        return Score("KID", value, 90, Profile("kid"), low=low, high=high, floor=0.2)

    each = [(score(1.0, 0.5, 1.5),), (score(2.0, 1.5, 2.5),), (score(3.0, 2.5, 3.5),)]
    (found,) = scores_over_seeds(each)
    reach = (0.5**2 + (4.3027 / 3**0.5) ** 2) ** 0.5
    assert found.value == 2.0 and found.floor == 0.2
    assert (found.low, found.high) == pytest.approx((2 - reach, 2 + reach), abs=1e-3)
    assert scores_over_seeds(each[:1]) == each[0]
    (bare,) = scores_over_seeds([(score(0.0, None, None),), (score(0.0, None, None),)])
    assert (bare.value, bare.low, bare.high) == (0.0, None, None)
    lacking = (replace(score(None, None, None), needs="lpips"),)
    (missing,) = scores_over_seeds([each[0], lacking])
    assert missing.value is None and missing.needs == "lpips"


def test_seeds_are_named_once_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert own_seeds([3, 1]) == (3, 1)
    for wrong in ([], [1, 1]):
        with pytest.raises(StudioError, match="once each"):
            own_seeds(wrong)
    assert main(["benchmark", "icon-world", "--seeds", "1", "1"]) == 1
    assert "once each" in capsys.readouterr().err


def test_a_page_says_how_many_trainings() -> None:
    assert "trained 3 times, with seeds 0, 1, 2" in seeds_told((0, 1, 2))[0]
    assert "trained once, with seed 7" in seeds_told((7,))[0]
    each = [wilson(k, 200) for k in (4, 5, 11)]
    assert by_seed(over_seeds(each), each).endswith("20 of 600); by seed 4, 5, 11")
    assert "by seed" not in by_seed(each[0], each[:1]) + by_seed(each[0], ())


class Trainings:
    """Runs that are noted instead of trained, and their evaluation."""

    def __init__(self, work: Benchmarking, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[int] = []
        monkeypatch.setattr(work, "_trained", self.train)
        monkeypatch.setattr(work, "_evaluated", self.evaluate)
        monkeypatch.setattr(work.runs, "folder", lambda run_id: self)
        monkeypatch.setattr(benchmark, "run_adapter", lambda runs, run_id: run_id)
        monkeypatch.setattr(
            benchmark, "Column", lambda adapters: Column.model_construct(adapters=())
        )
        monkeypatch.setattr(benchmark, "_line", self.line)
        self.id, self.lines = "e", 0

    def train(self, name: str, config: Any) -> str:
        self.asked.append(config.train.seed)
        return f"run-{config.train.seed}"

    def stored_status(self) -> Status:
        return Status(State.DONE, started=0.0, ended=60.0)

    def evaluate(self, table: object, pack: object, columns: list[object]) -> "Trainings":
        self.columns = len(columns)
        return self

    def environment(self) -> dict[str, str]:
        return {}

    def line(self, folder: object, name: str, label: str, seconds: float) -> Line:
        self.lines += 1
        hits = 90 if name == "SD" else 3 * self.lines
        return Line(
            name, wilson(hits, 100), {"weapon": wilson(1, 50)}, wilson(80, 100), (), seconds
        )


def test_a_benchmark_trains_each_method_with_each_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = find_benchmark("icon-world")
    rows = (BenchmarkRow(name="SD", column="original"), BenchmarkRow(name="SDD"))
    small = shipped.model_copy(update={"rows": rows, "tables": shipped.tables[:1]})
    work = Benchmarking(Runs(tmp_path), small, count=4, seeds=(0, 5, 9))
    told = Trainings(work, monkeypatch)
    (made,) = work.make()
    assert told.asked == [0, 5, 9] and told.columns == 4
    original, sdd = made.lines
    assert original.seeds == () and original.direct == wilson(90, 100)
    assert sdd.seeds == (0, 5, 9) and [rate.k for rate in sdd.each] == [6, 9, 12]
    assert sdd.direct == over_seeds(sdd.each) and sdd.direct.n == 300 and sdd.seconds == 60.0
    assert sdd.harm["weapon"].n == 150 and json.dumps(asdict(sdd))


@pytest.fixture
def methods(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import make_methods

    monkeypatch.setattr(make_methods, "BUILD", tmp_path)
    monkeypatch.setattr(make_methods, "TIMES", tmp_path / "times.json")
    return make_methods


def test_the_page_of_methods_is_over_seeds(methods: ModuleType) -> None:
    def found(*leaks: int) -> Any:
        one = dict.fromkeys(methods.RATES, asdict(wilson(90, 100)))
        return methods.over([one | {"leak_direct": asdict(wilson(k, 200))} for k in leaks])

    page = methods.page([("original", "", found(159)), ("SDD", "sdd", found(4, 5, 11))], 200, 100)
    assert "trained 3 times, with seeds 0, 1, 2" in page and "with training seed 0" in page
    assert "20 of 600); by seed 4, 5, 11 |" in page and "159 of 200) |" in page
    assert "--seeds" not in page
    once = methods.page([("original", "", found(159)), ("SDD", "sdd", found(4))], 200, 100, (7,))
    assert "--seeds 7" in once and "trained once, with seed 7" in once and "by seed" not in once


def test_each_seed_of_a_method_is_a_run_of_its_own(
    methods: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runs, begun = Runs(tmp_path / "runs"), []

    def start(config: Any) -> str:
        begun.append(config.train.seed)
        return f"run-{config.train.seed}"

    monkeypatch.setattr(runs, "start", start)
    monkeypatch.setattr(runs, "wait", lambda run_id, seconds: Status(State.DONE))
    monkeypatch.setattr(runs, "folder", lambda run_id: RunFolder(tmp_path / run_id))
    found = [methods.column(runs, "sdd", "", seed) for seed in (0, 1, 0, 1)]
    assert begun == [0, 1], "what is done is not done again"
    assert found[0] == found[2] != found[1] and "run-1" in found[1].adapters[0].file


def test_the_feedback_arms_are_over_seeds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import feedback_page
    import make_feedback

    monkeypatch.setattr(make_feedback, "BUILD", tmp_path)
    for seed, leaks in enumerate((4, 5, 11)):
        file = make_feedback.answers_file("token", "dev", 12, seed)
        make_feedback.note(
            file, {"leak": asdict(wilson(leaks, 200)), "keep": asdict(wilson(9, 10))}
        )
    assert make_feedback.was_judged("token", "dev", 12, (0, 1, 2))
    assert not make_feedback.was_judged("token", "dev", 12, (0, 7))
    rates = make_feedback.judged("token", "dev", 12, (0, 1, 2))
    assert rates["leak"] == asdict(over_seeds([wilson(k, 200) for k in (4, 5, 11)]))
    assert "by seed 4, 5, 11 |" in feedback_page.row("token", rates, None)
