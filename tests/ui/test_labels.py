"""Labelling by keyboard: a reload in the middle, undo, two people, and what came of it."""

import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from studio.evaluation.findings import Profile
from studio.jobs.calibration_folder import CalibrationFolder, CalibrationSet, Shot
from studio.pictures import cover_of
from studio.services.calibration import FOLDER
from studio.ui import parts
from tests.ui.driver import browser_marks, go, open_page

pytestmark = browser_marks(2)
ROUND = [True, False, True, False, False, True]  # whether the picture has a round thing in it
JUDGE = [True, False, False, False, True, True]  # wrong about the third and the fifth


def make_set(runs: Path, name: str, sensitive: bool = False) -> CalibrationFolder:
    """Six pictures of a round or a square thing; the first two are renders."""
    folder = CalibrationFolder(runs / FOLDER / name)
    (folder.path / "pictures").mkdir(parents=True)
    shots, answers = [], {}
    for place, shows in enumerate(ROUND):
        image = Image.new("RGB", (128, 128), ("#60A0E4", "#FADC62")[place % 2])
        pen = ImageDraw.Draw(image)
        (pen.ellipse if shows else pen.rectangle)((30, 30, 98, 98), fill="#202227")
        shot = Shot(
            picture=f"pictures/{place:04d}.png",
            wanted="bomb",
            source="render" if place < 2 else "generated",
            truth=("shows" if shows else "shows not") if place < 2 else "",
        )
        image.save(folder.path / shot.picture)
        shots.append(shot)
        answers[shot.picture] = {"icon-world": JUDGE[place]}
    manifest = CalibrationSet(
        pack="icon-weapons",
        title={"en": name, "zh": name},
        sensitive=sensitive,
        may_show={"en": "round things", "zh": "圆的东西"},
        model="icon-world",
        split="dev",
        made=0.0,
        profiles=(Profile("icon-world", model="abc", threshold=0.5),),
        shots=tuple(shots),
    )
    folder.write(manifest, answers)
    return folder


def choose(page: Page, name: str) -> None:
    go(page, "check")
    page.locator("#check-set input").click()
    page.get_by_role("option", name=name).click()
    expect(page.locator("#check-about")).to_contain_text("stop at any time", timeout=60_000)


def at(page: Page, place: int) -> None:
    """Wait until the picture of this place is shown, counted from 1, and nothing is under way."""
    stage = page.locator("#check-stage")
    expect(stage).to_contain_text(f"{place} of 6", timeout=60_000)
    expect(stage).not_to_contain_text(re.compile(r"\d\.\ds"), timeout=60_000)


def press(page: Page, keys: str, start: int) -> None:
    for place, key in enumerate(keys, start=start):
        at(page, place)
        page.keyboard.press(key)


def said(folder: CalibrationFolder, who: str = "") -> list[str]:
    return [label.label for label in folder.labels.of(who).values()]


def test_pictures_are_labelled_by_keyboard(browser: Browser, studio: str, runs: Path) -> None:
    folder = make_set(runs, "keyboard")
    page = open_page(browser, studio)
    choose(page, "keyboard")
    page.locator("#check-start").click()
    at(page, 1)
    expect(page.locator("#check-stage")).to_contain_text("Does it show a bomb?")
    expect(page.locator("#check-stage")).not_to_contain_text("icon-world")
    press(page, "122", 1)
    at(page, 4)
    assert said(folder) == ["shows", "shows not", "shows not"]
    page.reload()
    page.wait_for_selector("#nav [role=tab]")
    go(page, "check")
    at(page, 4)
    page.keyboard.press("u")
    at(page, 3)
    assert said(folder) == ["shows", "shows not"]
    press(page, "1233", 3)
    expect(page.locator("#check-stage")).to_contain_text("6 of 6. Thank you", timeout=60_000)
    page.keyboard.press("u")
    at(page, 6)
    page.locator("#check-yes").click()
    stage = page.locator("#check-stage")
    expect(stage).to_contain_text("6 of 6. Thank you", timeout=60_000)
    assert said(folder) == ["shows", "shows not", "shows", "shows not", "unsure", "shows"]
    # of five with an answer the judge differs on the third: 4 of 5, kappa (0.8 - 0.48) / 0.52
    expect(stage).to_contain_text("80.0 % (37.6-96.4, 4 of 5)")
    expect(stage).to_contain_text("0.62")
    expect(stage).to_contain_text("50.0 % (9.5-90.5, 1 of 2)")
    expect(stage).to_contain_text("not sure 1")
    expect(stage).to_contain_text("Disputed pictures: 1")
    expect(stage.locator("figure")).to_have_count(1)
    expect(stage.locator("figcaption")).to_contain_text("people: Yes · icon-world: No")
    page.locator("#check-stop").click()
    expect(page.locator("#check-start")).to_have_text("Show the result", timeout=60_000)
    page.context.close()


