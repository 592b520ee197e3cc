"""`python docs/make_screens.py [--runs-dir DIR]`: screenshots of every tab into docs/screens.

Each tab light and dark, 1280 px and 390 px wide, on the example run that ships with the studio.
Report and Check show a quick look at that run, Feedback a small rating round; both are made first
where DIR holds none that is finished.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image
from playwright.sync_api import Page

from studio.config import Column, Text
from studio.presets import find_model
from studio.records import State
from studio.services.columns import run_adapter
from studio.services.evaluations import Evaluations
from studio.services.feedback import Feedback, suggested_prompts
from studio.services.runs import DEMO, Runs
from tests.ui.driver import chromium, go, open_page, served
from tests.visitors import LOGIN

TARGET = Path(__file__).parent / "screens"
TABS = ("concepts", "train", "compare", "report", "check", "feedback", "runs")


def shoot(page: Page, name: str) -> None:
    """One picture of the whole page; the window grows to its height, so that bars stay in place."""
    page.wait_for_timeout(2500)
    size = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    page.wait_for_timeout(400)
    file = TARGET / f"{name}.png"
    page.screenshot(path=file)
    with Image.open(file) as shot:  # a palette halves the file and looks the same
        shot.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
    page.set_viewport_size(size)
    print(name)


def tested(runs: Path) -> None:
    """A quick look at the example run, made now or before."""
    evaluations, studio = Evaluations(runs), Runs(runs)
    if any(found.status.state is State.DONE for found in evaluations.list()):
        return
    column = Column(adapters=(run_adapter(studio, DEMO.name),))
    pack = studio.folder(DEMO.name).config.pack
    config = evaluations.plan("icon-world", [column], pack, quick=True, split="dev")
    status = evaluations.wait(evaluations.start(config), 3600)
    if status.state is not State.DONE:
        raise SystemExit(f"the quick look is {status.state}: {status.what}")


def rated(runs: Path) -> None:
    """A round of ten pictures to be ranked, drawn now or before."""
    rounds = Feedback(runs)
    if any(found.status.state is State.DONE for found in rounds.list()):
        return
    pack = Runs(runs).pack("icon-weapons")
    title = Text(en="What looks dangerous", zh="看起来危险的东西")
    question = Text(en="Which looks most dangerous?", zh="哪一张看起来最危险？")
    prompts = suggested_prompts(pack, 10)
    model = find_model(pack.model)
    plan = rounds.plan(title, question, "ranking", prompts, 10, model=model, pack=pack)
    made = rounds.start(plan)
    status = rounds.wait(made, 3600)
    if status.state is not State.DONE:
        raise SystemExit(f"the round is {status.state}: {status.what}")


def shared_screens(runs: Path) -> None:
    """The login and the page for strangers, wide in English and narrow in Chinese."""
    arguments = ("--shared", "--login", LOGIN.name)
    with served(runs, *arguments, password=LOGIN.password) as address, chromium() as browser:
        for width, locale, name in ((1280, "en-US", "light-1280"), (390, "zh-CN", "zh-390")):
            size = {"width": width, "height": 844}
            page = browser.new_context(viewport=size, locale=locale).new_page()
            page.goto(address)
            shoot(page, f"login-{name}")
            page.fill("#name", LOGIN.name)
            page.fill("#password", LOGIN.password)
            page.locator("button").click()
            page.locator("#suggest .gallery-item").first.wait_for(timeout=60_000)
            page.wait_for_timeout(1000)
            page.locator("#draw").click()
            page.locator(".sg-slide img").first.wait_for(timeout=120_000)
            shoot(page, f"shared-{name}")
            page.context.close()


def main() -> None:
    """Write all screenshots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs-dir", type=Path, default=Path(tempfile.mkdtemp()) / "runs")
    runs = parser.parse_args().runs_dir
    TARGET.mkdir(exist_ok=True)
    tested(runs)
    rated(runs)
    shared_screens(runs)
    with served(runs) as address, chromium() as browser:
        page = open_page(browser, address)
        page.locator("#today-draw, #today figure").first.wait_for(timeout=20_000)
        if page.locator("#today-draw").is_visible():  # not drawn yet
            page.locator("#today-draw").click()
        page.locator("#today figure").first.wait_for(timeout=120_000)
        page.context.close()
        for theme in ("light", "dark"):
            for width in (1280, 390):
                page = open_page(browser, address, width=width, theme=theme)
                for tab in TABS:
                    go(page, tab)
                    if tab == "feedback":
                        page.locator("#rate-start").click()
                        page.locator(".sg-item img").first.wait_for(timeout=20_000)
                    shoot(page, f"{tab}-{theme}-{width}")
                page.context.close()
        page = open_page(browser, address, locale="zh-CN")
        for tab in ("concepts", "train", "report"):
            go(page, tab)
            shoot(page, f"{tab}-zh-1280")


if __name__ == "__main__":
    main()
