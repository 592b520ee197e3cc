"""A run that ended badly, in a browser: what happened, what to do, and a button that does it."""

import os
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from studio.records import State, Status
from studio.services.runs import Runs
from tests.ui.driver import browser_marks, go

pytestmark = browser_marks(1)

SHOTS = os.environ.get("ENDING_SHOTS")  # a folder for pictures to look at


def test_memory_that_ran_out_is_told_and_one_click_starts_with_less(page: Page, runs: Path) -> None:
    studio = Runs(runs)
    plan = studio.plan(studio.pack("icon-weapons"), overrides={"steps": 30, "batch": 4})
    missing = plan.model.model_copy(update={"source": "./not/here"})
    first = studio.start(plan.model_copy(update={"model": missing}))
    studio.wait(first, 120)
    folder = studio.folder(first)
    folder.write_status(
        Status(
            State.FAILED,
            step=12,
            total=30,
            what="The memory of this machine ran out, so the system ended the process (SIGKILL).",
            way_out="Choose a smaller batch, or close other programs.",
            smaller={"train": {"batch": 2}},
            ended=time.time(),
        )
    )
    go(page, "train")
    expect(page.locator("#progress")).to_contain_text("memory of this machine", timeout=30_000)
    button = page.locator("#smaller")
    expect(button).to_have_text("Start again with batch 2")
    for chart in ("safety", "loss"):  # nothing was measured, and nothing of another run is left
        assert page.locator(f"#chart-{chart} canvas").evaluate("canvas => canvas.height") == 0
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/ending.png", full_page=True)
    button.click()
    expect(button).to_be_hidden(timeout=60_000)
    newest = studio.list()[0].run_id
    config = studio.folder(newest).config
    assert newest != first and config.train.batch == 2
    assert config.train.model_copy(update={"batch": 4}) == folder.config.train
    studio.wait(newest, 120)
