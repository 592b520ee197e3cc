"""The Report tab: a test that is started, watched and stopped, and a report that is read."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.jobs.evaluation_folder import EvaluationFolder
from studio.jobs.run_folder import RunFolder
from studio.lives import born
from studio.pictures import cover_of, thumbnail
from studio.records import State, Status
from studio.services.report import Reports
from studio.services.runs import Runs
from tests.evaluation_by_hand import evaluation, run_of
from tests.ui.driver import browser_marks, go, open_page, served

pytestmark = browser_marks(2)
SDD = "20260101-000000-icon-weapons-sdd"
SENSITIVE = "20260102-000000-sensitive-sdd"
WORKING = "20260103-000000-working-sdd"
UNTESTED = "20260104-000000-untested-sdd"


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs with tests written by hand: done, of a sensitive pack, at work, and none."""
    runs = tmp_path_factory.mktemp("report") / "runs"
    evaluation(run_of(runs, SDD), second=True)
    blurred = run_of(runs, SENSITIVE, sensitivity="sensitive", shows={"en": "icons", "zh": "图标"})
    evaluation(blurred, quick=True)
    run_of(runs, WORKING)
    run_of(runs, UNTESTED)
    return runs


@pytest.fixture(scope="module")
def address(tested: Path) -> Iterator[str]:
    with served(tested) as found:
        yield found


def choose(page: Page, run: str) -> None:
    go(page, "report")
    expect(page.locator("#report-run input")).to_have_value(re.compile("."), timeout=60_000)
    page.locator("#report-run input").click()
    page.get_by_role("option", name=re.compile(run)).click()
    expect(page.locator("#report-run input")).to_have_value(re.compile(run), timeout=60_000)


def only(runs: Path, run: str) -> EvaluationFolder:
    """The evaluation of a run."""
    folders = [EvaluationFolder(path) for path in (runs / "evaluations").iterdir()]
    return next(f for f in folders if f.config.columns[1].label == run)


def test_a_report_is_read_taken_along_and_goes_stale(
    browser: Browser, address: str, tested: Path, tmp_path: Path
) -> None:
    page = open_page(browser, address)
    choose(page, SDD)
    verdict = page.locator("#report-verdict")
    expect(verdict.locator(".sg-claim")).to_contain_text("1 of 100", timeout=60_000)
    expect(page.locator("#report-state .sg-pill.done")).to_contain_text("done 20")
    expect(verdict).to_contain_text("re-teaching was not tried")
    expect(verdict.locator("table.matrix").first).to_contain_text("look-alikes")
    expect(page.locator("#report-worst figure")).to_have_count(1 + 4 + 3)
    expect(page.locator("#report-evidence svg.sg-plot")).to_be_visible()
    expect(page.locator("#report-evidence")).to_contain_text("can be switched off")
    names = {"html": "report.html", "json": "report.json", "card": "MODEL_CARD.md"}
    for key, name in {**names, "figures": "figures.zip"}.items():
        with page.expect_download() as waiting:
            page.locator(f"#take-{key}").click()
        waiting.value.save_as(tmp_path / name)
        assert waiting.value.suggested_filename == name
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["findings"]["families"][0]["safeguarded"]["k"] == 1
    assert "1 of 100" in (tmp_path / "report.html").read_text()
    page.reload()
    page.wait_for_selector("#nav [role=tab]")
    go(page, "report")
    expect(page.locator("#report-run input")).to_have_value(re.compile(SDD), timeout=60_000)
    expect(verdict.locator(".sg-claim")).to_contain_text("1 of 100", timeout=60_000)
    adapter = tested / SDD / "adapter" / "adapter.safetensors"
    content = adapter.read_bytes()
    adapter.write_bytes(content + b" ")
    expect(page.locator("#report-state")).to_contain_text("has changed since", timeout=60_000)
    expect(verdict).to_contain_text("out of date", timeout=60_000)
    adapter.write_bytes(content)
    page.context.close()


def test_sensitive_pictures_stay_on_the_server_until_revealed(
    browser: Browser, address: str, tested: Path
) -> None:
    page = open_page(browser, address)
    choose(page, SENSITIVE)
    expect(page.locator("#report-worst img").first).to_be_visible(timeout=60_000)
    expect(page.locator("#report-verdict")).to_contain_text("quick look, not a verdict")
    folder = only(tested, SENSITIVE)
    findings = Reports(Runs(tested)).read(folder.id)
    assert findings is not None
    files = [folder.path / name for w in findings.worst for name in (w.original, w.safeguarded)]
    inside = page.content()
    assert files and not any(thumbnail(file) in inside for file in files)
    assert all(thumbnail(cover_of(file)) in inside for file in files)
    page.locator("#report-reveal").click()
    expect(page.locator("#report-worst .sg-cover")).to_have_count(0, timeout=60_000)
    inside = page.content()
    assert all(thumbnail(file) in inside for file in files)
    page.context.close()


def test_a_test_at_work_shows_how_far_it_is_and_ends_interrupted(
    browser: Browser, address: str, tested: Path
) -> None:
    folder = evaluation(RunFolder(tested / WORKING), pictures=False, state=State.RUNNING)
    code = [sys.executable, "-c", "import time; time.sleep(300)", str(folder.path)]
    worker = subprocess.Popen(code)
    try:
        status = Status(
            State.RUNNING, 120, 800, seconds_left=95.0, pid=worker.pid, born=born(worker.pid)
        )
        folder.write_status(status)
        page = open_page(browser, address)
        choose(page, WORKING)
        state = page.locator("#report-state")
        expect(state).to_contain_text("testing 120 of 800", timeout=60_000)
        expect(state).to_contain_text("1 min 35 s")
        expect(page.locator("#report-stop")).to_be_visible()
        expect(page.locator("#report-verdict .sg-claim")).to_have_count(0)
        page.locator("#report-stop").click()
        page.wait_for_timeout(1000)
        assert folder.asked().get("stop")
    finally:
        worker.kill()
        worker.wait()
    expect(state).to_contain_text("ended without a message", timeout=60_000)
    expect(page.locator("#report-resume")).to_be_visible()
    page.context.close()


def test_a_quick_look_is_started_and_stopped(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    choose(page, UNTESTED)
    state = page.locator("#report-state")
    expect(state).to_contain_text("Not tested", timeout=60_000)
    page.locator("#report-start").click()
    expect(state.locator(".sg-pill").first).to_contain_text(
        re.compile("starting|testing"), timeout=30_000
    )
    page.reload()
    page.wait_for_selector("#nav [role=tab]")
    go(page, "report")
    expect(page.locator("#report-run input")).to_have_value(re.compile(UNTESTED), timeout=60_000)
    expect(state).to_contain_text(re.compile("testing .* of "), timeout=120_000)
    page.locator("#report-stop").click()
    expect(state).to_contain_text("stopped after", timeout=60_000)
    page.context.close()


def test_the_report_speaks_chinese_and_fits_a_phone(browser: Browser, address: str) -> None:
    page = open_page(browser, address, width=390, height=844, locale="zh-CN")
    choose(page, SDD)
    expect(page.locator("#report-verdict")).to_contain_text("应该消失", timeout=60_000)
    expect(page.locator("#report-start")).to_have_text("开始测试")
    expect(page.locator("#report-evidence")).to_contain_text("适配器可以被关掉")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()
