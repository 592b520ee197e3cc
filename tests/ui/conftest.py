"""One studio and one browser for all tests of the page."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.ui.driver import chromium, open_page, served


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page") / "runs"


@pytest.fixture(scope="session")
def studio(runs: Path) -> Iterator[str]:
    with served(runs) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(autouse=True)
def half(request: pytest.FixtureRequest) -> None:
    """Several processes keep to the halves; see `browser_marks`."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert "@browser-" in request.node.nodeid, "xdist does not keep this group together"


@pytest.fixture
def page(browser: Browser, studio: str) -> Iterator[Page]:
    opened = open_page(browser, studio)
    yield opened
    opened.context.close()
