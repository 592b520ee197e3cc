"""Pictures drawn through the drawer process."""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from studio.config import AdapterUse, Column, ModelCard, RunConfig
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.pictures import cover_of, read_parameters, save_png
from studio.records import Drawn
from studio.safeguards import load_guidances
from studio.services.columns import column, strengths
from studio.services.compare import Compare, Request
from studio.services.runs import Runs
from studio.services.sheet import Cell, write_sheet, write_zip
from studio.services.stacks import save_stack, stacks


@pytest.fixture(scope="module")
def drawer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compare]:
    compare = Compare(tmp_path_factory.mktemp("pictures"))
    yield compare
    compare.close()


@pytest.fixture
def adapter(config: RunConfig, tmp_path: Path) -> Path:
    bundle = load_bundle(config.model)
    adapters.attach(bundle.unet, "a", "cross", 2)
    for weight in adapters.trained(bundle.unet, "a"):
        weight.data.normal_(std=0.5)
    file = tmp_path / "adapter.safetensors"
    adapters.save_adapter(bundle.unet, "a", file, {})
    return file


def request(card: ModelCard, **changes: object) -> Request:
    return replace(Request(card, card.sample, ("a bomb",), (1,)), **changes)  # type: ignore[arg-type]


def with_adapter(file: Path, weight: float = 1.0, **changes: object) -> Column:
    return Column(adapters=(AdapterUse(name="a", file=str(file), weight=weight),), **changes)  # type: ignore[arg-type]


NEG = load_guidances()["neg"]


def drawn(drawer: Compare, wanted: Request) -> tuple[Drawn, ...]:
    steps = list(drawer.draw(wanted))
    assert steps[-1].finished
    return steps[-1].pictures


def pixels(file: Path) -> bytes:
    with Image.open(file) as image:
        return image.tobytes()


def test_every_prompt_at_every_strength_with_one_seed(
    drawer: Compare, card: ModelCard, adapter: Path
) -> None:
    columns = (Column(), with_adapter(adapter, 0.5), with_adapter(adapter))
    wanted = request(card, prompts=("a bomb", "an apple"), columns=columns)
    found = drawn(drawer, wanted)
    assert [(d.prompt, d.column) for d in found] == [
        (prompt, label) for prompt in ("a bomb", "an apple") for label in ("original", "a*0.5", "a")
    ]
    assert len({pixels(d.path) for d in found}) == 6
    about = read_parameters(found[2].path)
    assert (about["prompt"], about["seed"], about["active"]) == ("a bomb", 1, "a")
    with Image.open(found[2].path) as image:
        assert image.info["parameters"].startswith("a bomb\n")
    before = {d.path: d.path.stat().st_mtime_ns for d in found}
    again = drawn(drawer, wanted)
    assert {d.path: d.path.stat().st_mtime_ns for d in again} == before, "drawn once"


def test_the_original_does_not_depend_on_the_adapter(
    drawer: Compare, card: ModelCard, adapter: Path
) -> None:
    alone = drawn(drawer, request(card, prompts=("a cup",)))
    columns = (Column(), with_adapter(adapter))
    beside = drawn(drawer, request(card, prompts=("a cup",), columns=columns))
    assert alone[0].path == beside[0].path
    assert pixels(beside[0].path) != pixels(beside[1].path)


def test_a_drawing_left_half_way_does_not_answer_the_next(drawer: Compare, card: ModelCard) -> None:
    left = drawer.draw(request(card, prompts=tuple(f"left {n}" for n in range(20))))
    next(left)
    left.close()
    found = drawn(drawer, request(card, prompts=("next one",)))
    assert [d.prompt for d in found] == ["next one"] and found[0].path.exists()


def test_a_drawing_that_nobody_reads_any_more_makes_way(drawer: Compare, card: ModelCard) -> None:
    left = drawer.draw(request(card, prompts=tuple(f"a bomb {n}" for n in range(20))))
    assert next(left).total == 20
    assert len(drawn(drawer, request(card, prompts=("a spoon at last",)))) == 1
    assert list(left) == []


