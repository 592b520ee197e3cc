"""Grids over prompts, seeds, strengths, guidance, steps and columns."""

from pathlib import Path

import pytest
from PIL import Image

from studio.config import Column, RunConfig
from studio.errors import StudioError
from studio.jobs.run_folder import RunFolder
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.services.columns import run_adapter
from studio.services.compare import Compare
from studio.services.grid import Point, axis, draw_grid, legend, points
from studio.services.runs import Runs
from studio.services.sheet import write_sheet


@pytest.fixture
def runs(config: RunConfig, tmp_path: Path) -> Runs:
    runs = Runs(tmp_path / "runs")
    folder = RunFolder.create(runs.root, config)
    bundle = load_bundle(config.model)
    adapters.attach(bundle.unet, "a", "cross", 2)
    for weight in adapters.trained(bundle.unet, "a"):
        weight.data.normal_(std=0.5)
    adapters.save_adapter(bundle.unet, "a", folder.adapter, {})
    return runs


@pytest.fixture
def run_id(runs: Runs) -> str:
    return runs.list()[0].run_id


def start(runs: Runs, run_id: str) -> Point:
    config = runs.folder(run_id).config
    return Point("a bomb", 0, Column(adapters=(run_adapter(runs, run_id),)), config.sample)


def test_axes_are_read_as_they_are_written() -> None:
    assert axis("seed=1, 2,3").values == ("1", "2", "3")
    assert axis("prompt=a bomb, red|a spoon").values == ("a bomb, red", "a spoon")
    assert axis("strength = 0|0.5").name == "strength"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["colour=red"], "is no axis"),
        (["seed"], "has no values"),
        (["seed=1", "seed=2"], "stands twice"),
        (["seed=1.5"], "no value for the axis seed"),
        (["steps=0"], "steps is not right"),
        (["guidance=much"], "no value for the axis guidance"),
        (["sampler=eular"], "sampler is not right"),
        (["strength=9"], "weight is not right"),
        (["column=sld-mx"], "neither a run nor a guidance"),
        (["seed=" + ",".join(map(str, range(401)))], "too many"),
    ],
)
def test_what_is_no_grid_says_so(runs: Runs, run_id: str, texts: list[str], words: str) -> None:
    pack = runs.folder(run_id).config.pack
    with pytest.raises(StudioError, match=words):
        points(runs, pack, start(runs, run_id), [axis(text) for text in texts])


def test_each_point_has_the_settings_its_place_says(runs: Runs, run_id: str) -> None:
    pack = runs.folder(run_id).config.pack
    axes = [axis("strength=0,0.5"), axis(f"column=original|{run_id}"), axis("steps=2,3")]
    found = points(runs, pack, start(runs, run_id), axes)
    assert [values for values, _ in found[:3]] == [
        ("0", "original", "2"),
        ("0.5", "original", "2"),
        ("0", run_id, "2"),
    ]
    labels = {values: point.column.label for values, point in found}
    assert labels["0.5", run_id, "3"] == f"{run_id}*0.5"
    assert labels["0", run_id, "3"] == labels["0.5", "original", "3"] == "original"
    assert all(point.sample.steps == int(values[2]) for values, point in found)


def test_a_grid_draws_every_place_and_tells_what_is_fixed(
    runs: Runs, run_id: str, tmp_path: Path
) -> None:
    drawer = Compare(tmp_path / "pictures")
    axes = [axis("strength=0,1"), axis("sampler=ddim,euler"), axis("prompt=a bomb|a spoon")]
    try:
        *_, done = draw_grid(runs, drawer, run_id, start(runs, run_id), axes)
    finally:
        drawer.close()
    assert done.done == done.total == len(done.cells) == 8
    assert len({cell.file for cell in done.cells}) == 8
    assert [cell.column for cell in done.cells[:2]] == ["strength 0", "strength 1"]
    assert done.cells[0].row == "a bomb · ddim" and done.cells[-1].row == "a spoon · euler"
    told = legend(start(runs, run_id), axes)
    assert "prompt" not in told and "guidance" in told
    plain = write_sheet(done.cells, tmp_path / "plain.png")
    with_legend = write_sheet(done.cells, tmp_path / "told.png", told)
    with Image.open(plain) as small, Image.open(with_legend) as large:
        assert large.height > small.height and large.width == small.width
