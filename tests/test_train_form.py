"""The train form trains what the command line trains, as it opens and when others are chosen."""

import pytest

from studio.config import RunConfig
from studio.methods import METHODS
from studio.suited import load_method_presets
from studio.ui.train_form import TRAIN_FIELDS, TrainForm
from tests.bad_input.page import REQUEST, Page, make_page
from tests.bad_input.row import Box


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return make_page(Box(tmp_path_factory.mktemp("form")))


def same(one: RunConfig, other: RunConfig) -> None:
    assert one.method == other.method and one.train == other.train


def test_as_it_opens(page: Page) -> None:
    values = [part.value for part in page.form.form]
    same(page.form.planned(*page.fields, *values), page.form.studio.runs.plan(page.pack))


@pytest.mark.parametrize(
    ("method", "preset"),
    [(name, "") for name in METHODS if name != "hfi"]
    + [(p.method["name"], p.id) for p in load_method_presets().values() if not p.for_tokens],
)
def test_as_its_settings_are_chosen(page: Page, method: str, preset: str) -> None:
    form: TrainForm = page.form
    base = page.pack.model_dump(mode="json")
    found = form.suit(base, method, "icon-world", preset, "standard", REQUEST)
    extra, own = found[1 : 1 + len(TRAIN_FIELDS)], found[1 + len(TRAIN_FIELDS) :]
    options = [new.get("value", part.value) for new, part in zip(own, form.options, strict=True)]
    planned = form.planned(
        *page.fields, method, "icon-world", preset, "standard", 0, *extra, *options
    )
    same(planned, form.studio.runs.plan(page.pack, preset=preset, method={"name": method}))
