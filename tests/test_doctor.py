"""The doctor finds what is wrong, says what to do, and fails where a run would."""

import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from packaging.requirements import Requirement

from studio.cli import main
from studio.jobs.probe import unreadable, weights
from studio.services import doctor
from studio.services.doctor import FAIL, OK, WARN, Finding, examine, told
from studio.services.doctor_words import DOCTOR_WORDS
from studio.world import ICON_WORLD, ROOT

PROBED = {
    "torch": "2.13.0",
    "cuda": "13.0",
    "cards": [
        {"name": "A", "free": 20.0, "total": 24.0},
        {"name": "B", "free": 1.0, "total": 24.0},
    ],
    "threads": 4,
    "models": {str(ICON_WORLD): {"files": 3, "bad": {}}},
}


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    def answer(found: dict[str, Any]) -> None:
        monkeypatch.setattr(doctor, "_probe", lambda places: found)

    answer(PROBED)
    return answer


def states(findings: list[Finding]) -> dict[str, str]:
    return {finding.key: finding.state for finding in findings}


def test_all_is_well_here_as_the_real_probe_sees_it(tmp_path: Path) -> None:
    found = examine(tmp_path / "runs")
    assert states(found)["torch"] == OK and states(found)["model"] == OK
    assert not [finding for finding in found if finding.state == FAIL]
    assert not (tmp_path / "runs").exists(), "looking makes no folder"
    assert list(tmp_path.iterdir()) == [], "looking leaves nothing behind"


def test_every_line_has_both_languages_and_what_to_do() -> None:
    for english, chinese in DOCTOR_WORDS.values():
        assert english and chinese
        assert sorted(_places(english)) == sorted(_places(chinese))
    files = Path(doctor.__file__).parent.glob("doctor*.py")
    source = "".join(f.read_text(encoding="utf-8") for f in files if "words" not in f.name)
    for key in DOCTOR_WORDS:
        assert f'"{key.removesuffix("_fix")}"' in source or f'"{key}"' in source, key


def _places(text: str) -> list[str]:
    return [part.split("}")[0].split(":")[0] for part in text.split("{")[1:]]


def test_cards_and_a_full_card(tmp_path: Path, probed: Any) -> None:
    found = examine(tmp_path)
    assert states(found)["card"] == OK and states(found)["card_full"] == WARN
    assert "no_card" not in states(found)


def test_without_torch_the_doctor_still_answers(tmp_path: Path, probed: Any) -> None:
    probed({"why": "No module named 'torch'"})
    found = examine(tmp_path)
    assert states(found)["torch_none"] == FAIL and "No module named" in told(found, "en")
    assert "重新安装 requirements.txt" in told(found, "zh")


def test_a_full_disk_and_little_memory(
    tmp_path: Path, probed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, state in ((0.5e9, FAIL), (5e9, WARN), (50e9, OK)):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path, usage=usage: usage)
        found = states(examine(tmp_path))
        assert found.get("disk_low", found.get("disk")) == state
    memory = type("Memory", (), {"available": 1e9})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert states(examine(tmp_path))["memory_low"] == WARN


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, probed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "NamedTemporaryFile", refuse)
    found = examine(tmp_path)
    assert states(found)["write_not"] == FAIL and "Permission denied" in told(found, "en")


def test_a_taken_port_is_told_and_the_next_one_named(tmp_path: Path, probed: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert states(examine(tmp_path, port=port))["port_none"] == FAIL
    assert states(examine(tmp_path, port=port))["port"] == OK


def test_versions_that_differ_from_the_pins() -> None:
    wanted = [Requirement(line) for line in ("PyYAML>=99", "no-such-package==1", "pillow>=1")]
    found = list(doctor._others(wanted))
    assert [(f.key, f.state) for f in found] == [("version_other", WARN), ("version_none", FAIL)]
    assert all(f.told("en")[1] == "pip install -r requirements.txt" for f in found)


def test_weights_that_are_cut_or_lie_are_named(tmp_path: Path) -> None:
    whole = next(ICON_WORLD.rglob("*.safetensors"))
    content = whole.read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(content[: len(content) // 2])
    (tmp_path / "lies.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    (tmp_path / "empty.safetensors").write_bytes(b"")
    found = weights(tmp_path)
    assert found["files"] == 3 and set(found["bad"]) == {f.name for f in tmp_path.iterdir()}
    assert unreadable(whole) == ""
    card_of = doctor.find_model(str(tmp_path))
    lines = list(doctor._model(card_of, {"models": {str(tmp_path): found}}))
    assert [line.state for line in lines] == [FAIL] * 3


def test_the_command_prints_lines_and_ends_with_1_where_something_fails(
    tmp_path: Path, probed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--runs-dir", str(tmp_path)]
    assert main(["doctor", *place]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("ok    Safeguard Studio ") and "warn  GPU B" in printed
    assert main(["doctor", *place, "--model", "./nowhere", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    broken = [check for check in answer["checks"] if check["state"] == "fail"]
    assert [check["check"] for check in broken] == ["model_bad"] and broken[0]["way_out"]


def test_the_doctor_reads_the_requirements_of_the_studio() -> None:
    found = list(doctor._versions(ROOT / "requirements.txt"))
    assert {finding.state for finding in found} <= {OK, WARN}
