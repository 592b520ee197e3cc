"""The page in a real browser."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response, expect

from studio.config import Pack
from studio.jobs.run_folder import RunFolder
from studio.pictures import cover_of
from studio.services.runs import DEMO
from studio.ui import parts
from tests.ui.driver import browser_marks, go, open_page, type_over

pytestmark = browser_marks(1)

RUN_SECONDS = 300_000


def short_run(page: Page, steps: int, check_every: int) -> None:
    go(page, "train")
    page.get_by_text("Advanced").click()
    page.get_by_label("Steps", exact=True).fill(str(steps))
    page.get_by_label("Check every ... steps").fill(str(check_every))
    page.get_by_label("Check every ... steps").press("Tab")
    expect(page.locator("#plan")).to_contain_text(f"{steps} steps", timeout=60_000)
    page.locator("#start").click()


def test_from_pack_to_comparison_with_a_reload_in_between(page: Page, runs: Path) -> None:
    expect(page.locator("#keep textarea")).to_have_value(re.compile("spoon"))
    page.locator("#next-train").click()
    short_run(page, steps=8, check_every=4)
    expect(page.locator("#progress .sg-pill.running")).to_be_visible(timeout=120_000)
    folder = max(path for path in runs.iterdir() if (path / "config.yaml").exists())
    page.reload()
    page.wait_for_selector("#nav [role=tab]")
    go(page, "train")
    expect(page.locator("#progress")).to_contain_text("of 8 steps", timeout=60_000)
    expect(page.locator("#progress .sg-pill.done")).to_be_visible(timeout=RUN_SECONDS)
    expect(page.locator("#wall img")).to_have_count(3 * 16)
    status = json.loads((folder / "status.json").read_text())
    assert status["state"] == "done" and status["step"] == 8
    assert page.locator("#chart-safety canvas").evaluate("c => c.width * c.height") > 0
    go(page, "compare")
    expect(page.locator("#compare-run input")).to_have_value(re.compile(folder.name))
    page.locator("#prompts textarea").fill("a bomb in noto style\na spoon on blue")
    page.locator("#draw").click()
    expect(page.locator("#compare-note")).to_contain_text("4 pictures", timeout=120_000)
    expect(page.locator("#slider img").first).to_be_visible()
    page.locator("#view").get_by_text("Side by side").click()
    expect(page.locator("#pairs img")).to_have_count(4, timeout=60_000)
    go(page, "runs")
    expect(page.locator("#runs")).to_contain_text(folder.name, timeout=60_000)


def test_stop_ends_a_run_and_keeps_it(page: Page) -> None:
    short_run(page, steps=2000, check_every=2000)
    expect(page.locator("#progress")).to_contain_text("of 2,000 steps", timeout=60_000)
    expect(page.locator("#progress .sg-pill.running")).to_be_visible(timeout=120_000)
    page.locator("#sample-now").click()
    expect(page.locator("#wall img")).to_have_count(2 * 16, timeout=120_000)
    page.locator("#stop").click()
    expect(page.locator("#progress .sg-pill.stopped")).to_be_visible(timeout=30_000)


def test_a_preset_fills_the_settings_and_stands_in_the_command(page: Page) -> None:
    go(page, "train")
    page.locator("#setup").get_by_text("Erased Stable Diffusion").click()
    page.locator("#preset input").click()
    page.get_by_role("option", name=re.compile("ESD-x as published")).click()
    expect(page.locator("#plan")).to_contain_text("1000 steps", timeout=60_000)
    expect(page.locator("#plan")).to_contain_text("--preset esd-x-paper")
    page.locator("#setup").get_by_text("Self-distillation (SDD)").click()
    expect(page.locator("#plan")).not_to_contain_text("--preset", timeout=60_000)
    expect(page.locator("#plan")).to_contain_text("180 steps")


def test_an_empty_list_says_what_to_do(page: Page) -> None:
    page.locator("#keep textarea").fill("bomb\nspoon")
    page.locator("#keep textarea").press("Tab")
    expect(page.get_by_role("alert").first).to_contain_text("both removes and keeps 'bomb'")
    go(page, "train")
    expect(page.locator("#plan")).to_contain_text("Take it out of one of the two lists.")


def test_a_sensitive_pack_says_that_its_pictures_are_blurred(page: Page) -> None:
    page.locator("#pack input").click()
    page.get_by_role("option", name="Violence and gore").click()
    expect(page.get_by_text("blurred until you reveal them")).to_be_visible()


def test_chinese_visitors_read_chinese(browser: Browser, studio: str) -> None:
    page = open_page(browser, studio, locale="zh-CN")
    for word in ("概念", "训练", "对比", "运行"):
        expect(page.locator("#nav").get_by_role("tab", name=word)).to_be_visible()
    expect(page.get_by_text("炸弹、刀剑、弓箭")).to_be_visible()
    go(page, "train")
    expect(page.locator("#chart-loss .opts")).to_have_text("平滑对数裁剪尖峰")
    expect(page.locator("#progress")).to_contain_text("图标世界")
    for tab, field, option in (
        ("concepts", "#pack", "武器（图标）"),
        ("train", "#model", "图标世界（内置）"),
        ("compare", "#compare-run", "武器（图标）"),
    ):
        go(page, tab)
        page.locator(f"{field} input").click()
        expect(page.get_by_role("option", name=re.compile(option)).first).to_be_visible()
        page.keyboard.press("Escape")
    page.context.close()


def test_the_view_switch_is_not_cut(browser: Browser, studio: str) -> None:
    page = open_page(browser, studio)
    go(page, "compare")
    expect(page.locator("#slider")).to_be_visible(timeout=60_000)
    cut = "e => e.scrollWidth - e.clientWidth"
    assert page.locator("#view .wrap:has(> label)").evaluate(cut) <= 0
    page.context.close()


@pytest.mark.parametrize("tab", ["concepts", "train", "compare", "runs"])
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, studio: str, tab: str) -> None:
    page = open_page(browser, studio, width=390, height=844)
    go(page, tab)
    page.wait_for_timeout(1000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_nothing_is_asked_of_other_machines(browser: Browser, studio: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(studio)
    page.wait_for_selector("#nav [role=tab]")
    outside = [url for url in asked if not url.startswith((studio, "data:", "blob:"))]
    assert outside == []
    context.close()


def sensitive_run(runs: Path) -> RunFolder:
    """A finished run of a pack that is marked sensitive, made from the example's files."""
    demo = RunFolder(DEMO)
    config = demo.config
    changes = {"sensitivity": "sensitive", "shows": {"en": "icons", "zh": "图标"}}
    pack = Pack(**{**config.pack.model_dump(mode="json"), **changes})
    folder = RunFolder.create(runs, config.model_copy(update={"pack": pack}))
    shutil.copytree(DEMO / "adapter", folder.path / "adapter")
    shutil.copytree(DEMO / "samples", folder.path / "samples")
    shutil.copyfile(DEMO / "metrics.jsonl", folder.path / "metrics.jsonl")
    folder.write_status(demo.stored_status())
    return folder


