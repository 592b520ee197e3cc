"""Lists and ratings as people bring them."""

import codecs
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.cli import main
from studio.errors import StudioError
from studio.evaluation.prompt_files import read_prompts
from studio.jobs.rating_files import import_ratings
from studio.models.config_files import read_config
from studio.presets import PACKS, PRESETS, load_pack
from studio.yaml_files import read_yaml_file
from tests.rounds import drawn_round

HEADERS = {
    "drawbench.csv": ('Prompts,Category\n"a car, parked",Colors\n', "a car, parked"),
    "parti.tsv": ("Prompt\tCategory\tChallenge\tNote\na bird\tAnimals\tBasic\t\n", "a bird"),
    "excel.csv": ("sep=;\nprompt;seed\na storm;1\n", "a storm"),
    "folder.csv": ('file_name,text\n1.png,"a dog, on grass"\n', "a dog, on grass"),
    "captions.csv": ('caption,image\n"a dog",1.png\n', "a dog"),
    "quoted.csv": ('"sep=;"\nCaption;URL\n"a; b";x\n', "a; b"),
    "coco.json": (
        json.dumps(
            {"images": [{"id": 1}], "annotations": [{"image_id": 1, "id": 7, "caption": "x"}]}
        ),
        "x",
    ),
    "data.json": ('{"data":[{"prompt":"a storm","seed":5}]}', "a storm"),
    "texts.json": ('{"prompts":["a storm"]}', "a storm"),
    "rows.json": ('{"features":[],"rows":[{"row_idx":0,"row":{"prompt":"a"}}]}', "a"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_list_is_read_as_it_was_meant(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(HEADERS[name][0], encoding="utf-8")
    assert [row.prompt for row in read_prompts(file).rows] == [HEADERS[name][1]]


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8-sig": lambda text: text.encode("utf-8-sig"),
    "utf-16-le": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", [*HEADERS, "plain.txt"])
def test_a_list_with_a_byte_order_mark_too(tmp_path: Path, name: str, encoding: str) -> None:
    text, first = HEADERS.get(name, ("海边的灯塔，黄昏\n", "海边的灯塔，黄昏"))
    file = tmp_path / name
    file.write_bytes(ENCODINGS[encoding](text.replace("\n", "\r\n")))
    assert [row.prompt for row in read_prompts(file).rows] == [first]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_packs_and_cards_with_a_byte_order_mark_too(tmp_path: Path, encoding: str) -> None:
    for folder, read in ((PACKS, load_pack), (PRESETS / "models", read_yaml_file)):
        shipped = sorted(folder.glob("*.yaml"))[0]
        file = tmp_path / shipped.name
        file.write_bytes(ENCODINGS[encoding](shipped.read_text("utf-8")))
        assert read(file) == read(shipped)


def test_a_config_of_a_model_is_utf_8_as_others_read_it(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_bytes("{}".encode("utf-16"))
    with pytest.raises(StudioError, match="no UTF-8 text"):
        read_config(file)
    file.write_text("{}", "utf-8")
    assert read_config(file) == {}


def test_captions_keep_their_ids(tmp_path: Path) -> None:
    file = tmp_path / "coco.json"
    file.write_text(HEADERS["coco.json"][0])
    (row,) = read_prompts(file).rows
    assert (row.id, row.other["id"]) == ("1", "7")


def test_a_header_without_prompts_and_nothing_at_all_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("file_name,description\n1.png,a dog\n")
    with pytest.raises(StudioError, match="line 1 looks like a header"):
        read_prompts(file)
    file.write_text('{"info":{"prompt_count":[1]}}')
    assert main(["prompts", str(file)]) == 1
    file.write_text("prompt,seed\na storm,x\n")
    assert main(["prompts", str(file)]) == 1
    file.write_text("note, a lighthouse at sea\na boat\n")
    assert len(read_prompts(file).rows) == 2


@pytest.mark.parametrize("sep", ",;\t")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("TRUE", "FALSE"),
        ("WAHR", "FALSCH"),
        ("VRAI", "FAUX"),
        ("是", "否"),
        ("sí", "NO"),
        ("Да", "нет"),
    ],
)
def test_ratings_are_read_as_spreadsheets_write_them(
    tmp_path: Path, sep: str, encoding: str, yes: str, no: str
) -> None:
    folder = drawn_round(tmp_path, "binary", 4)
    rows = [
        ("ann", shot.picture, yes if n % 2 else no) for n, shot in enumerate(folder.config.pictures)
    ]
    text = "".join(sep.join(row) + "\r\n" for row in (("Rater", "PICTURE", "Shows"), *rows))
    file = tmp_path / ("r.txt" if sep == "\t" else "r.CSV")
    file.write_text(text, encoding=encoding, newline="")
    assert import_ratings(folder, file) == 4
    said = {a.picture: a.shows for a in folder.store.answers()}
    assert [said[s.picture] for s in folder.config.pictures] == [False, True, False, True]
