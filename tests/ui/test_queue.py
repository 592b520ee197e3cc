"""The queue in a real browser: order, pause, waiting drawings, and a second studio."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.jobs.queue_tables import Work
from studio.records import State
from studio.services.runs import Runs
from tests.ui.driver import browser_marks, go, open_page, served

pytestmark = browser_marks(1)

LONG = {"steps": 2000, "check_every": 2000, "save_every": 2000}
SHOTS = os.environ.get("QUEUE_SHOTS")  # a folder for pictures to look at


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.fixture
def at_work(runs: Path) -> Iterator[Runs]:
    """A long run at work under a name, and two that wait, without processes of their own."""
    studio = Runs(runs)
    plan = studio.plan(studio.pack("icon-weapons"), overrides=LONG)
    started = [studio.start(plan)]
    studio.rename(started[0], "All weapons")
    for name in ("Second", "Third"):
        started.append(studio.clone(started[0], name))
    yield studio
    for run_id in reversed(started):
        if run_id in [run.run_id for run in studio.list()]:
            studio.stop(run_id)
            studio.wait(run_id, 120)


def rows(page: Page) -> list[str]:
    return page.locator("#queue .sg-queue .what b").all_inner_texts()


def test_the_line_is_moved_by_keyboard_paused_and_cut(
    page: Page, browser: Browser, studio: str, at_work: Runs
) -> None:
    go(page, "runs")
    items = page.locator("#queue .sg-queue li")
    expect(items).to_have_count(3, timeout=30_000)
    expect(items.first.locator(".sg-pill")).to_have_class(re.compile("running|starting"))
    assert rows(page) == ["All weapons", "Second", "Third"]
    up = items.nth(2).get_by_role("button", name=re.compile("Move up"))
    up.focus()
    page.keyboard.press("Enter")
    expect(items.nth(1)).to_contain_text("Third", timeout=60_000)
    assert [row.title for row in at_work.queue.list()] == ["All weapons", "Third", "Second"]
    expect(items.nth(1).get_by_role("button", name=re.compile("Move up"))).to_be_disabled()
    page.locator("#queue-pause").click()
    expect(page.locator("#queue")).to_contain_text("Paused", timeout=60_000)
    expect(page.locator("#queue-pause")).to_have_text("Go on")
    assert at_work.queue.paused
    shot(page, "queue")
    page.locator("#queue-pause").click()
    expect(page.locator("#queue")).not_to_contain_text("Paused", timeout=60_000)
    items.nth(2).get_by_role("button", name=re.compile("Cancel")).click()
    expect(items).to_have_count(2, timeout=30_000)
    states = {run.title: run.status.state for run in at_work.list()}
    assert states["Second"] is State.STOPPED and states["Third"] is State.QUEUED

    phone = open_page(browser, studio, width=390, height=844, locale="zh-CN")
    go(phone, "runs")
    expect(phone.locator("#queue")).to_contain_text("队列", timeout=60_000)
    expect(phone.locator("#queue .sg-queue li")).to_have_count(2, timeout=60_000)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    shot(phone, "queue-phone")
    phone.context.close()


def test_a_drawing_waits_behind_a_training_and_says_so(page: Page, at_work: Runs) -> None:
    go(page, "compare")
    page.locator("#prompts textarea").fill("a fish on yellow")
    page.locator("#draw").click()
    note = page.locator("#compare-note")
    expect(note).to_contain_text("Waiting behind “All weapons”", timeout=60_000)
    expect(note).to_contain_text(re.compile(r"step \d+ of 2000"), timeout=60_000)
    shot(page, "compare-waits")
    page.locator("#stop-draw").click()
    expect(note).to_contain_text("Stopped", timeout=60_000)
    assert Work.DRAW not in [row.work for row in at_work.queue.list()]
    page.locator("#draw").click()
    expect(note).to_contain_text("Waiting behind", timeout=60_000)
    at_work.queue.pause(True)
    try:
        at_work.stop(at_work.queue.list()[0].key)
        expect(note).to_contain_text("2 pictures", timeout=120_000)
    finally:
        at_work.queue.pause(False)


def test_a_run_is_renamed_cloned_resumed_and_deleted(page: Page, runs: Path) -> None:
    studio = Runs(runs)
    studio.queue.pause(True)
    plan = studio.plan(studio.pack("icon-weapons"), overrides=LONG)
    run_id = studio.start(plan)
    studio.stop(run_id)
    assert studio.wait(run_id, 60).state is State.STOPPED
    go(page, "runs")
    page.locator("#rename").click()
    expect(page.locator(".toast-body")).to_contain_text("Choose a run", timeout=60_000)
    page.locator("#runs").get_by_text(run_id).first.click()
    page.locator("#rename").click()
    page.locator("#run-name textarea, #run-name input").first.fill("Blades only")
    page.locator("#rename-save").click()
    expect(page.locator("#runs")).to_contain_text("Blades only", timeout=60_000)
    page.locator("#clone").click()
    expect(page.locator("#clone-steps input")).to_have_value("2000", timeout=60_000)
    page.locator("#clone-name textarea, #clone-name input").first.fill("Shorter")
    page.locator("#clone-steps input").fill("12")
    shot(page, "clone")
    page.locator("#clone-start").click()
    expect(page.locator("#queue")).to_contain_text("Shorter", timeout=60_000)
    page.locator("#resume").click()
    expect(page.locator("#queue")).to_contain_text("Blades only", timeout=60_000)
    assert [row.title for row in studio.queue.list()] == ["Shorter", "Blades only"]
    for row in studio.queue.list():
        studio.stop(row.key)
        studio.wait(row.key, 60)
    page.locator("#delete").click()
    expect(page.locator("#delete-yes")).to_be_visible(timeout=60_000)
    assert studio.folder(run_id).path.exists()
    page.locator("#delete-yes").click()
    expect(page.locator("#runs")).not_to_contain_text(run_id, timeout=60_000)
    assert not (runs / run_id).exists()
    studio.queue.pause(False)


def test_a_second_studio_is_a_viewer_and_takes_over(browser: Browser, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(served(root))
        page = open_page(browser, second.enter_context(served(root)))
        banner = page.locator("#viewer")
        expect(banner).to_contain_text("Another studio works", timeout=30_000)
        shot(page, "viewer")
        go(page, "train")
        page.locator("#start").click()
        toast = page.locator(".toast-body").last
        expect(toast).to_contain_text("this one only shows it", timeout=60_000)
        go(page, "runs")
        page.locator("#queue-pause").click()
        page.wait_for_timeout(3000)
        assert Runs(root).queue.list() == () and not Runs(root).queue.paused
        first.close()
        expect(banner).not_to_be_visible(timeout=60_000)
        page.locator("#queue-pause").click()
        expect(page.locator("#queue")).to_contain_text("Paused", timeout=60_000)
        page.context.close()
