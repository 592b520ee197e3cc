"""`python docs/make_screens.py`: screenshots of every tab into docs/screens.

Each tab light and dark, 1280 px and 390 px wide, on the example run that ships with the studio.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Page

from tests.ui.driver import chromium, go, open_page, served

TARGET = Path(__file__).parent / "screens"
TABS = ("concepts", "train", "compare", "runs")


def shoot(page: Page, name: str) -> None:
    """One picture of the whole page; the window grows to its height, so that bars stay in place."""
    page.wait_for_timeout(2500)
    size = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    page.wait_for_timeout(400)
    page.screenshot(path=TARGET / f"{name}.png")
    page.set_viewport_size(size)
    print(name)


def main() -> None:
    """Write all screenshots."""
    TARGET.mkdir(exist_ok=True)
    runs = Path(tempfile.mkdtemp()) / "runs"
    with served(runs) as address, chromium() as browser:
        page = open_page(browser, address)
        page.locator("#today-draw").click()
        page.locator("#today figure").first.wait_for(timeout=120_000)
        page.context.close()
        for theme in ("light", "dark"):
            for width in (1280, 390):
                page = open_page(browser, address, width=width, theme=theme)
                for tab in TABS:
                    go(page, tab)
                    shoot(page, f"{tab}-{theme}-{width}")
                page.context.close()
        page = open_page(browser, address, locale="zh-CN")
        for tab in ("concepts", "train"):
            go(page, tab)
            shoot(page, f"{tab}-zh-1280")


if __name__ == "__main__":
    main()
