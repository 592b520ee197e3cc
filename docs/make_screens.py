"""`python docs/make_screens.py`: screenshots of every tab into docs/screens.

Each tab light and dark, 1280 px and 390 px wide, on the example run that ships with the studio.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.ui.driver import chromium, go, open_page, served

TARGET = Path(__file__).parent / "screens"
TABS = ("concepts", "train", "compare", "runs")


def main() -> None:
    """Write all screenshots."""
    TARGET.mkdir(exist_ok=True)
    runs = Path(tempfile.mkdtemp()) / "runs"
    with served(runs) as address, chromium() as browser:
        for theme in ("light", "dark"):
            for width in (1280, 390):
                page = open_page(browser, address, width=width, theme=theme)
                for tab in TABS:
                    go(page, tab)
                    page.wait_for_timeout(2500)
                    file = TARGET / f"{tab}-{theme}-{width}.png"
                    page.screenshot(path=file, full_page=True)
                    print(file.name)
                page.context.close()
        page = open_page(browser, address, locale="zh-CN")
        go(page, "train")
        page.wait_for_timeout(2500)
        page.screenshot(path=TARGET / "train-zh-1280.png", full_page=True)


if __name__ == "__main__":
    main()
