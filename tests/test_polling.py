"""What a page asks and draws again and again: only in the open tab, and nothing piles up of it."""

import json
import subprocess
import sys
from pathlib import Path

from studio.world import ROOT
from tests.polling import TICKS


def test_only_the_open_tab_asks_and_nothing_piles_up(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.polling", str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout.splitlines()[-1])
    assert seen["timers"] == [1, 2, 1, 2, 1], "at first, then in Train, Compare, Report, Runs"
    assert seen["shown"] == TICKS / 2, "what every other tick had to tell was shown"
    assert len(set(seen["kept"][1:])) == 1, "the same components, however often they were shown"
    assert len(set(seen["drawn"])) == 1, "and however often something was drawn"
    assert len(set(seen["shared"])) == 1, "for a visitor too, whose page holds the pictures"