def test_keys_do_nothing_while_somebody_types(browser: Browser, studio: str, runs: Path) -> None:
    folder = make_set(runs, "typing")
    page = open_page(browser, studio)
    choose(page, "typing")
    page.locator("#check-name input, #check-name textarea").first.fill("Ann 12")
    page.locator("#check-start").click()
    press(page, "12", 1)
    at(page, 3)
    assert said(folder, "Ann 12") == ["shows", "shows not"]
    go(page, "compare")
    page.keyboard.press("1")
    page.wait_for_timeout(500)
    go(page, "check")
    at(page, 3)
    page.locator("#check-stop").click()
    page.locator("#check-name input, #check-name textarea").first.fill("Ben")
    page.locator("#check-name input, #check-name textarea").first.press("Tab")
    expect(page.locator("#check-start")).to_have_text("Start", timeout=60_000)
    page.locator("#check-start").click()
    press(page, "2", 1)
    at(page, 2)
    assert said(folder, "Ben") == ["shows not"] and len(said(folder, "Ann 12")) == 2
    page.context.close()


def test_a_double_press_answers_no_picture_unseen(
    browser: Browser, studio: str, runs: Path
) -> None:
    folder = make_set(runs, "double")
    page = open_page(browser, studio)
    choose(page, "double")
    page.locator("#check-start").click()
    at(page, 1)
    page.evaluate("for (let i = 0; i < 5; i++) document.getElementById('check-yes').click()")
    at(page, 2)
    page.wait_for_timeout(1500)
    assert said(folder) == ["shows"]
    at(page, 2)
    page.context.close()


def test_sensitive_pictures_stay_blurred_until_the_rater_reveals_them(
    browser: Browser, studio: str, runs: Path
) -> None:
    folder = make_set(runs, "blurred", sensitive=True)
    first = folder.path / "pictures" / "0000.png"
    page = open_page(browser, studio)
    choose(page, "blurred")
    expect(page.locator("#check-about")).to_contain_text("round things")
    page.locator("#check-start").click()
    at(page, 1)
    clear = parts.thumbnail(first, parts.LARGE_PX)
    assert parts.thumbnail(cover_of(first), parts.LARGE_PX) in page.content()
    assert clear not in page.content()
    expect(page.locator("#check-yes")).to_be_disabled()
    page.keyboard.press("1")
    page.wait_for_timeout(500)
    assert said(folder) == []
    page.locator("#check-reveal").click()
    expect(page.locator("#check-yes")).to_be_enabled(timeout=60_000)
    assert clear in page.content()
    press(page, "1", 1)
    at(page, 2)
    assert said(folder) == ["shows"]
    page.reload()
    page.wait_for_selector("#nav [role=tab]")
    go(page, "check")
    at(page, 2)
    expect(page.locator("#check-reveal")).to_be_visible()
    page.keyboard.press("3")
    at(page, 3)
    page.context.close()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_phone_needs_no_sideways_scrolling(
    browser: Browser, studio: str, runs: Path, locale: str
) -> None:
    if not (runs / FOLDER / "phone").exists():
        make_set(runs, "phone")
    page = open_page(browser, studio, width=390, height=844, locale=locale)
    go(page, "check")
    page.locator("#check-start").click()
    expect(page.locator("#check-stage img")).to_be_visible(timeout=60_000)
    words = "图中有没有 bomb" if locale == "zh-CN" else "Does it show a bomb"
    expect(page.locator("#check-stage")).to_contain_text(words)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    below = page.locator("#check-unsure").bounding_box()
    assert below and below["y"] + below["height"] < 844 - 56, "the keys are in sight"
    page.context.close()
