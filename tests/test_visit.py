"""What visitors may see: nothing uncovered that should be, nothing left behind, no folders told."""

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from studio.config import Column, ModelCard
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.pictures import cover_of, save_png
from studio.records import Drawn, State
from studio.services.compare import Compare, Drawing, Request
from studio.services.runs import DEMO, Runs
from studio.services.sharing.limits import Limits
from studio.services.sharing.visit import Seen, Visits, Wish, hidden, model_size_px
from studio.ui.common import shown_to_user
from studio.world import ROOT
from tests.visitors import finished_run

STRIPES = bytes(255 * (place // 8 % 2) for place in range(64)) * 64
PIXELS = Image.frombytes("L", (64, 64), STRIPES).convert("RGB")
WISH = Wish("demo-run", "a bomb on red", 1, 1.0, 5)


class Painter(Compare):
    """Compare without a model: every picture shows the same stripes."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))
        self.asked: list[Request] = []

    def draw(self, request: Request) -> Iterator[Drawing]:
        self.asked.append(request)
        yield Drawing(0, len(request.columns))
        assert request.folder is not None
        drawn = []
        for place, column in enumerate(request.columns):
            file = request.folder / f"{place}.png"
            save_png(PIXELS, file, {"prompt": request.prompts[0], "seed": 1})
            cover = cover_of(file) if request.sensitive else None
            drawn.append(Drawn(request.prompts[0], 1, column.label, file, cover))
        yield Drawing(2, 2, tuple(drawn), finished=True)


def visits(runs: Path, **limits: int) -> tuple[Visits, Painter]:
    painter = Painter()
    return Visits(Runs(runs), painter, Limits(**limits)), painter


def drawn(found: Visits, wish: Wish, visitor: str = "ada") -> tuple[Seen, ...]:
    *_, last = found.draw(visitor, wish)
    assert isinstance(last, tuple)
    return last


def picture(seen: Seen) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(seen.data.partition(",")[2])))


def difference(seen: Seen) -> float:
    """Mean difference from the picture as it was drawn, 0 to 255."""
    pairs = zip(picture(seen).convert("L").tobytes(), PIXELS.convert("L").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / 64**2


def test_a_visitor_gets_both_pictures_and_no_file_stays(tmp_path: Path) -> None:
    found, painter = visits(tmp_path)
    pair = drawn(found, WISH)
    assert [seen.drawn.column for seen in pair] == ["original", "demo-run"]
    assert all(difference(seen) < 5 and not seen.covered for seen in pair)
    folder = painter.asked[0].folder
    assert folder is not None and not folder.exists()
    assert painter.asked[0].columns[0] == Column() and painter.asked[0].sample.steps == 5
    drawn(found, WISH)
    assert painter.asked[1].folder != folder, "the folder of a drawing can be guessed"


def test_what_is_sent_says_nothing_but_the_pixels(tmp_path: Path) -> None:
    for seen in drawn(visits(tmp_path)[0], WISH):
        shown = picture(seen)
        assert shown.format == "WEBP" and not {"parameters", "exif", "xmp"} & shown.info.keys()
        assert b"safeguard_studio" not in base64.b64decode(seen.data.partition(",")[2])


def test_a_drawing_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    found, painter = visits(tmp_path)
    asked = found.draw("ada", WISH)
    next(asked)
    asked.close()  # type: ignore[attr-defined]
    folder = painter.asked[0].folder
    assert folder is not None and not folder.exists()


def test_pictures_of_sensitive_packs_leave_the_server_blurred_only(tmp_path: Path) -> None:
    run = finished_run(tmp_path, "sensitive")
    found, painter = visits(tmp_path)
    for seen in drawn(found, replace(WISH, run_id=run)):
        assert seen.covered and difference(seen) > 80
    assert painter.asked[0].sensitive


def test_own_prompts_to_a_model_that_draws_anything_are_blurred(tmp_path: Path) -> None:
    demo = RunFolder(DEMO).config
    anything = demo.model_copy(update={"model": demo.model.model_copy(update={"judge": None})})
    known = demo.pack.probes[0].prompt
    assert not hidden(demo, "anything at all"), "Icon World draws icons only"
    assert hidden(anything, "anything at all") and not hidden(anything, known)
    assert hidden(anything, known + " and more")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"steps": 51}, "At most 50 steps"),
        ({"steps": 0}, "At most 50 steps"),
        ({"steps": float("nan")}, "At most 50 steps"),
        ({"prompt": "x" * 301}, "more than 300 letters"),
        ({"seed": -1}, "seed"),
        ({"seed": float("inf")}, "seed"),
        ({"strength": 0}, "not right"),
        ({"strength": 50}, "not right"),
        ({"run_id": "../demo-run"}, "not shown here"),
        ({"run_id": ".."}, "not shown here"),
        ({"run_id": ""}, "not shown here"),
    ],
)
def test_a_wish_beyond_the_limits_draws_nothing(
    tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    found, painter = visits(tmp_path)
    with pytest.raises(StudioError, match=message):
        list(found.draw("ada", replace(WISH, **changed)))
    assert painter.asked == []


def test_each_visitor_has_an_own_ration(tmp_path: Path) -> None:
    found, painter = visits(tmp_path, pictures=4)
    for _ in range(2):
        drawn(found, WISH)
    with pytest.raises(StudioError, match=r"4 pictures a minute.*Draw again in \d+ seconds"):
        drawn(found, WISH)
    drawn(found, WISH, "bob")
    assert len(painter.asked) == 3


def test_only_finished_runs_with_small_pictures_are_offered(tmp_path: Path) -> None:
    small, large = finished_run(tmp_path), finished_run(tmp_path, model={"size_px": 1024})
    unfinished = finished_run(tmp_path)
    folder = Runs(tmp_path).folder(unfinished)
    folder.write_status(replace(folder.stored_status(), state=State.STOPPED))
    found, _ = visits(tmp_path)
    offered = [run.run_id for run in found.runs()]
    assert small in offered and large not in offered and unfinished not in offered
    with pytest.raises(StudioError, match="not shown here"):
        found.config(large)


def test_the_size_of_a_model_is_known_or_it_is_not_offered(card: ModelCard) -> None:
    assert model_size_px(card.model_copy(update={"size_px": 96})) == 96
    assert model_size_px(card) is not None
    assert model_size_px(card.model_copy(update={"source": "nobody/nothing"})) is None


def test_a_stranger_reads_no_folder_in_a_failure() -> None:
    place = ROOT / "runs" / "7" / "adapter.safetensors"
    with pytest.raises(gr.Error) as caught, shown_to_user("zh", stranger=True):
        raise StudioError(
            f"There is no adapter at {place}.", "Choose a finished run, or another file."
        )
    assert str(ROOT) not in caught.value.message
    assert caught.value.message.startswith("adapter.safetensors 处没有适配器。")
    with pytest.raises(gr.Error) as caught, shown_to_user("en"):
        raise StudioError(f"There is no adapter at {place}.", "Choose another.")
    assert str(place) in caught.value.message
