"""A run's path stands wherever its id does; lists are in the order of time, not of local names."""

import argparse
import json
import os
import shutil
import time
from pathlib import Path

import pytest

from studio.cli import main
from studio.cli.naming import EVALUATION, named, work_key
from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs.evaluation_folder import EvaluationFolder, evaluation_folders
from studio.jobs.feedback_folder import FeedbackFolder
from studio.jobs.run_folder import RunFolder
from studio.jobs.run_queue import folders
from studio.jobs.work_folder import MADE, made_at
from studio.presets import load_packs, resolve
from studio.records import State, Status
from studio.services.columns import column
from studio.services.evaluations import Evaluations
from studio.services.feedback import Feedback
from studio.services.runs import DEMO, Runs
from tests.evaluating import made
from tests.rounds import plan_round

RUN = "20260102-030405-mine"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run in HOME/work dir/runs; the current folder is HOME/work dir."""
    home = tmp_path / "home"
    work = home / "work dir"
    run = work / "runs" / RUN
    shutil.copytree(DEMO, run)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    return run


WRITTEN = [
    "{id}",
    "{path}",
    "{path}/",
    "runs/{id}",
    "./runs/{id}/",
    "runs/../runs/{id}",
    "~/work dir/runs/{id}",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_run_is_found_by_its_path_however_it_is_written(place: Path, written: str) -> None:
    text = written.format(id=RUN, path=place)
    args = argparse.Namespace(runs_dir=Path("runs"))
    assert named(args, text) == RUN
    assert args.runs_dir == Path("runs")
    studio = Runs(Path("runs"))
    assert studio.at(text).path.resolve() == place
    use = column(studio, f"{text}*0.5+sld-max").adapters[0]
    assert (use.name, use.file, use.weight) == (
        RUN,
        str(place / "adapter/adapter.safetensors"),
        0.5,
    )


def test_a_run_of_another_folder_brings_its_folder(place: Path, tmp_path: Path) -> None:
    args = argparse.Namespace(runs_dir=tmp_path / "other")
    assert named(args, f"{place}/") == RUN
    assert args.runs_dir == place.parent
    use = column(Runs(tmp_path / "other"), str(place)).adapters[0]
    assert (use.name, use.file) == (RUN, str(place / "adapter/adapter.safetensors"))


def test_the_example_and_a_link_are_found_too(place: Path, tmp_path: Path) -> None:
    args = argparse.Namespace(runs_dir=Path("runs"))
    assert named(args, str(DEMO)) == DEMO.name
    (tmp_path / "link").symlink_to(place)
    assert named(args, str(tmp_path / "link")) == RUN
    os.chdir(place)
    args = argparse.Namespace(runs_dir=place.parent)
    assert named(args, ".") == RUN


@pytest.mark.parametrize("written", ["runs", "", " ", "/", "nothing/here", "\0", "~nobody/x"])
def test_what_is_no_run_stays_as_it_is_or_is_refused(place: Path, written: str) -> None:
    args = argparse.Namespace(runs_dir=Path("runs"))
    try:
        assert named(args, written) == written
    except StudioError as error:
        assert "is no path" in error.what
    with pytest.raises(StudioError, match=r"no run|no path"):
        Runs(Path("runs")).at(written)


def test_commands_take_the_path(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*asked: str) -> dict[str, object]:
        assert main([*asked, "--json"]) == 0, capsys.readouterr().err
        return dict(json.loads(capsys.readouterr().out))

    assert told("runs", "--rename", f"{place}/", "new name")["renamed"] == RUN
    assert Runs(place.parent).folder(RUN).called().en == "new name"
    assert told("runs", "--delete", f"runs/{RUN}", "--yes")["deleted"] == RUN
    assert not place.exists()


@pytest.mark.parametrize("asked", [["--stop"], ["--resume"]])
def test_an_evaluation_is_named_by_its_path(
    tmp_path: Path, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _evaluation(tmp_path)
    folder.write_status(Status(State.DONE))
    args = argparse.Namespace(runs_dir=Path("runs"))
    assert named(args, f"{folder.path}/", EVALUATION) == folder.id
    assert args.runs_dir == tmp_path
    main(["evaluate", *asked, str(folder.path)])
    assert "no evaluation" not in capsys.readouterr().err
    assert main(["report", str(folder.path)]) == 1
    assert "nothing but the original" in capsys.readouterr().err


def test_a_round_and_work_in_the_line_are_named_by_their_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = FeedbackFolder.create(tmp_path, plan_round(tmp_path, count=2))
    assert main(["feedback", "agreement", str(folder.path)]) == 0
    assert "0 of 2 questions" in capsys.readouterr().out
    evaluation = _evaluation(tmp_path)
    assert work_key(tmp_path, f"{evaluation.path}/") == evaluation.key
    assert work_key(tmp_path, "some-run") == "some-run"


def _evaluation(root: Path) -> EvaluationFolder:
    studio = Evaluations(root)
    return made(studio, studio.plan("icon-world", [], load_packs()["icon-weapons"], count=1))


def _at(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()


def test_lists_are_in_the_order_of_time_in_whatever_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = resolve(load_packs()["icon-weapons"])
    zones = ["Asia/Shanghai", "America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati"]
    runs, tests, rounds = [], [], []
    for zone in zones:
        _at(zone, monkeypatch)
        runs.append(RunFolder.create(tmp_path, config).id)
        tests.append(_evaluation(tmp_path).id)
        rounds.append(FeedbackFolder.create(tmp_path, plan_round(tmp_path, count=2)).id)
    assert [run.id for run in folders(tmp_path)] == runs[::-1]
    own = [run.run_id for run in Runs(tmp_path).list() if run.run_id != DEMO.name]
    assert own == runs[::-1]
    assert [test.id for test in evaluation_folders(tmp_path / "evaluations")] == tests[::-1]
    assert [row.id for row in Feedback(tmp_path).list()] == rounds[::-1]
    monkeypatch.undo()
    time.tzset()


def test_older_folders_are_placed_by_when_they_began(tmp_path: Path, config: RunConfig) -> None:
    folder = RunFolder.create(tmp_path, config)
    (folder.path / MADE).unlink()
    local = time.mktime(time.strptime(folder.id[:15], "%Y%m%d-%H%M%S"))
    assert made_at(folder.path) == local
    folder.write_status(Status(State.DONE, started=12.5))
    assert made_at(folder.path) == 12.5
    assert made_at(tmp_path / "renamed by hand") == 0.0
