"""The benchmark with a simulated rater: labelled, on prompts nobody rated, and honest."""

from dataclasses import asdict
from types import ModuleType

import pytest

from studio.evaluation.rates import wilson
from studio.world import ROOT


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import make_feedback

    return make_feedback


def rates(leak: int, keep: int) -> dict[str, object]:
    return {"leak": asdict(wilson(leak, 100)), "keep": asdict(wilson(keep, 100))}


def told(
    benchmark: ModuleType, token: object, word: object, times: dict[str, float] | None = None
) -> str:
    facts = benchmark.Facts(
        {"things": ["dagger"], "words": 8}, {}, times or {}, 0.1, 300, (0, 1, 2)
    )
    rows = {"original": rates(90, 95), "word": word, "token": token, "shuffled": None}
    page: str = benchmark.page(rows, {"weapon": None}, "weapon" if word else None, facts)
    return page


def test_the_page_says_that_nobody_was_asked(benchmark: ModuleType) -> None:
    page = told(benchmark, None, None)
    assert "**The rater is simulated**" in page and "No person was asked." in page
    assert "| the learned words | not measured | not measured |" in page
    assert "Not all arms are measured yet" in page


@pytest.mark.parametrize(
    ("token", "word", "said"),
    [
        (rates(20, 95), rates(60, 94), "equal or better keep, is reached."),
        (rates(31, 95), rates(60, 94), "equal or better keep, is missed."),
        (rates(20, 93), rates(60, 94), "keep less."),
        (rates(55, 95), rates(60, 94), "intervals of the disliked pictures overlap."),
    ],
)
def test_the_verdict_follows_from_the_numbers(
    benchmark: ModuleType, token: object, word: object, said: str
) -> None:
    page = told(benchmark, token, word)
    assert said in page and 'Against "weapon"' in page
    assert "| control: words learned from shuffled ratings | not measured |" in page


def test_what_is_asked_was_not_rated(benchmark: ModuleType) -> None:
    rated = {prompt for prompt, _ in benchmark.rated_prompts()}
    seeds = {seed for _, seed in benchmark.rated_prompts()}
    assert len(seeds) == benchmark.PICTURES == 300
    for split, count in (("dev", 60), ("test", 120)):
        asked = benchmark.questions(split, count)
        assert [q.kind for q in asked].count("target") == count == len(asked) / 2
        assert not rated & {q.prompt for q in asked} and not seeds & {q.seed for q in asked}
    named = {thing.name for thing in benchmark.DISLIKED}
    assert not named & set(benchmark.KEPT) and len(benchmark.KEPT) == 36
    assert not named & set(benchmark.WORDS)


def test_the_time_is_told_only_where_it_was_taken(benchmark: ModuleType) -> None:
    assert "Time of the whole path: not measured" in told(benchmark, None, None)
    page = told(benchmark, None, None, {"drawn": 125.0, "whole": 500.0})
    assert "2 min 5 s to draw" in page and "8 min 20 s in all" in page
