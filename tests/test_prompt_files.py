"""Lists of prompts: every layout is read by its content, and nothing is lost unseen."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.cli import main
from studio.errors import StudioError
from studio.evaluation import prompt_files
from studio.evaluation.prompt_files import REFUSED, PromptFile, read_prompts
from studio.failures import told
from studio.services.judge import read_prompt_file
from tests.prompt_samples import SAMPLES

Read = Callable[[str | bytes], PromptFile]
SECRET = "naked child"  # stands for any text that is refused


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(content: str | bytes) -> PromptFile:
        file = tmp_path / "list.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_prompts(file)

    return write_and_read


def texts(found: PromptFile) -> list[str]:
    return [row.prompt for row in found.rows]


@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_published_layout_is_read(name: str, bom: str, read: Read) -> None:
    content, layout, columns, first = SAMPLES[name]
    found = read(bom + content)
    assert (found.layout, found.columns, found.rows[0]) == (layout, columns, first)
    assert found.dropped == ()
    assert found.sha256 == hashlib.sha256((bom + content).encode()).hexdigest()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_list_from_windows_reads_the_same(name: str, read: Read) -> None:
    content = SAMPLES[name][0].replace("\r\n", "\n")
    assert read(content.replace("\n", "\r\n")).rows == read(content).rows


def test_quotation_marks_in_attack_strings_lose_no_line(read: Read) -> None:
    lines = ['"wheat field', 'a, "b" c"', 'star" night,,', "''", '"quoted"', '"', "plain"]
    assert texts(read("\n".join(lines))) == lines


def test_a_stray_carriage_return_adds_no_row(read: Read) -> None:
    assert texts(read("a\rb\r\nc \r\r\nd\n")) == ["a b", "c", "d"]
    assert texts(read("prompt,seed\r\na\rb,1\r\n")) == ["a b"]
    assert texts(read("old\rmac\r")) == ["old", "mac"]


def test_other_line_ends_of_unicode_stay_in_the_prompt(read: Read) -> None:
    assert len(read("a\u2028b\x0bc\n").rows) == 1


@pytest.mark.parametrize(
    "first",
    [
        "original, 1girl, text, object", "prompt, a cat", "a text, original", "text\tbomb",
        "prompt\tbomb", "a prompt", "[[cat]], index", "{{best}} prompt", "noun, a cat",
    ],
)  # fmt: skip
def test_a_prompt_in_the_first_line_is_no_header(first: str, read: Read) -> None:
    assert len(read(f"{first}\na dog\n").rows) == 2


def test_commas_below_a_single_column_belong_to_the_prompt(read: Read) -> None:
    found = read('prompt\na cat, on a mat\n"a dog, asleep"\n\n')
    assert texts(found) == ["a cat, on a mat", "a dog, asleep"]


def test_what_was_left_out_is_told_row_by_row(read: Read) -> None:
    found = read(
        "prompt,evaluation_seed,evaluation_guidance\n"
        "a,1,7\n,2,7\nb,1.5,7\nc,-1,7\nd,,nan\n\ne, f,1,7\n"
        f"{SECRET},1,7\ng,,\nh\n"
    )
    assert [(left.number, left.reason) for left in found.dropped] == [
        (3, "empty prompt"),
        (4, "the seed is no whole number"),
        (5, "the seed is no whole number"),
        (6, "the guidance is no number"),
        (8, "more cells than columns"),
        (9, REFUSED),
    ]
    assert [(row.number, row.prompt, row.seed) for row in found.rows] == [
        (2, "a", 1),
        (10, "g", None),
        (11, "h", None),
    ]


def test_json_that_is_no_text_is_told(read: Read) -> None:
    assert [left.number for left in read('["a", 5, null, ""]').dropped] == [2, 3, 4]
    found = read('[{"prompt": "a"}, {"prompt": 5}, {"seed": 1}, {"prompt": "b", "seed": true}]')
    assert [left.reason for left in found.dropped] == [
        "the prompt is no text",
        "empty prompt",
        "the seed is no whole number",
    ]


REFUSALS = {
    "a line": f"a cat\n{SECRET}\n",
    "a tab": f"a cat\tbomb\n{SECRET}\tbomb\n",
    "a csv": f"prompt,seed\na cat,1\n{SECRET},2\n",
    "another column": f"adv_prompt,target_prompt\nq,a cat\nzz,{SECRET}\n",
    "the twin": f"adv_prompt,clean_prompt\nq,a cat\nzz,{SECRET}\n",
    "two columns": "prompt,categories\na cat,shocking\na little girl,sexual\n",
    "a hazard": "prompt_text,hazard\nhello,vcr\nhello,cse\n",
    "too many cells": f"prompt,seed\na cat,1\nb,2,{SECRET}\n",
    "texts": json.dumps(["a cat", SECRET]),
    "a concept": json.dumps([{"cats": ["a cat"]}, {"nudity": ["a child"]}]),
    "a label": json.dumps([{"prompt": "a cat"}, {"prompt": "a child", "label": {"nudity": []}}]),
    "a name": json.dumps([{"prompt": "a cat"}, {"prompt": "a", SECRET: "b"}]),
    "a line of json": '{"prompt": "a cat"}\n' + json.dumps({"prompt": SECRET}),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_rows_are_counted_and_shown_nowhere(
    name: str, read: Read, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read(REFUSALS[name])
    assert len(found.rows) == 1
    assert [left.reason for left in found.dropped] == [REFUSED]
    for wanted in ([], ["--json"]):
        assert main(["prompts", str(tmp_path / "list.csv"), *wanted]) == 0
    shown = repr(found) + repr(found.rows) + "".join(capsys.readouterr())
    assert "child" not in shown and "girl" not in shown


def test_a_refused_header_is_a_refused_row(read: Read) -> None:
    found = read(f"prompt,{SECRET}\na cat\n")
    assert texts(found) == ["a cat"] and found.dropped[0].reason == REFUSED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "Git LFS"),
        (b"\x89PNG\r\n\x1a\n\0\0", "no UTF-8 text"),
        ("a café".encode("utf-16")[:-1], "no UTF-8 text"),
        ("a café".encode("utf-16-le"), "no UTF-8 text"),
        ("a café".encode("utf-32"), "no UTF-8 text"),
        (b"\xff\xfe\x00", "no UTF-8 text"),
        (b"", "no prompts"),
        (b"\xef\xbb\xbf\n \r\n", "no prompts"),
        (b"prompt,seed\n", "no prompts"),
        (b"[]", "no prompts"),
        (b'["a", "b"', "breaks off in line 1"),
        (b'{"a": 5}', "no list of prompts"),
        (b"[1, 2]", "no list of prompts"),
        (b'prompt,seed\na,1\n"b,2\nc,3\n', "line 3: a quotation mark"),
        (b'prompt,seed\n"' + b"x" * 200_000 + b"\n", "line 2: a quotation mark"),
    ],
)
def test_what_is_no_list_is_said_in_both_languages(content: bytes, words: str, read: Read) -> None:
    with pytest.raises(StudioError, match=words) as caught:
        read(content)
    for sentence in (caught.value.what, caught.value.way_out):
        assert told(sentence, "zh") != sentence and "{{" not in told(sentence, "zh")


def test_a_file_that_is_missing_or_huge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(StudioError, match="cannot be read"):
            read_prompts(missing)
    file = tmp_path / "big.txt"
    file.write_text("a cat\n" * 100)
    monkeypatch.setattr(prompt_files, "PROMPT_LIST_MB", 0.0001)
    with pytest.raises(StudioError, match="are read"):
        read_prompts(file)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_stands_in_the_cells_comes_back(seed: int, read: Read) -> None:
    rng = random.Random(seed)
    letters = "ab ,;\t\"'\n[]{}:é中"
    told_in = ["".join(rng.choices(letters, k=rng.randint(1, 12))) for _ in range(40)]
    kept = [text.strip() for text in told_in if text.strip()]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([("prompt", "seed"), *((text, 5) for text in told_in)])
    assert texts(read(buffer.getvalue())) == kept
    assert texts(read(json.dumps(told_in))) == kept
    single = [text.replace("\n", "") for text in told_in]
    lines = ["a first line", *(text.strip() for text in single if text.strip())]
    assert texts(read("\n".join(lines))) == lines


@pytest.mark.parametrize("column", ["shows", "object"])
def test_the_judge_takes_object_and_seed_from_a_csv(column: str, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(f'prompt,seed,{column}\n"a blade, red",99,dagger\nin noto,,style:noto\n')
    questions = read_prompt_file(file, seed=1000)
    assert [(q.prompt, q.seed, q.shows) for q in questions] == [
        ("a blade, red", 99, "dagger"),
        ("in noto", 1003, "style:noto"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a bomb\tbomb\na heart\n", "line 2: the judge knows no ''"),
        ("prompt,seed\na bomb,1\n", "line 2: the judge knows no ''"),
        ("prompt,seed,shows\na bomb,x,bomb\n", "line 2: the seed is no whole number"),
        (f"a bomb\tbomb\n{SECRET}\tbomb\n", "A text was refused"),
    ],
)
def test_the_judge_leaves_nothing_out_unseen(content: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(content)
    with pytest.raises(StudioError, match=words) as caught:
        read_prompt_file(file)
    assert told(caught.value.what, "zh") != caught.value.what


def test_the_command_tells_what_was_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.csv"
    rows = 'adv_prompt,sd_seed,note\n"a\x1b[31m\ncat",1,x\n' + "b,?,y\n" * 25
    file.write_text(rows)
    assert main(["prompts", str(file)]) == 0
    out = capsys.readouterr().out
    sha256 = hashlib.sha256(rows.encode()).hexdigest()
    for words in (sha256, "prompt <- adv_prompt, seed <- sd_seed", "note", "1, 1 over several"):
        assert words in out
    assert "25 the seed is no whole number: row 4, 5," in out and "and 5 more" in out
    assert "\x1b" not in out
    assert main(["prompts", str(file), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rows"][0]["seed"] == 1 and answer["sha256"] == sha256
    assert answer["dropped"][0] == {"number": 4, "reason": "the seed is no whole number"}
    assert main(["prompts", str(tmp_path / "none.csv")]) == 1
