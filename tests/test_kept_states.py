"""What a browser kept may be anything; the page opens all the same."""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from tests.bad_input.page import REQUEST, Page, make_page
from tests.bad_input.row import Box

JUNK: list[Any] = [
    None, "", "x", "../..", 0, 3.5, True, [], [1], {}, {"set": 1}, {"set": ["a"], "who": {}},
    {"base": 1}, {"base": {}, "rows": 2}, {"base": {"id": "x"}, "rows": [[], "", []]},
    "|", "a|b|c", {"going": True}, "\ud800", "n" * 10_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return make_page(Box(tmp_path_factory.mktemp("kept")))


@pytest.mark.parametrize("kept", JUNK, ids=[f"{place}" for place in range(len(JUNK))])
def test_every_tab_opens_with_whatever_a_browser_kept(kept: Any, page: Page) -> None:
    assert len(page.concepts.first(kept, True, REQUEST)) > 5
    assert len(page.check.show(kept, True, "", REQUEST)) == len(page.check.view)
    assert len(page.train.opened(kept, True, REQUEST)) == len(page.train.view)
    assert len(page.grid.again(kept, REQUEST)) == 1 + len(page.grid.shown)
    assert len(page.report.refresh("", kept, "", True, "", REQUEST)) == len(page.report.view)


def test_a_draft_with_broken_rows_opens_as_the_first_pack(page: Page) -> None:
    base, *rows = page.fields
    for broken in ([1], [[]], "abc", 5, [["a"]], [[None, None, None, None]], [[1, 2, 3, 4, 5]]):
        draft = {"base": base, "rows": [rows[0], rows[1], broken]}
        assert page.concepts.first(draft, True, REQUEST)[0]["id"] == base["id"]


def test_a_pack_for_a_model_that_is_not_there_still_opens(page: Page) -> None:
    base, *rows = page.fields
    draft = {"base": {**base, "model": "no-such-model"}, "rows": rows}
    shown = page.concepts.first(draft, True, REQUEST)
    assert any("There is no model" in part for part in shown if isinstance(part, str))


@pytest.mark.parametrize(
    "row", [[], [""], ["bomb"], ["bomb", None], ["bomb", 3], ["bomb", "a", "b", "c"], [None, None]]
)
def test_a_row_of_any_length_is_read(row: list[Any], page: Page) -> None:
    base, _, keep, probes = page.fields
    page.concepts._changed(base, [["gun", ""], row], keep, probes, REQUEST)
    page.concepts._changed(base, [["gun", ""]], keep, [row], REQUEST)


def test_names_of_people_are_names(page: Page, tmp_path: Path) -> None:
    from studio.errors import StudioError
    from studio.services.checks import Checks, CheckSet, Item

    chosen = CheckSet(
        "calibrations/a", "calibration", base_title(), False, None, tmp_path,
        (Item("pictures/0.png", "bomb"),), (),
    )  # fmt: skip
    for who in ("n" * 300, "a\x1b[31m", "\u202ea", "\ud800", "a\nb"):
        with pytest.raises(StudioError, match="no name of a person"):
            Checks(tmp_path).answer(chosen, "pictures/0.png", "shows", who)
    assert not (tmp_path / "labels.jsonl").exists()


def base_title() -> Any:
    from studio.config import Text

    return Text(en="A", zh="一")


def test_a_message_on_the_page_is_no_page(page: Page) -> None:
    with pytest.raises(gr.Error, match="&lt;img src=x"):
        page.concepts._choose("<img src=x>", REQUEST)