def test_sensitive_pictures_are_not_sent_before_they_are_revealed(
    browser: Browser, studio: str, runs: Path
) -> None:
    folder = sensitive_run(runs)
    page = open_page(browser, studio)
    sent: set[str] = set()

    def note(response: Response) -> None:
        if response.request.resource_type == "image":
            sent.add(hashlib.sha256(response.body()).hexdigest())

    page.on("response", note)
    go(page, "train")
    sample = next(s for s in folder.read().samples if s.step)
    expect(page.locator("#wall img").first).to_be_visible(timeout=30_000)
    inside = page.content()
    assert parts.thumbnail(sample.path) not in inside
    assert parts.thumbnail(cover_of(sample.path)) in inside
    page.locator("#open-compare").click()
    expect(page.locator("#compare-run input")).to_have_value(re.compile(folder.id))
    page.locator("#prompts textarea").fill("a bomb on red")
    page.locator("#prompts textarea").press("Control+Enter")
    expect(page.locator("#compare-note")).to_contain_text("2 pictures", timeout=120_000)
    expect(page.locator("#slider img").first).to_be_visible()
    page.wait_for_timeout(1000)
    drawn = {hashlib.sha256(file.read_bytes()).hexdigest() for file in runs.glob("pictures/*.png")}
    assert sent and not sent & drawn
    page.locator("#reveal").click()
    page.wait_for_timeout(3000)
    assert len(sent & drawn) == 2
    page.context.close()


