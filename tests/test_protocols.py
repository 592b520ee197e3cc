"""Protocols are YAML files: each loads, and asks for exactly the pictures it says."""

import json
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from studio.cli import main
from studio.cli.evaluating import aggregate_text, progress_line
from studio.config import Column, Text
from studio.errors import StudioError
from studio.evaluation.aggregation import AGGREGATIONS, Aggregate
from studio.evaluation.detectors import find_detector, missing
from studio.evaluation.families import FULL, QUICK, family_rows
from studio.evaluation.findings import Row
from studio.evaluation.protocol import FLOOR, QUICK_COUNT, Protocol, column_slug, rows_hash
from studio.evaluation.protocol_rows import FLOOR_SEEDS, config_rows, floor_rows, total_pictures
from studio.presets import PRESETS, find_pack
from studio.protocols import find_protocol, load_protocols, parse_protocol
from studio.records import State, Status
from studio.services.evaluations import Evaluations
from studio.services.test_split import openings, prompts_hash
from studio.world import load_world

NAMES = sorted(file.stem for file in (PRESETS / "protocols").glob("*.yaml"))


@pytest.fixture
def studio(tmp_path: Path) -> Evaluations:
    return Evaluations(tmp_path)


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    """Three prompts; the second brings a seed of its own."""
    file = tmp_path / "list.csv"
    file.write_text("prompt,evaluation_seed\na cat,\na dog,7\na fish,\n")
    return file


def test_the_protocols_of_the_field_are_there() -> None:
    assert {"body", "i2p", "nrr", "coco", "unlearncanvas", "icon-world"} <= set(NAMES)
    assert list(load_protocols()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_protocol_is_complete(name: str) -> None:
    protocol = find_protocol(name)
    assert protocol.id == name and protocol.source
    assert set(protocol.aggregations) <= set(AGGREGATIONS)
    assert protocol.detectors or protocol.scorers, "it measures something"
    assert bool(protocol.detectors) == bool(protocol.aggregations)
    assert len(protocol.about.en) > 80 and len(protocol.about.zh) > 30
    if protocol.prompts.source == "file":
        assert protocol.prompts.about


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sampler": "x"}, "a key that nothing reads: sampler"),
        ({"sample": {"steps": 0}}, "icon-world.yaml, sample: steps is not right"),
        ({"sample": {"seps": 5}}, "a key that nothing reads: seps"),
        ({"aggregations": ["mean"]}, "no aggregation 'mean'"),
        ({"prompts": {"source": "web"}}, "prompts.source is not right"),
        ({"title": {"en": "A"}}, "lacks title.zh"),
    ],
)
def test_a_wrong_protocol_says_where(change: dict[str, object], words: str) -> None:
    data = find_protocol("icon-world").model_dump(mode="json")
    with pytest.raises(StudioError, match=words):
        parse_protocol(json.dumps(data | change), "icon-world.yaml")


def test_an_unknown_protocol_names_the_nearest(studio: Evaluations) -> None:
    with pytest.raises(StudioError, match="no protocol 'icon-word'") as caught:
        studio.plan("icon-word", [], find_pack("icon-weapons"))
    assert "icon-world" in caught.value.way_out


def test_icon_world_asks_the_held_out_prompts_of_the_split(studio: Evaluations) -> None:
    pack = find_pack("icon-weapons")
    config = studio.plan("icon-world", [], pack, split="dev", count=4)
    rows = config_rows(config)
    assert rows == family_rows(pack, "dev", dict.fromkeys(FULL, 4))
    test = config_rows(studio.plan("icon-world", [], pack, count=4))
    assert not {r.prompt for r in rows} & {r.prompt for r in test}


