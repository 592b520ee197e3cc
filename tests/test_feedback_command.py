"""`python -m studio feedback`: rounds without a browser."""

import json
from pathlib import Path

import pytest

from studio.cli import main
from tests.rounds import drawn_round


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_a_round_is_drawn_listed_and_gone_on_with(
    tmp_path: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = ["--runs-dir", str(tmp_path)]
    given = ["--prompt", "a cactus", "--prompt", "a pillow", "--count", "3"]
    asked = ["feedback", "make", "Spiky things", *given, "--model", str(tiny_folder), "--json"]
    assert main([*asked, "--label", "spikes", "--label", "fur", *runs]) == 0
    made = json.loads(said(capsys))
    assert (made["pictures"], made["state"]) == (3, "done")
    (tmp_path / "feedback" / made["round"] / "pictures" / "00001.png").unlink()
    assert main(["feedback", "resume", made["round"], *runs]) == 0
    assert "3 of 3 pictures" in said(capsys)
    assert main(["feedback", "list", *runs]) == 0
    assert "binary  3/3 pictures  rated by: nobody" in said(capsys)


def test_ratings_go_out_come_in_and_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, runs = drawn_round(tmp_path, count=10), ["--runs-dir", str(tmp_path)]
    for number in folder.store.questions():
        folder.store.answer("Ann", number, {"0": number < 4})
    file = tmp_path / "ratings.csv"
    assert main(["feedback", "export", folder.id, str(file), *runs]) == 0
    assert said(capsys) == f"10 ratings in {file}\n"
    file.write_text(file.read_text().replace("Ann", "Ben"))
    assert main(["feedback", "import", folder.id, str(file), *runs]) == 0
    assert said(capsys) == "10 ratings added\n"
    assert main(["feedback", "agreement", folder.id, *runs]) == 0
    told = said(capsys)
    assert "10 of 10 questions answered; Ann 10, Ben 10" in told
    assert "3 yes, 7 no, 0 undecided; alpha 1.00 (0.51 to 1.00, 10 shared)" in told


def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, runs = drawn_round(tmp_path), ["--runs-dir", str(tmp_path)]
    assert main(["feedback", "agreement", folder.id, *runs]) == 0
    assert "0 yes, 0 no, 0 undecided; alpha not measured" in said(capsys)
    for asked, what in (
        (["make", "Spiky things"], "A round needs prompts"),
        (["make", "Spiky things", "--pack", "icon-weapons", "--references", str(tmp_path)],
         "There are no pictures"),
        (["export", folder.id, str(tmp_path / "a.xlsx")], "neither a CSV nor a Parquet"),
        (["export", "nothing", str(tmp_path / "a.csv")], "There is no rating round"),
    ):  # fmt: skip
        assert main(["feedback", *asked, *runs]) == 1
        assert what in capsys.readouterr().err