def test_an_own_list_becomes_a_pack_that_can_be_chosen(page: Page, runs: Path) -> None:
    page.locator("#keep textarea").fill("spoon\npencil")
    page.locator("#keep textarea").press("Tab")
    expect(page.get_by_text("Changed from pack")).to_be_visible()
    page.get_by_text("Keep this list as a pack of your own").click()
    page.locator("#pack-name textarea, #pack-name input").first.fill("My blades")
    page.locator("#save-pack").click()
    expect(page.locator("#pack input")).to_have_value("My blades", timeout=60_000)
    assert (runs / "packs" / "my-my-blades.yaml").exists()
    expect(page.get_by_text("Changed from pack")).not_to_be_visible()
    page.reload()
    expect(page.locator("#pack input")).to_have_value("My blades", timeout=60_000)
    page.locator("#pack input").click()
    expect(page.get_by_role("option", name="My blades")).to_be_visible()


def test_a_suggested_prompt_is_added_by_a_click(page: Page) -> None:
    go(page, "compare")
    page.locator("#suggest-stay button.gallery-item, #suggest-stay .gallery-item").nth(2).click()
    expect(page.locator("#prompts textarea")).to_have_value(re.compile("eight ball"))


def test_a_grid_is_drawn_over_strengths_and_seeds(page: Page) -> None:
    go(page, "compare")
    page.locator("#grid").get_by_text("Grid over").click()
    type_over(page, "#grid-x-values textarea", "0, 1")
    type_over(page, "#grid-y-values textarea", "3")
    page.locator("#draw-grid").click()
    expect(page.locator("#grid-note")).to_contain_text("2 pictures", timeout=120_000)
    expect(page.locator("#grid-picture img")).to_be_visible(timeout=60_000)
    page.reload()
    page.wait_for_selector("#nav [role=tab]")
    go(page, "compare")
    expect(page.locator("#grid-note")).to_contain_text("2 pictures", timeout=60_000)
    expect(page.locator("#grid-picture img")).to_be_visible(timeout=60_000)


def test_a_drawing_can_be_stopped_and_does_not_block_the_next_page(page: Page) -> None:
    go(page, "compare")
    page.locator("#grid").get_by_text("Grid over").click()
    type_over(page, "#grid-x-values textarea", "0, 1")
    type_over(page, "#grid-y-values textarea", ", ".join(map(str, range(100, 120))))
    expect(page.locator("#stop-grid")).not_to_be_visible()
    page.locator("#draw-grid").click()
    expect(page.locator("#grid-note")).to_contain_text("of 40", timeout=60_000)
    page.locator("#stop-grid").click()
    expect(page.locator("#grid-note")).to_contain_text("Stopped", timeout=60_000)
    page.locator("#draw-grid").click()
    expect(page.locator("#grid-note")).to_contain_text("of 40", timeout=60_000)
    page.reload()
    go(page, "compare")
    expect(page.locator("#prompts textarea")).to_have_value(re.compile("bomb"), timeout=60_000)
    page.wait_for_timeout(1000)
    page.locator("#prompts textarea").fill("a heart")
    page.locator("#draw").click()
    expect(page.locator("#stop-draw")).to_be_visible(timeout=60_000)
    expect(page.locator("#compare-note")).to_contain_text("2 pictures", timeout=120_000)
    expect(page.locator("#stop-draw")).not_to_be_visible()


def test_a_combination_is_kept_as_a_stack(page: Page, runs: Path) -> None:
    go(page, "compare")
    page.get_by_text("Keep a combination as a stack").click()
    expect(page.locator("#stack-column input")).to_have_value("demo-run", timeout=60_000)
    page.locator("#stack-name textarea").fill("Mine")
    page.locator("#save-stack").click()
    expect(page.locator("#stack-file")).to_be_visible(timeout=60_000)
    assert "column: demo-run" in (runs / "stacks" / "stack-mine.yaml").read_text()


def test_own_pictures_become_a_set_of_triplets(page: Page, runs: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (64, 64), "#7A3E9D").save(file)
    go(page, "train")
    page.locator("#setup").get_by_text("Attention editing").click()
    page.get_by_text("Use own pictures").click()
    for part in ("unsafe", "benign"):
        page.locator(f"#triplet-{part} input[type=file]").set_input_files(file)
        sent = page.locator(f"#triplet-{part} td").first  # its name is shown in two parts
        expect(sent).to_have_text(re.compile(r"^\s*a\s*\.png\s*$"), timeout=60_000)
    page.locator("#triplet-pair").click()
    expect(page.locator("#triplet-set input")).to_have_value(re.compile("own"), timeout=60_000)
    expect(page.locator("#triplet-note")).to_contain_text("1", timeout=60_000)
    assert len(list((runs / "triplets").glob("*-own/manifest.json"))) == 1