def test_stop_ends_a_drawing_without_pictures(drawer: Compare, card: ModelCard) -> None:
    wanted = request(card, prompts=tuple(f"a stopped bomb {n}" for n in range(20)))
    steps = drawer.draw(wanted)
    next(steps)
    drawer.stop()
    assert not any(step.finished for step in steps)
    assert drawer.drawn_before(wanted) is None
    assert len(drawn(drawer, wanted)) == 20


def test_new_weights_are_drawn_anew(drawer: Compare, card: ModelCard) -> None:
    wanted = request(card, prompts=("a bomb of old",))
    drawn(drawer, wanted)
    assert drawer.drawn_before(wanted)
    os.utime(next(Path(card.source).glob("unet/*.safetensors")))
    assert drawer.drawn_before(wanted) is None


def test_what_was_drawn_is_found_without_a_drawer(card: ModelCard, tmp_path: Path) -> None:
    compare = Compare(tmp_path / "pictures")
    wanted = request(card, prompts=("a cup", "a key"), seeds=(3, 4))
    assert compare.drawn_before(wanted) is None
    first = drawn(compare, wanted)
    compare.close()
    assert compare.drawn_before(wanted) == first
    assert [d.seed for d in first] == [3, 4]
    assert compare.drawn_before(replace(wanted, seeds=(3, 5))) is None


def test_a_guidance_acts_alone_and_with_an_adapter(
    drawer: Compare, card: ModelCard, adapter: Path
) -> None:
    steered = {"guidance": NEG, "concepts": ("a knife",)}
    columns = (Column(), Column(**steered), with_adapter(adapter), with_adapter(adapter, **steered))  # type: ignore[arg-type]
    found = drawn(drawer, request(card, columns=columns))
    assert [d.column for d in found] == ["original", "neg", "a", "a+neg"]
    assert len({pixels(d.path) for d in found}) == 4
    assert read_parameters(found[3].path)["held_down"] == ["a knife"]
    assert all(d.seconds is not None and d.seconds > 0 for d in found)


