"""Rating by keyboard: a reload in the middle, undo, two people at once, and learning from it."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.config import Text
from studio.jobs.feedback_folder import FeedbackFolder
from studio.pictures import cover_of
from studio.records import State
from studio.services.feedback import Feedback
from studio.services.runs import Runs
from studio.ui import parts
from tests.rounds import FEATHERS, SPIKES, drawn_round, shape
from tests.ui.driver import browser_marks, go, open_page

pytestmark = browser_marks()
WAIT = 20_000


def titled(
    runs: Path, name: str, kind: str = "binary", count: int = 6, **changes: object
) -> FeedbackFolder:
    return drawn_round(runs, kind, count, title=Text(en=name, zh=name), **changes)


def choose(page: Page, name: str, who: str = "") -> None:
    go(page, "feedback")
    page.locator("#rate-round input").click()
    page.get_by_role("option", name=name).click()
    expect(page.locator("#rate-about")).to_contain_text("stop at any time", timeout=WAIT)
    if who:
        field = page.locator("#rate-name input, #rate-name textarea").first
        field.fill(who)
        field.press("Tab")


def accept(page: Page) -> None:
    expect(page.locator("#rate-start")).to_have_text("I have read this: start", timeout=WAIT)
    page.locator("#rate-start").click()


def at(page: Page, place: int, total: int) -> None:
    """Wait until the question of this place is shown, counted from 1."""
    expect(page.locator("#rate-stage")).to_contain_text(f"{place} of {total}", timeout=WAIT)


def press(page: Page, keys: str, start: int, total: int) -> None:
    for place, key in enumerate(keys, start=start):
        at(page, place, total)
        page.keyboard.press(key)


def said(folder: FeedbackFolder, who: str) -> list[bool | None]:
    return [answer.shows for answer in folder.store.answers() if answer.rater == who]


def reload(page: Page) -> None:
    page.reload()
    page.wait_for_selector("#nav [role=tab]")
    go(page, "feedback")


def upload(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("#rate-import").click()
    chooser.value.set_files(file)


def test_twenty_pictures_are_rated_by_keyboard_with_a_reload_in_the_middle(
    browser: Browser, studio: str, runs: Path
) -> None:
    folder = titled(runs, "twenty", count=20)
    page = open_page(browser, studio)
    choose(page, "twenty", "Ann")
    expect(page.locator("#rate-about")).to_contain_text("20 pictures, one at a time")
    accept(page)
    press(page, "1212121212", 1, 20)
    at(page, 11, 20)
    assert said(folder, "Ann") == [True, False] * 5
    reload(page)
    at(page, 11, 20)
    page.keyboard.press("u")
    at(page, 10, 20)
    assert said(folder, "Ann") == [True, False] * 4 + [True]
    press(page, "21111111111", 10, 20)
    expect(page.locator("#rate-stage")).to_contain_text("20 of 20. Thank you", timeout=WAIT)
    assert said(folder, "Ann") == [True, False] * 5 + [True] * 10
    page.keyboard.press("u")
    at(page, 20, 20)
    page.locator("#rate-no").click()
    expect(page.locator("#rate-stage")).to_contain_text("Thank you", timeout=WAIT)
    assert said(folder, "Ann")[-1] is False and len(folder.ratings().shows) == 20
    page.context.close()


def test_two_raters_at_once_keep_queues_of_their_own(
    browser: Browser, studio: str, runs: Path
) -> None:
    folder = titled(runs, "together", count=6)
    one, two = open_page(browser, studio), open_page(browser, studio)
    for page, who in ((one, "Ann"), (two, "Ben")):
        choose(page, "together", who)
        accept(page)
    for place in range(1, 5):
        press(one, "1", place, 6)
        press(two, "2", place, 6)
    at(one, 5, 6)
    at(two, 5, 6)
    assert said(folder, "Ann") == [True] * 4 and said(folder, "Ben") == [False] * 4
    asked = {
        w: [a.question for a in folder.store.answers() if a.rater == w] for w in ("Ann", "Ben")
    }
    assert asked["Ann"] != asked["Ben"] and len(set(asked["Ann"])) == 4
    one.locator("#rate-stop").click()
    one.get_by_text("What people said").click()
    shown = one.locator("#rate-result")
    expect(shown).to_contain_text("Ann (4), Ben (4)", timeout=WAIT)
    expect(shown).to_contain_text("Krippendorff")
    both = set(asked["Ann"]) & set(asked["Ben"])
    expect(shown).to_contain_text(f"{len(both)} shared")
    one.context.close()
    two.context.close()


def test_five_pictures_are_ranked_by_keyboard_and_a_reload_keeps_the_ranks(
    browser: Browser, studio: str, runs: Path
) -> None:
    folder = titled(runs, "ranked", "ranking", 10, references=[shape(0), shape(2)])
    page = open_page(browser, studio)
    choose(page, "ranked", "Ann")
    accept(page)
    at(page, 1, 2)
    expect(page.locator(".sg-refs img")).to_have_count(2)
    first = folder.store.turn("Ann", folder.drawn()).question
    assert first is not None
    page.keyboard.press("Enter")
    expect(page.locator(".toast-body")).to_contain_text(
        "Not every picture has a rank", timeout=WAIT
    )
    for key in "35":
        page.keyboard.press(key)
    reload(page)
    at(page, 1, 2)
    expect(page.locator(".sg-item .rank").nth(2)).to_have_text("1")
    for key in ("1", "u", "2", "x"):
        page.keyboard.press(key)
    ranks = [page.locator(".sg-item .rank").nth(place).inner_text() for place in range(5)]
    assert ranks == ["✕", "3", "1", "✕", "2"]
    page.keyboard.press("Enter")
    at(page, 2, 2)
    assert folder.ratings().ranks == (tuple(first.pictures[n] for n in (2, 4, 1)),)
    page.locator(".sg-item").nth(4).click()
    for key in "1234":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("#rate-stage")).to_contain_text("Thank you", timeout=WAIT)
    assert [len(order) for order in folder.ratings().ranks] == [3, 5]
    page.context.close()


def test_several_labels_are_ticked_by_number(browser: Browser, studio: str, runs: Path) -> None:
    folder = titled(runs, "labels", labels=(SPIKES, FEATHERS))
    page = open_page(browser, studio)
    choose(page, "labels", "Ann")
    accept(page)
    at(page, 1, 6)
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    at(page, 2, 6)
    page.keyboard.press("Enter")
    at(page, 3, 6)
    assert said(folder, "Ann") == [False, True, False, False]
    page.context.close()


def test_sensitive_pictures_stay_blurred_until_the_rater_reveals_them(
    browser: Browser, studio: str, runs: Path
) -> None:
    shows = Text(en="sharp corners", zh="尖角")
    folder = titled(runs, "covered", sensitive=True, shows=shows)
    turn = folder.store.turn("Ann", folder.drawn())
    assert turn.question is not None
    first = folder.path / turn.question.pictures[0]
    page = open_page(browser, studio)
    choose(page, "covered", "Ann")
    expect(page.locator("#rate-about")).to_contain_text("sharp corners")
    accept(page)
    at(page, 1, 6)
    clear = parts.thumbnail(first, parts.LARGE_PX)
    assert parts.thumbnail(cover_of(first), parts.LARGE_PX) in page.content()
    assert clear not in page.content()
    expect(page.locator("#rate-yes")).to_be_disabled()
    page.keyboard.press("1")
    page.wait_for_timeout(500)
    assert said(folder, "Ann") == []
    page.keyboard.press("r")
    expect(page.locator("#rate-yes")).to_be_enabled(timeout=WAIT)
    assert clear in page.content()
    press(page, "1", 1, 6)
    at(page, 2, 6)
    reload(page)
    at(page, 2, 6)
    expect(page.locator("#rate-reveal")).to_be_visible()
    page.context.close()


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
    expect(page.locator("#rate-result")).to_contain_text("1.00 (1.00 to 1.00, 3 shared)")
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