def test_starting_on_the_test_split_leaves_a_line(
    studio: Evaluations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.services.evaluations._launch", lambda folder, processes: None)
    pack = find_pack("icon-weapons")
    studio.start(studio.plan("icon-world", [], pack, split="dev", count=1))
    assert openings(tmp_path, pack.id) == []
    config = studio.plan("icon-world", [], pack, count=1)
    studio.start(config)
    (line,) = openings(tmp_path, pack.id)
    rows = config_rows(config)
    assert line.count == len(rows) and line.what == "original"
    assert line.prompts == prompts_hash([(row.prompt, row.seed) for row in rows])


def test_a_quick_look_has_few_pictures_of_each_family_and_says_so(studio: Evaluations) -> None:
    pack = find_pack("icon-weapons")
    config = studio.plan("icon-world", [], pack, quick=True)
    assert config.quick
    assert Counter(row.family for row in config_rows(config)) == QUICK
    full = studio.plan("icon-world", [], pack)
    assert not full.quick and full.count == 500
    assert studio.plan("unlearncanvas", [], pack, quick=True).count == QUICK_COUNT == 100


def test_the_original_is_always_first_and_stands_once(studio: Evaluations) -> None:
    pack = find_pack("icon-weapons")
    for columns in ([], [Column()], [Column(), Column()]):
        assert studio.plan("icon-world", columns, pack, count=1).columns == (Column(),)


@pytest.mark.parametrize(
    ("name", "shows", "also"), [("icon-style", "style:", ""), ("icon-weapons", "", "style:")]
)
def test_unlearncanvas_is_every_thing_in_every_style_with_five_seeds(
    studio: Evaluations, name: str, shows: str, also: str
) -> None:
    world, pack = load_world(), find_pack(name)
    config = studio.plan("unlearncanvas", [], pack)
    rows = config_rows(config)
    cells = {(row.shows, row.also, row.seed) for row in rows}
    assert len(rows) == len(cells) == len(world.objects) * len(world.styles) * 5
    assert {row.seed for row in rows} == {188, 288, 588, 688, 888}
    assert (config.sample.steps, config.sample.guidance) == (100, 9)
    assert config.sample.sampler == "ddim"
    removed = {thing.id for c in pack.remove if (thing := world.find(c.name))}
    gone = {row.shows for row in rows if row.wanted == "gone"}
    assert gone == (removed or {"style:twemoji"})
    assert all(row.shows.startswith(shows) and row.also.startswith(also) for row in rows)
    by_cell = {(row.shows, row.also): row.prompt for row in rows}
    cell = ("style:noto", "bomb") if shows else ("bomb", "style:noto")
    assert by_cell[cell] == "a bomb image in noto style"
    assert all(row.wanted == "gone" for row in rows if row.family == "direct")


def test_a_list_is_drawn_with_as_many_seeds_as_the_protocol_says(
    studio: Evaluations, captions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.services.evaluations.refuse_strangers", lambda *_: None)
    pack = find_pack("nudity")  # whoever looks here; none that knows photographs is installed
    body = partial(studio.plan, "body", [], pack, prompt_file=captions, detectors=["icon-world"])
    config = body()
    rows = config_rows(config)
    assert len(rows) == 3 * 100 and {row.shows for row in rows} == {"nudity"}
    seeds = {prompt: [r.seed for r in rows if r.prompt == prompt] for prompt in ("a cat", "a dog")}
    assert seeds == {"a cat": list(range(42, 142)), "a dog": list(range(7, 107))}
    assert {(row.family, row.wanted) for row in rows} == {("direct", "gone")}
    assert config.split == "" and Path(config.prompt_file).is_absolute()
    few = config_rows(body(count=10))
    assert len(few) == 10 and [row.row for row in few] == list(range(10))
    assert few == config_rows(body(count=10))


def test_a_detector_that_lacks_something_is_told_before_anything_starts(
    studio: Evaluations, captions: Path
) -> None:
    pack = find_pack("nudity")
    plan = partial(studio.plan, "i2p", [], pack, prompt_file=captions)
    with pytest.raises(StudioError) as caught:
        plan(detectors=["q16"])
    lacks = missing(find_detector("q16"))
    assert lacks and caught.value.what == lacks.what
    with pytest.raises(StudioError, match="no detector 'icon-wrld'"):
        plan(detectors=["icon-wrld"])
    assert not studio.root.exists()


def test_a_missing_list_is_asked_for(studio: Evaluations, tmp_path: Path) -> None:
    pack = find_pack("nudity")
    with pytest.raises(StudioError, match="not shipped: country_body") as caught:
        studio.plan("body", [], pack)
    assert "--prompt-file" in caught.value.way_out
    with pytest.raises(StudioError, match="cannot be read"):
        studio.plan("body", [], pack, prompt_file=tmp_path / "none.txt")
    (tmp_path / "bad.txt").write_text("naked child\n")
    with pytest.raises(StudioError, match="holds no prompts"):
        studio.plan("body", [], pack, prompt_file=tmp_path / "bad.txt")
    with pytest.raises(StudioError, match="knows the pictures of Icon World alone"):
        studio.plan("icon-world", [], pack)


def test_a_noise_floor_is_the_original_with_other_seeds(
    studio: Evaluations, captions: Path
) -> None:
    config = studio.plan("coco", [], find_pack("nudity"), prompt_file=captions)
    rows = config_rows(config)
    assert {row.wanted for row in rows} == {"kept"}
    floor = floor_rows(config, rows)
    assert [r.seed - FLOOR_SEEDS for r in floor] == [row.seed for row in rows]
    assert [(r.row, r.prompt) for r in floor] == [(row.row, row.prompt) for row in rows]
    assert total_pictures(config, rows) == 6
    quick = studio.plan("coco", [], find_pack("nudity"), prompt_file=captions, quick=True)
    assert total_pictures(quick, rows) == 3, "a quick look has none"
    bare = studio.plan("coco", [], find_pack("nudity"), prompt_file=captions, scorers=[])
    assert total_pictures(bare, rows) == 3, "nothing needs the floor"


def test_the_hash_of_rows_changes_with_any_of_them() -> None:
    row = Row(0, "a", 0, "direct", "gone", "bomb")
    others = [Row(0, "a", 1, "direct", "gone", "bomb"), Row(0, "a", 0, "direct", "gone", "cat")]
    assert len({rows_hash([one]) for one in (row, *others)} | {rows_hash([row, row])}) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate"], "Nothing is named"),
        (["evaluate", "missing"], "neither a run nor a pack"),
        (["evaluate", "icon-weapons", "--protocol", "magic"], "no protocol"),
        (["evaluate", "nudity", "--protocol", "body"], "--prompt-file"),
        (["evaluate", "icon-weapons", "--column", "magic"], "neither a run nor a guidance"),
        (["evaluate", "--resume", "missing"], "no evaluation"),
        (["evaluate", "--stop", "missing"], "no evaluation"),
    ],
)
def test_what_a_person_can_fix_exits_with_1(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--runs-dir", str(tmp_path)]) == 1
    caught = capsys.readouterr()
    assert words in caught.err and caught.out == ""
    assert not list(tmp_path.iterdir()), "nothing was started"


def test_protocols_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["protocols", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["protocols"]
    assert [Protocol(**row).id for row in listed] == NAMES


def test_numbers_and_progress_as_people_read_them() -> None:
    cannot = Text(en="Nothing.", zh="无。")
    rate = Aggregate("a", 0.0, 500, cannot, k=0, low=0.0, high=0.0076)
    assert aggregate_text(rate) == "0 of 500, below 0.8 %"
    rate = Aggregate("a", 0.866, 30, cannot, "prompts", low=0.8, high=0.9, spread=0.115)
    assert aggregate_text(rate) == "86.6 % ± 11.5, spread of the draws (80.0-90.0, 30 prompts)"
    rate = Aggregate("a", None, 0, cannot, needs="25 prompts with an answer")
    assert aggregate_text(rate) == "not measured: needs 25 prompts with an answer"
    status = Status(State.RUNNING, step=3, total=9, seconds_left=200)
    assert progress_line(status) == "running 3/9 pictures, 3 min 20 s left"


def test_folders_of_columns_are_safe_and_never_shared() -> None:
    labels = ["original", "demo-run", "demo-run*0.5", "demo-run-0.5", "a+sld-max", "a-sld-max"]
    labels += ["武器", "../..", "X", "x", "a" * 90 + "1", "a" * 90 + "2", FLOOR]
    slugs = [column_slug(label) for label in labels]
    assert len(set(slugs)) == len(labels)
    assert slugs[:2] == ["original", "demo-run"] and slugs[-1] == FLOOR
    assert all(slug and slug == Path(slug).name and not slug.startswith(".") for slug in slugs)
