"""What the browser tests of Feedback do again and again."""

from pathlib import Path

from playwright.sync_api import Page, expect

from studio.config import Text
from studio.jobs.feedback_folder import FeedbackFolder
from tests.rounds import drawn_round
from tests.ui.driver import go

WAIT = 60_000


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
