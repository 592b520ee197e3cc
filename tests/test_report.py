"""A report says what was measured, how sure it is, and what was not tested."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from studio.cli import main
from studio.errors import StudioError
from studio.evaluation.comparison import Calibration
from studio.evaluation.findings import RECKONED, Profile, Score
from studio.records import State
from studio.services.report import Reports, findings_file
from studio.services.reporting.export_json import findings_json
from studio.services.reporting.report_words import WORDS
from studio.services.reporting.stored import read_findings, write_findings
from studio.services.reporting.summary import one_run, quality
from studio.services.reporting.words import LANGUAGES, Tongue, family_name
from studio.services.runs import Runs
from studio.services.test_split import note_opening
from tests.evaluation_by_hand import evaluation, run_of


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


def test_findings_follow_from_the_answers_and_survive_the_disk(runs: Runs) -> None:
    folder = evaluation(run_of(runs.root), count=100, second=True)
    note_opening(runs.root, folder.config.pack.id, "this one", [("a bomb", 1)])
    found = Reports(runs).make(folder.id)
    direct = found.families[0]
    assert (direct.name, direct.original.k, direct.safeguarded.k, direct.safeguarded.n) == (
        "direct", 100, 1, 100,
    )  # fmt: skip
    assert found.level == "leaks" or found.level == "open"
    assert {thing.name for thing in found.things} >= {"bomb", "dagger", "spoon", "pencil", "wrench"}
    assert len(found.worst) == 1 + 4 + 3
    assert found.agreements[0].same.n == 800 and found.agreements[0].disputed
    assert found.about["train_steps"] == "180" and float(found.about["train_seconds"]) == 249
    for key in ("model_sha256", "adapter_sha256", "prompts_sha256", "seeds", "sampler", "command"):
        assert found.about[key], key
    assert found.about["openings"] == "1"
    assert found.about["device"] == "a GPU of another machine", "what drew it, not what reads it"
    assert Reports(runs).read(folder.id) == found
    file = write_findings(found, runs.root / "again.json")
    assert read_findings(file) == found


def test_a_calibration_corrects_the_rates(runs: Runs) -> None:
    folder = evaluation(run_of(runs.root), pictures=False)
    judge = Calibration(found=190, shown=200, passed=198, clean=200)
    found = Reports(runs).make(folder.id, calibration={"icon-world": judge})
    assert found.families[0].corrected is not None and found.calibration["icon-world"] == judge
    assert Reports(runs).make(folder.id).families[0].corrected is None


def test_peoples_labels_stand_in_the_report(runs: Runs) -> None:
    folder, reports = evaluation(run_of(runs.root), pictures=False), Reports(runs)
    assert "no picture was checked by a person" in reports.html(reports.make(folder.id))
    said = {"wanted": "bomb", "who": "", "at": 1700000000.0}
    lines = [
        {"picture": f"pictures/original/{row:05d}.png", "label": "shows", **said}
        for row in range(4)
    ]
    lines[3]["label"] = "shows not"
    text = "".join(json.dumps(line) + "\n" for line in lines)
    before = reports.current(folder.id)
    assert reports.current(folder.id) == before  # not worked out again
    time.sleep(0.02)
    (folder.path / "labels.jsonl").write_text(text)
    findings = reports.current(folder.id)
    found = findings.agreements[-1]
    assert (found.n, found.same.k, len(found.disputed)) == (4, 3, 1)
    assert "no picture was checked by a person" not in reports.html(findings)


def test_an_adapter_that_changed_makes_the_report_stale(runs: Runs) -> None:
    run = run_of(runs.root)
    folder, reports = evaluation(run, pictures=False), Reports(runs)
    findings = reports.make(folder.id)
    assert not reports.stale(folder.id)
    assert "out of date" not in reports.html(findings)
    run.adapter.write_bytes(run.adapter.read_bytes() + b" ")
    assert reports.stale(folder.id)
    assert "out of date" in reports.html(findings)
    assert json.loads(findings_json(findings, stale=True))["stale"] is True
    run.adapter.unlink()
    assert reports.stale(folder.id)


def test_the_trade_off_holds_only_what_compares(runs: Runs) -> None:
    first, reports = run_of(runs.root), Reports(runs)
    one = reports.make(evaluation(first, pictures=False).id)
    second = run_of(runs.root, "20260102-000000-icon-weapons-esd")
    other = reports.make(evaluation(second, pictures=False).id)
    reports.make(evaluation(first, count=50, pictures=False).id)  # other prompts
    shown = reports.points(one)
    assert [point.name for point in shown] == ["", one.column, other.column]
    assert shown[0].original and shown[1].here and not shown[2].here
    assert shown[1].leak.low is not None and shown[1].kept.high is not None


def test_a_column_of_a_damaged_model_collapsed(runs: Runs) -> None:
    shown = {"direct": (100, 0), "neighbours": (98, 0), "others": (100, 0)}
    folder, reports = evaluation(run_of(runs.root), shown=shown, pictures=False), Reports(runs)
    findings = reports.make(folder.id)
    assert findings.level == "collapsed"
    html = reports.html(findings)
    assert "gets no grade" in html and "lv ok" not in html.split("</style>")[1]


def test_what_cannot_be_reported_says_why(runs: Runs) -> None:
    reports, run = Reports(runs), run_of(runs.root)
    with pytest.raises(StudioError, match="There is no evaluation"):
        reports.make("nothing")
    folder = evaluation(run, pictures=False)
    with pytest.raises(StudioError, match="has no column 'other'"):
        reports.make(folder.id, "other")
    for file in (folder.path / "answers").iterdir():
        file.unlink()
    with pytest.raises(StudioError, match="No picture of this evaluation"):
        reports.make(folder.id)
    working = evaluation(run, pictures=False, state=State.QUEUED)
    with pytest.raises(StudioError, match="still at work"):
        reports.make(working.id)
    assert reports.read(folder.id) is None


def test_the_command_line_writes_a_report(runs: Runs, tmp_path: Path, capsys) -> None:
    folder = evaluation(run_of(runs.root))
    where = ["--runs-dir", str(runs.root), "--out", str(tmp_path / "out")]
    assert main(["report", folder.id, *where]) == 0
    said = capsys.readouterr().out
    assert "1.0 %" in said and "Not tested:" in said
    assert main(["report", folder.id, *where, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["reports"][0]
    assert (
        told["stale"] is False
        and told["checks"][0]["family"] == "direct"
        and told["findings"]["families"][0]
    )
    assert all(Path(file).exists() for file in told["files"])
    assert main(["report", "nothing", *where]) == 1


def test_both_languages_have_every_text() -> None:
    for key, (english, chinese) in WORDS.items():
        assert english and re.search(r"[一-鿿]", chinese), key
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", chinese)), key
    assert Tongue("zh")("report") == "报告"
    assert Tongue()("report") == (
        '<span class="en" lang="en">Report</span><span class="zh" lang="zh">报告</span>'
    )
    assert family_name("direct", "zh") == "直接" and family_name("new_one", "zh") == "new one"
    assert LANGUAGES == ("en", "zh")


def test_scores_are_told_in_the_readers_language() -> None:
    needs = "FID needs pictures of the original model with other seeds."
    scores = (
        Score("FID", None, 95, Profile("fid"), needs=needs),
        Score("feature distance (judge features)", 0.28, 95, Profile("f")),
    )
    chinese, english = (quality(scores, Tongue(lang)) for lang in ("zh", "en"))
    assert needs in english and "feature distance (judge features)" in english
    assert "needs" not in chinese and "特征距离 (判定器特征)" in chinese


def test_a_report_of_one_training_says_so_in_page_card_and_json(runs: Runs, tmp_path: Path) -> None:
    folder = evaluation(run_of(runs.root), count=12)
    reports = Reports(runs)
    out = reports.export(reports.make(folder.id), tmp_path / "out")
    page, card = out.html.read_text("utf-8"), out.card.read_text("utf-8")
    assert "This is one training run (seed 0). Another training seed can leak more" in page
    assert "这只是一次训练（种子 0）" in page
    assert "This is one training run (seed 0). Another training seed can leak more" in card
    told = json.loads(out.json.read_text("utf-8"))["training_runs"]
    assert (told["count"], told["seed"]) == (1, "0")
    assert "one training run" in told["told"]["en"] and "一次训练" in told["told"]["zh"]


def test_a_report_of_nothing_trained_or_of_an_unknown_adapter(runs: Runs) -> None:
    found = Reports(runs).make(evaluation(run_of(runs.root), count=12).id)
    foreign = replace(found, about={"adapter_sha256": "abc"})
    assert "one training run. Another" in one_run(foreign, "en") and one_run(foreign, "zh")
    guided = json.loads(findings_json(replace(found, about={"method": "sld"})))
    assert guided["training_runs"]["count"] == 0 and guided["training_runs"]["told"]["en"] == ""


def test_a_report_by_a_coin_says_why_there_is_no_grade(runs: Runs) -> None:
    reports, folder = Reports(runs), evaluation(run_of(runs.root), count=100)
    found = reports.make(folder.id, calibration={"icon-world": Calibration(10, 20, 10, 20)})
    assert found.level == "not measured"
    page = reports.html(found)
    assert "no better than a coin" in page and "不比抛硬币好" in page


def test_findings_of_an_older_way_of_reckoning_are_made_again(runs: Runs) -> None:
    reports, folder = Reports(runs), evaluation(run_of(runs.root), count=12)
    made = reports.make(folder.id)
    assert made.reckoned == RECKONED and reports.read(folder.id) == made
    file = findings_file(folder, made.column)
    stored = json.loads(file.read_text("utf-8"))
    del stored["reckoned"]  # as it was written before
    file.write_text(json.dumps(stored), "utf-8")
    assert reports.read(folder.id) is None
    assert reports.current(folder.id).reckoned == RECKONED and reports.read(folder.id) is not None
