"""Start the studio and drive it in Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from studio.world import ROOT

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
START_SECONDS = 90
expect.set_options(timeout=20_000)  # two cores may have a training and two browsers at once


def browser_marks(half: int) -> list[pytest.MarkDecorator]:
    """The marks of a file of browser tests; in CI a missing browser is a failure.

    Args:
        half: 1 or 2. The tests of a half share a studio and a browser, so one process runs them
            all; both take about as long.
    """
    group = pytest.mark.xdist_group(f"browser-{half}")
    marks = [pytest.mark.browser, pytest.mark.timeout(600), group]
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing; in CI the browser tests must run.", pytrace=False)
        marks.append(pytest.mark.skip(reason="Chromium is missing: apt-get install chromium"))
    return marks


@contextmanager
def served(runs: Path, *arguments: str, password: str = "") -> Iterator[str]:
    """The address of a studio on a free port.

    Args:
        arguments: of `app.py`. password: of its login, where it has one.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    log = runs.parent / f"app-{port}.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port), "--runs-dir", str(runs), *arguments],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            env={**os.environ, "STUDIO_PASSWORD": password},
        )
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(address, timeout=2).close()
                break
            except urllib.error.HTTPError:
                break  # it asks for a login
            except OSError:
                if server.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(log.read_text()) from None
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


def open_page(
    browser: Browser,
    address: str,
    *,
    width: int = 1280,
    height: int = 900,
    theme: str = "light",
    locale: str = "en-US",
) -> Page:
    """A page of a new visitor."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
    page = context.new_page()
    page.goto(f"{address}?__theme={theme}")
    page.wait_for_selector("#nav [role=tab]", timeout=60_000)
    page.locator("#remove").get_by_text("bomb").first.wait_for(timeout=30_000)
    return page


def go(page: Page, tab: str) -> None:
    """Open a tab."""
    page.locator(f'#nav [role=tab][data-tab-id="{tab}"]').first.click()
    page.wait_for_timeout(300)


def type_over(page: Page, field: str, text: str) -> None:
    """Replace what stands in a field of a fold just opened.

    Once a field showed its first value again after a test had typed into it at once, sooner than
    a person could; this types again until the text stays.
    """
    for _ in range(10):
        page.locator(field).fill(text)
        page.locator(field).press("Tab")
        page.wait_for_timeout(400)
        if page.locator(field).input_value() == text:
            return
    raise AssertionError(f"{field} does not keep {text!r}")
