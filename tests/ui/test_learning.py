"""Rounds made on the page, and what ratings say learned, removed and compared."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from studio.records import State
from studio.services.feedback import Feedback
from studio.services.runs import Runs
from tests.rounds import shape
from tests.ui.driver import browser_marks, go, open_page
from tests.ui.rating import WAIT, accept, at, choose, titled

pytestmark = browser_marks()


def test_a_round_is_made_on_the_page_and_its_drawing_can_be_stopped(
    browser: Browser, studio: str, runs: Path
) -> None:
    page = open_page(browser, studio)
    go(page, "feedback")
    page.get_by_text("Make a round").first.click()
    expect(page.locator("#round-prompts textarea")).not_to_have_value("", timeout=WAIT)
    page.locator("#round-title input, #round-title textarea").first.fill("Made here")
    page.locator("#round-prompts textarea").fill("a sexy teen")
    page.locator("#round-count input").fill("12")
    page.locator("#round-start").click()
    expect(page.locator(".toast-body")).to_contain_text("A text was refused", timeout=WAIT)
    page.locator("#round-prompts textarea").fill("a bomb\na spoon")
    page.locator("#round-start").click()
    expect(page.locator("#rate-drawing")).to_contain_text("of 12", timeout=60_000)
    page.locator("#round-stop").click()
    expect(page.locator("#round-on")).to_be_visible(timeout=120_000)
    made = next(row for row in Feedback(runs).list() if row.title.en == "Made here")
    assert made.status.state is State.STOPPED and made.drawn < 12
    page.locator("#round-on").click()
    expect(page.locator("#rate-drawing")).to_have_text("", timeout=300_000)
    accept(page)
    at(page, 1, 12)
    page.context.close()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_phone_needs_no_sideways_scrolling(
    browser: Browser, studio: str, runs: Path, locale: str
) -> None:
    titled(runs, f"phone {locale}", "ranking", 5, references=[shape(n) for n in range(5)])
    page = open_page(browser, studio, width=390, height=844, locale=locale)
    go(page, "feedback")
    page.locator("#rate-start").click()
    expect(page.locator(".sg-item")).to_have_count(5, timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    below = page.locator("#rate-done").bounding_box()
    assert below and below["y"] + below["height"] < 844 - 56, "the keys are in sight"
    page.context.close()


@pytest.mark.timeout(1200)
def test_what_twenty_ratings_say_is_learned_removed_and_compared(
    browser: Browser, studio: str, runs: Path
) -> None:
    folder = titled(runs, "learned", count=20)
    page = open_page(browser, studio)
    choose(page, "learned", "Ann")
    accept(page)
    for place in range(1, 21):
        at(page, place, 20)
        number = int(page.locator("#rate-stage [data-seen]").get_attribute("data-seen") or 0)
        shown = folder.store.questions()[number].pictures[0]
        page.keyboard.press("12"[int(shown[-5]) % 2])  # every other picture is a triangle
    expect(page.locator("#rate-stage")).to_contain_text("Thank you", timeout=WAIT)
    page.locator("#rate-stop").click()
    page.get_by_text("What people said").click()
    expect(page.locator("#rate-result")).to_contain_text("yes 10 · no 10", timeout=WAIT)
    for field, value in (("name", "spiky"), ("steps", "4"), ("removal", "4")):
        page.locator(f"#learn-{field} input, #learn-{field} textarea").first.fill(value)
    page.locator("#learn-keep textarea").fill("pillow")
    page.locator("#learn-remove").click()
    expect(page.locator("#progress")).to_contain_text("spiky", timeout=60_000)
    studied = Runs(runs)
    learning, removing = [run.run_id for run in studied.list() if "spiky" in run.title][::-1]
    assert studied.wait(learning, 500).state is State.DONE
    assert studied.wait(removing, 500).state is State.DONE
    go(page, "feedback")
    told = page.locator("#learn-tokens")
    expect(told).to_contain_text("<spiky>", timeout=WAIT)
    expect(told).to_contain_text("reward model, pictures held out")
    expect(told).not_to_contain_text("not measured")
    expect(page.locator("#learn-remove")).to_have_text("Remove <spiky>")
    go(page, "compare")
    page.locator("#compare-run input").click()
    page.get_by_role("option", name=removing).click()
    page.locator("#prompts textarea").fill("a picture of <spiky>")
    page.locator("#draw").click()
    expect(page.locator("#compare-note")).to_contain_text("2 pictures", timeout=120_000)
    page.context.close()
