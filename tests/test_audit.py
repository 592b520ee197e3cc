"""Known holes fail the build; a list out of reach does not."""

import importlib.util
import json
import subprocess
from typing import Any

import pytest

from studio.world import ROOT

_spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
assert _spec is not None and _spec.loader is not None
audit = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(audit)


def answer(*holes: dict[str, Any]) -> str:
    package = {"name": "pillow", "version": "1.0", "vulns": list(holes)}
    skipped = {"name": "torch", "skip_reason": "not on the index"}
    return json.dumps({"dependencies": [package, skipped], "fixes": []})


def test_a_known_hole_fails(capsys: pytest.CaptureFixture[str]) -> None:
    hole = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": ""}
    assert audit.judge(1, answer(hole), "") == 1
    assert "pillow 1.0: PYSEC-1, mended in 1.1" in capsys.readouterr().out


def test_no_known_hole_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.judge(0, answer(), "") == 0
    assert capsys.readouterr().out == "1 of 2 packages checked, 0 known holes.\n"


def test_nothing_checked_is_not_told_as_nothing_found(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = json.dumps({"dependencies": [{"name": "a", "skip_reason": "not on the index"}]})
    assert audit.judge(0, skipped, "") == 0
    assert capsys.readouterr().out.startswith("Notice:")


@pytest.mark.parametrize(
    "errors",
    [
        "pip_audit._service.interface.ConnectionError: Could not connect to PyPI's feed",
        "urllib3.exceptions.MaxRetryError: HTTPSConnectionPool(host='pypi.org', port=443)",
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url",
    ],
)
def test_a_list_out_of_reach_is_a_notice(errors: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.judge(1, "", errors) == 0
    assert capsys.readouterr().out.startswith("Notice:")


def test_what_is_neither_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.judge(2, "", "usage: pip-audit [-h]") == 1
    assert audit.judge(0, "", "") == 1
    assert audit.judge(0, "[]", "") == 1


def test_a_service_that_never_answers_is_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*args: object, **kwargs: object) -> None:
        raise subprocess.TimeoutExpired("pip-audit", 60)

    monkeypatch.setattr(audit.subprocess, "run", hang)
    assert audit.main() == 0


def test_ci_asks_both_tools() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    assert "bandit -q -c pyproject.toml -r studio app.py .ci" in ci
    assert "python .ci/audit.py" in ci
