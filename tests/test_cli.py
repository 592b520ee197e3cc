"""The command line: the same services, one JSON object, exit codes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio.cli import main
from studio.cli.training import progress_line
from studio.config import RunConfig
from studio.errors import StudioError
from studio.evaluation.prompts import direct
from studio.presets import find_pack, pack_yaml
from studio.records import Progress, Rate, State, Status
from studio.services.judge import read_prompt_file
from studio.services.test_split import openings, prompts_hash
from studio.words import change_text, duration, rate_text


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_models_and_packs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    models = answer(capsys, "models")["models"]
    assert "icon-world" in {model["id"] for model in models}
    assert len(answer(capsys, "packs")["packs"]) >= 11


def test_a_dry_run_says_what_would_happen_and_does_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    arguments = ["train", "icon-weapons", "--dry-run", "--steps", "7", "--runs-dir", str(runs)]
    assert main(arguments) == 0
    assert "7 steps" in capsys.readouterr().out
    assert not runs.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "icon-weapon", "--dry-run"], "Did you mean"),
        (["train", "icon-weapons", "--steps", "0", "--dry-run"], "steps is not right"),
        (["train", "icon-weapons", "--model", "./nowhere", "--dry-run"], "no model"),
        (["train", "icon-weapons", "--method", "magic", "--dry-run"], "no method"),
        (["judge", "missing"], "no run"),
        (["compare", "missing", "--prompt", "a", "--out", "x"], "no run"),
        (
            ["compare", "demo-run", "--prompt", "a", "--sampler", "magic", "--out", "x"],
            "sampler is not right",
        ),
    ],
)
def test_what_a_person_can_fix_exits_with_1(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    caught = capsys.readouterr()
    assert words in caught.err and caught.out == ""


@pytest.mark.parametrize("arguments", [[], ["fly"], ["train"], ["judge", "x", "--prompts", "0"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_train_then_compare_then_runs(
    config: RunConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(pack_yaml(config.pack), encoding="utf-8")
    runs = ["--runs-dir", str(tmp_path / "runs")]
    done = answer(capsys, "train", str(file), "--model", config.model.source, "--steps", "2", *runs)
    assert done["state"] == "done" and done["steps"] == 2 and done["seconds"] > 0
    run_id = Path(done["run"]).name
    listed = answer(capsys, "runs", *runs)["runs"]
    assert listed[0]["run"] == run_id
    out = tmp_path / "out"
    pictures = answer(
        capsys, "compare", run_id, "--prompt", "a bomb", "--steps", "2", "--out", str(out),
        "--strength", "0.5", "--column", "sld-max", "--column", f"{run_id}+neg", *runs,
    )["pictures"]  # fmt: skip
    labels = ["original", f"{run_id}*0.5", "sld-max", f"{run_id}+neg"]
    assert [row["column"] for row in pictures] == labels
    assert all(Path(row["path"]).parent == out for row in pictures)
    assert main(["judge", run_id, *runs]) == 1
    assert "judge" in capsys.readouterr().err


def test_judge_counts_in_original_and_safeguarded(capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(capsys, "judge", "demo-run", "--prompts", "2", "--split", "dev")
    assert told["prompts"] == 8 and told["judge"].startswith("icon-world")
    for side in ("original", "safeguarded"):
        for name in ("leak", "neighbours", "keep"):
            rate = told[side][name]
            assert rate["n"] == 2 and rate["low"] <= rate["rate"] <= rate["high"]
    for name in ("leak", "neighbours", "keep"):
        change = told["difference"][name]
        by = told["safeguarded"][name]["rate"] - told["original"][name]["rate"]
        assert change["n"] == 2 and change["difference"] == pytest.approx(by)
        assert change["gained"] - change["lost"] == round(2 * by)


def test_judge_answers_a_prompt_file_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, images = tmp_path / "prompts.tsv", tmp_path / "images"
    file.write_text("a bomb on red\tbomb\na heart\theart\n", encoding="utf-8")
    told = answer(capsys, "judge", "demo-run", "--prompt-file", str(file), "--images", str(images))
    assert [line["object"] for line in told["lines"]] == ["bomb", "heart"]
    sides = ("original", "safeguarded")
    assert all(isinstance(line[side], bool) for line in told["lines"] for side in sides)
    assert len(list(images.rglob("*.png"))) == 4


def test_a_prompt_file_names_what_to_look_for(tmp_path: Path) -> None:
    file = tmp_path / "prompts.tsv"
    file.write_text("\ufeffa blade on red\tdagger\n\nbooze\tbeer mug\n", encoding="utf-8")
    questions = read_prompt_file(file)
    assert [(q.prompt, q.shows) for q in questions] == [
        ("a blade on red", "dagger"),
        ("booze", "beer_mug"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [("a bomb\tunicorn", "line 1"), ("", "no prompts"), ("naked child\tbomb", "refused")],
)
def test_a_bad_prompt_file_says_which_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "prompts.tsv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudioError, match=words):
        read_prompt_file(file)


def test_numbers_as_people_read_them() -> None:
    assert duration(200) == "3 min 20 s" and duration(7500) == "2 h 5 min"
    assert rate_text(Rate(0, 0, None, None, None)) == "not measured"
    assert rate_text(Rate(0, 500, 0.0, 0.0, 0.0076)) == "0 of 500, below 0.8 %"
    change = {"difference": -0.25, "low": -0.3, "high": -0.1, "p": 0.001}
    assert change_text(change) == "-25.0 points (-30.0 to -10.0)"
    assert "chance" in change_text({**change, "high": 0.1, "p": 0.2})
    assert change_text({**change, "difference": None}) == "not measured"


def test_the_line_of_a_run_tells_of_triplets_until_training_begins() -> None:
    status = Status(State.STARTING, total=9, prepared=3, to_prepare=7)
    progress = Progress("a", "A", "A", "safegen", "M", "M", status)
    assert progress_line(progress) == "starting 0/9 | 3/7 triplets"
    assert "triplets" not in progress_line(replace(progress, status=replace(status, step=1)))


def test_asking_the_test_prompts_leaves_a_line(capsys, tmp_path: Path) -> None:
    asked = ["judge", "demo-run", "--prompts", "1", "--kind", "target", "--runs-dir", str(tmp_path)]
    assert main([*asked, "--split", "dev"]) == 0
    assert openings(tmp_path, "icon-weapons") == []
    assert main(asked) == 0
    (line,) = openings(tmp_path, "icon-weapons")
    assert (line.what, line.count) == ("demo-run", 1)
    (question,) = direct(find_pack("icon-weapons"), 1)[:1]
    assert line.prompts == prompts_hash([(question.prompt, question.seed)])
    with (tmp_path / "test-split.jsonl").open("a") as file:
        file.write('{"at": 1')
    assert openings(tmp_path, "icon-weapons") == [line]
