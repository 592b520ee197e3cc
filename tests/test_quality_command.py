"""The rule that calls a model collapsed, and the command that measures quality."""

import json
from pathlib import Path

import pytest

from studio.cli import main
from studio.evaluation.comparison import Difference
from studio.evaluation.findings import Profile, Score
from studio.evaluation.quality.collapsed import collapsed
from tests.quality_pictures import NOTHING, drawings


def change(by: float | None) -> Difference:
    return Difference(100, 0, 0, by, None, None, None)


def kid_score(value: float | None, floor: float | None) -> Score:
    return Score("KID x1000 (judge features)", value, 100, Profile("kid"), floor=floor)


@pytest.mark.parametrize(
    ("others", "score", "answer"),
    [
        (-0.21, None, True),
        (-0.20, None, False),
        (0.0, kid_score(5.1, 1.0), True),
        (0.0, kid_score(5.0, 1.0), False),
        (-0.5, kid_score(0.1, 1.0), True),
        (None, kid_score(9.0, None), None),
        (None, kid_score(None, 1.0), None),
        (None, None, None),
    ],
)
def test_collapsed_by_other_objects_or_by_kid(
    others: float | None, score: Score | None, answer: bool | None
) -> None:
    assert collapsed(change(others), [score] if score else []) is answer


def test_the_command_reads_prompts_from_the_pictures(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    drawn = drawings(tmp_path / "pictures")
    drawn.of("black", NOTHING["black"])
    command = ["quality", "--original", str(drawn.folder / "original")]
    command += ["--safeguarded", str(drawn.folder / "black"), "--scorer", "kid"]
    assert main([*command, "--floor", str(drawn.folder / "floor"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["pictures"] == len(drawn.prompts) and answer["collapsed"] is True
    assert main(command) == 0
    assert "floor not measured" in capsys.readouterr().out
    listed = tmp_path / "prompts.txt"
    listed.write_text("\n".join(drawn.prompts[1:]))
    assert main([*command, "--prompt-file", str(listed)]) == 1
    assert "has 63 prompts for 64 pictures" in capsys.readouterr().err
    assert main([*command[:4], str(tmp_path)]) == 1
    assert "no pictures in" in capsys.readouterr().err
