"""A short load test; `python -m tests.load` is the long one, see docs/reliability.md."""

from pathlib import Path

import pytest

from tests.load import PATIENCE_SECONDS, Seen, load, summary


@pytest.mark.timeout(600)
def test_pages_follow_a_live_run_while_compare_draws_and_nothing_is_dropped(tmp_path: Path) -> None:
    result = load(tmp_path, clients=5, seconds=8)
    assert result.dropped == 0
    assert result.polls >= 5 * 3, "each client had its ticks answered at least once"
    assert 0 < result.median_ms <= result.p99_ms < 1000 * PATIENCE_SECONDS
    assert result.end_mb < result.start_mb + 200


def test_the_figures_are_those_of_what_was_seen() -> None:
    seen = Seen(took=[0.1] * 99 + [0.9], dropped=["x"], drawn=4)
    seen.memory = [(float(at), 100.0 + at / 6) for at in range(0, 600, 2)]
    result = summary(seen, 50, 600, 7)
    assert (result.polls, result.dropped, result.median_ms) == (100, 1, 100.0)
    assert 100 < result.p99_ms < 900 == result.most_ms
    assert result.slope_mb_minute == pytest.approx(10.0) and result.stderr < 1e-6
