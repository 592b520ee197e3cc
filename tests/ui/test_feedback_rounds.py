"""A round on the page: made, rated on a full disk, taken out as a file, learned from."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from studio.records import State
from studio.services.feedback import Feedback
from studio.services.runs import Runs
from tests.ui.driver import browser_marks, go, open_page
from tests.ui.rating import WAIT, accept, at, choose, press, said, titled, upload

pytestmark = browser_marks(2)


def test_a_full_disk_is_said_and_the_picture_stays(
    browser: Browser, studio: str, runs: Path
) -> None:
    folder = titled(runs, "full")
    page = open_page(browser, studio)
    choose(page, "full", "Ann")
    accept(page)
    press(page, "1", 1, 6)
    at(page, 2, 6)
    kept = folder.path / "ratings.sqlite"
    away = kept.rename(kept.with_suffix(".away"))
    kept.mkdir()  # nothing can be written there now
    page.keyboard.press("1")
    expect(page.locator(".toast-body")).to_contain_text("cannot be written", timeout=60_000)
    at(page, 2, 6)
    kept.rmdir()
    away.rename(kept)
    page.keyboard.press("1")
    at(page, 3, 6)
    assert said(folder, "Ann") == [True, True]
    page.context.close()


def test_ratings_are_downloaded_and_a_wrong_file_is_refused(
    browser: Browser, studio: str, runs: Path, tmp_path: Path
) -> None:
    folder = titled(runs, "files")
    for number in range(1, 4):
        folder.store.answer("Ann", number, {"0": number == 1})
    page = open_page(browser, studio)
    choose(page, "files")
    page.get_by_text("What people said").click()
    expect(page.locator("#rate-result")).to_contain_text("yes 1 · no 2", timeout=WAIT)
    with page.expect_download(timeout=WAIT) as loaded:
        page.locator("#rate-csv").click()
    file = tmp_path / "ratings.csv"
    loaded.value.save_as(file)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert [row["shows"] for row in rows] == ["True", "False", "False"]
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("Ann", "Ben"), encoding="utf-8")
    upload(page, file)
    expect(page.locator("#rate-result")).to_contain_text("Ann (3), Ben (3)", timeout=WAIT)
    expect(page.locator("#rate-result")).to_contain_text("1.00 (0.25 to 1.00, 3 shared)")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("rater,picture,shows\nCy,pictures/99.png,yes\n")
    upload(page, wrong)
    toast = page.locator(".toast-body").filter(has_text="row 2")
    expect(toast).to_contain_text("this round has no picture pictures/99.png", timeout=WAIT)
    assert folder.store.raters() == {"Ann": 3, "Ben": 3}
    page.context.close()


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
