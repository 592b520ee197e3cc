"""The login and the shared page in a real browser; and that no page calls anybody else."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.ui.driver import browser_marks, go, served
from tests.visitors import LOGIN, finished_run

pytestmark = browser_marks(2)

TABS = ("concepts", "train", "compare", "report", "check", "feedback", "runs")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runs = tmp_path_factory.mktemp("strangers") / "runs"
    finished_run(runs, "sensitive")
    with served(runs, "--shared", "--login", LOGIN.name, password=LOGIN.password) as address:
        yield address


class Watch:
    """Blocks every other host, and notes who was asked and what failed."""

    def __init__(self, page: Page, address: str) -> None:
        self.outside: list[str] = []
        self.refused: list[str] = []
        self._own = (address, "data:", "blob:")
        page.route(re.compile("."), self._look)
        page.on("websocket", lambda socket: self.outside.append(socket.url))
        page.on("console", lambda said: self._hear(said.text))
        page.on("response", lambda answer: self._note(answer.status, answer.url))

    def _look(self, route: Route) -> None:
        if route.request.url.startswith(self._own):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.refused.append(text)

    def _note(self, status: int, url: str) -> None:
        if status in (403, 404) or status >= 500:
            self.refused.append(f"{status} {url}")


def enter(page: Page, address: str, password: str = LOGIN.password) -> None:
    page.goto(address)
    page.fill("#name", LOGIN.name)
    page.fill("#password", password)
    page.locator("button").click()


def test_a_visitor_logs_in_draws_and_reads_without_anybody_else_being_asked(
    browser: Browser, shared: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    watch = Watch(page, shared)
    enter(page, shared, "a guess")
    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    enter(page, shared)
    expect(page.locator("#nav [role=tab]")).to_have_count(2, timeout=60_000)
    expect(page.locator("#compare-run input")).to_have_value(re.compile("Weapons"))
    page.locator("#compare-run input").click()
    page.get_by_role("option", name=re.compile("demo-run")).click()
    expect(page.locator("#suggest")).to_contain_text("eight ball", timeout=60_000)
    page.locator("#prompts textarea").fill("a bomb in noto style")
    page.locator("#draw").click()
    expect(page.locator(".sg-slide img")).to_have_count(2, timeout=120_000)
    edge = page.locator(".sg-slide input[type=range]")
    edge.fill("80")
    assert page.locator(".sg-slide").evaluate("e => e.style.getPropertyValue('--at')") == "80%"
    assert page.locator(".sg-slide img").first.evaluate("i => i.naturalWidth") == 128
    go(page, "report")
    expect(page.get_by_text("No finished report")).to_be_visible()
    assert watch.outside == [] and watch.refused == []
    page.get_by_text("Log out").click()
    expect(page.locator("#password")).to_be_visible()
    context.close()


def test_every_tab_of_the_studio_works_with_all_other_hosts_blocked(
    browser: Browser, studio: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    watch = Watch(page, studio)
    page.goto(studio)
    page.wait_for_selector("#nav [role=tab]", timeout=60_000)
    for tab in TABS:
        go(page, tab)
    page.wait_for_timeout(2500)
    assert watch.outside == [] and watch.refused == []
    context.close()


def test_a_phone_in_chinese_needs_no_sideways_scrolling(browser: Browser, shared: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.goto(shared)
    expect(page.get_by_role("heading")).to_have_text("登录")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    enter(page, shared)
    expect(page.locator("#limits")).to_contain_text("每分钟最多 12 张图片", timeout=60_000)
    expect(page.locator("#nav").get_by_role("tab", name="对比")).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_words_of_a_shared_page_say_that_pictures_are_blurred(
    browser: Browser, shared: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    enter(page, shared)
    chosen = page.locator("#compare-run input")
    expect(chosen).to_have_value(re.compile("icon-weapons-sdd"), timeout=60_000)
    expect(page.locator("#prompts textarea")).to_have_value(re.compile("bomb"))
    page.locator("#draw").click()
    expect(page.locator("#compare-note")).to_contain_text("Blurred here", timeout=120_000)
    assert page.get_by_text("Reveal").count() == 0
    context.close()


def test_the_doctor_answers_on_the_page(browser: Browser, studio: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(studio)
    page.wait_for_selector("#nav [role=tab]", timeout=60_000)
    go(page, "runs")
    page.locator("#doctor").get_by_text("体检").click()
    page.locator("#doctor-look").click()
    lines = page.locator("#doctor-lines textarea")
    expect(lines).to_have_value(re.compile("正常 .*torch"), timeout=180_000)
    expect(lines).to_have_value(re.compile("磁盘"))
    context.close()
