"""Rating by keyboard: a reload in the middle, undo, two people at once."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from studio.config import Text
from studio.pictures import cover_of
from studio.ui import parts
from tests.rounds import FEATHERS, SPIKES, shape
from tests.ui.driver import browser_marks, go, open_page
from tests.ui.rating import WAIT, accept, at, choose, press, reload, said, titled

pytestmark = browser_marks(2)


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