def test_two_adapters_on_the_same_layers_are_refused(
    drawer: Compare, card: ModelCard, adapter: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.safetensors"
    shutil.copyfile(adapter, other)
    first, second = with_adapter(adapter).adapters[0], with_adapter(other).adapters[0]
    column = Column(adapters=(first, second.model_copy(update={"name": "b"})))
    with pytest.raises(StudioError, match="a and b change the same layers"):
        drawn(drawer, request(card, columns=(column,)))


def test_columns_are_read_as_they_are_written(config: RunConfig, tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    folder = RunFolder.create(runs.root, config)
    with pytest.raises(StudioError, match="no adapter yet"):
        column(runs, folder.id)
    folder.adapter.parent.mkdir()
    folder.adapter.write_bytes(b"")
    for text in ("original", "sld-max", folder.id, f"{folder.id}*0.5", f"{folder.id}+neg"):
        assert column(runs, text, ["a knife"]).label == text
    assert column(runs, "neg", ["a knife"]).concepts == ("a knife",)
    stack = tmp_path / "s.yaml"
    stack.write_text(f"id: s\ntitle: S\ncolumn: {folder.id}*0.8+sega-max\nconcepts: [a gun]\n")
    found = column(runs, str(stack), ["a knife"])
    assert found.label == f"{folder.id}*0.8+sega-max" and found.concepts == ("a gun",)


def test_a_saved_stack_is_a_column_by_its_name(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    file = save_stack(runs, "Calm night", "sld-max", ["a knife"])
    assert file.stem == "stack-calm-night" and [s.title for s in stacks(runs)] == ["Calm night"]
    found = column(runs, "stack-calm-night", ["a gun"])
    assert found.label == "sld-max" and found.concepts == ("a knife",)
    assert column(runs, str(file)) == found
    save_stack(runs, "夜", "stack-calm-night", [])
    file.write_text("id: stack-calm-night\ntitle: x\ncolumn: stack-calm-night\n")
    with pytest.raises(StudioError, match="holds itself"):
        column(runs, "stack-calm-night")
    file.write_text("broken: [")
    assert [s.title for s in stacks(runs)] == ["夜"]


@pytest.mark.parametrize(
    ("title", "text", "words"),
    [
        (" ", "sld-max", "no name"),
        ("a", "original", "no stack"),
        ("a", "sld-mx", "neither a run nor a guidance"),
    ],
)
def test_what_is_no_stack_is_not_saved(tmp_path: Path, title: str, text: str, words: str) -> None:
    runs = Runs(tmp_path / "runs")
    with pytest.raises(StudioError, match=words):
        save_stack(runs, title, text, [])
    assert stacks(runs) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sld-mx", "neither a run nor a guidance"),
        ("neg+sld-max", "joins two guidances"),
        ("x.safetensors*much", "no weight"),
        ("x.safetensors*0", "more than 0"),
        ("nowhere.yaml", "cannot be read"),
    ],
)
def test_a_column_that_is_none_says_so(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(StudioError, match=words):
        column(Runs(tmp_path), text, ["a knife"])


def test_a_sheet_and_a_zip_hold_every_picture(tmp_path: Path) -> None:
    cells = []
    for row in ("a bomb · 1", "a very long prompt that needs more than one line " * 4):
        for column_name, colour in (("original", "red"), ("a+sld-max", "blue")):
            file = tmp_path / f"{len(cells)}.png"
            Image.new("RGB", (16, 16), colour).save(file)
            cells.append(Cell(row, column_name, file))
    with Image.open(write_sheet(cells, tmp_path / "sheet.png")) as sheet:
        assert sheet.getpixel((230, 60)) == (255, 0, 0)
        assert sheet.getpixel((sheet.width - 20, sheet.height - 20)) == (0, 0, 255)
    with zipfile.ZipFile(write_zip(cells, tmp_path / "all.zip")) as archive:
        assert set(archive.namelist()) >= {"000.png", "003.png", "pictures.json", "sheet.png"}
        assert json.loads(archive.read("pictures.json"))[1]["active"] == "a+sld-max"
    for write in (write_sheet, write_zip):
        with pytest.raises(StudioError, match="nothing to save"):
            write([], tmp_path / "x")


def test_the_strip_of_strengths_begins_with_the_original(adapter: Path) -> None:
    labels = [c.label for c in strengths(with_adapter(adapter).adapters[0])]
    assert labels == ["original", "a*0.25", "a*0.5", "a*0.75", "a", "a*1.25"]


def test_sensitive_pictures_come_with_a_cover(drawer: Compare, card: ModelCard) -> None:
    found = drawn(drawer, request(card, sensitive=True))
    assert found[0].cover is not None and found[0].cover != found[0].path


def test_a_cover_shows_nothing_that_can_be_recognised(tmp_path: Path) -> None:
    image = Image.new("L", (128, 128))
    image.putdata([255 * ((x // 8 + y // 8) % 2) for y in range(128) for x in range(128)])
    file = tmp_path / "board.png"
    save_png(image.convert("RGB"), file, {"prompt": "x"})
    with Image.open(cover_of(file)) as cover:
        low, high = cover.convert("L").crop((32, 32, 96, 96)).getextrema()
    assert high - low < 8


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompts": (" ",)}, "nothing to draw"),
        ({"prompts": ("a naked child",)}, "refused"),
        ({"columns": (with_adapter(Path("missing.safetensors")),)}, "There is no adapter"),
        ({"columns": (Column(guidance=NEG),)}, "no concept to hold down"),
        ({"prompts": ("a " * 100,)}, "102 tokens"),
    ],
)
def test_bad_input_gets_a_sentence_and_the_drawer_goes_on(
    drawer: Compare, card: ModelCard, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(StudioError, match=words):
        list(drawer.draw(request(card, **changes)))
    assert drawn(drawer, request(card))


def test_a_drawer_that_dies_says_so_and_a_new_one_is_started(
    drawer: Compare, card: ModelCard
) -> None:
    drawn(drawer, request(card))
    assert drawer._process is not None
    drawer._process.kill()
    drawer._process.wait()
    assert drawn(drawer, request(card, prompts=("a new one",)))
