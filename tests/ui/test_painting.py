"""A mask painted with the mouse, and what the browser gets to see before."""

import hashlib
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

from studio.jobs.triplet_folder import TripletFolder
from studio.methods.safegen import SafegenConfig
from studio.services.runs import DEMO
from studio.services.triplets import pair_triplets
from studio.ui.common import REFRESH_SECONDS
from tests.ui.driver import browser_marks, go, open_page

pytestmark = browser_marks(1)
NAME = "20260101-000000-painting"


def drag(page: Page) -> None:
    """A stroke across the middle of the canvas."""
    box = page.locator("#paint-canvas canvas").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 60, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=8)
    page.mouse.up()


def test_a_mask_is_painted_once_the_blur_is_off(browser: Browser, studio: str, runs: Path) -> None:
    folder = TripletFolder(runs / "triplets" / NAME)
    pictures, cfg = DEMO / "samples" / "00000", SafegenConfig(count=2, mask="whole")
    pair_triplets(pictures, pictures, cfg, folder.path)
    page = open_page(browser, studio)
    asked: set[str] = set()
    uploads: list[str] = []
    page.on("request", lambda request: asked.add(request.url))
    page.on("request", lambda r: uploads.append(r.url) if "/upload" in r.url else None)

    def sent() -> set[str]:
        files = [url for url in asked if "/file=" in url]
        return {hashlib.sha256(page.request.get(url).body()).hexdigest() for url in files}

    go(page, "train")
    page.locator("#setup").get_by_text("Attention editing").click()
    page.locator("#triplet-set input").click()
    page.get_by_role("option", name=NAME).click()
    expect(page.locator("#triplet-gallery img")).to_have_count(2, timeout=60_000)
    page.locator("#triplet-click").get_by_text("opens it for painting").click()
    expect(page.locator("#paint-help")).to_contain_text("Untick", timeout=60_000)
    triplet = page.locator("#triplet-gallery button.thumbnail-item").first
    triplet.click()
    expect(page.locator(".toast-body").first).to_contain_text("are blurred", timeout=60_000)
    page.locator(".toast-close").click()
    expect(page.locator("#triplet-paint")).not_to_be_visible()
    strip = folder.path / "preview" / "0000.png"
    before = hashlib.sha256(strip.read_bytes()).hexdigest()
    assert sent() and before not in sent()
    page.locator("#blur input").click()
    expect(page.locator("#paint-help")).to_contain_text("Click a triplet", timeout=60_000)
    triplet.click()
    expect(page.locator("#paint-canvas canvas").first).to_be_visible(timeout=60_000)
    expect(page.locator("#paint-help")).to_contain_text("Triplet 1", timeout=60_000)
    assert before in sent()
    page.wait_for_timeout(1500)
    drag(page)
    page.locator("#paint-make").click()
    expect(page.locator("#paint-result")).to_contain_text("of its own", timeout=60_000)
    expect(page.locator("#triplet-gallery")).to_contain_text("own mask", timeout=60_000)
    assert [row.mask for row in folder.read().rows] == ["painted", ""]
    unsafe, mosaic, _ = folder.pictures()[0]
    changed = (np.asarray(unsafe) != np.asarray(mosaic)).any(-1)
    rows, columns = (np.flatnonzero(changed.any(axis)) for axis in (1, 0))
    assert abs(rows.mean() - 64) < 6 and np.ptp(rows) < 40
    assert abs(columns.mean() - 64) < 6 and 25 < np.ptp(columns) < 75
    page.wait_for_timeout(1000)
    after = hashlib.sha256(strip.read_bytes()).hexdigest()
    assert after != before and after in sent()
    count = len(uploads)
    page.wait_for_timeout(2500 * REFRESH_SECONDS)
    assert len(uploads) == count < 12, "the canvas is uploaded again and again"
    page.context.close()
