"""Parsers of packs, presets and prompt lists: a value or a StudioError, whatever they are given."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.config import HIDDEN, Pack
from studio.errors import StudioError
from studio.evaluation.prompt_files import PromptFile, read_prompts
from studio.files import text_of
from studio.presets import pack_yaml, parse_pack
from studio.protocols import parse_protocol
from studio.safeguards import checked_guidance, checked_method_preset
from studio.yaml_files import read_yaml
from tests.bad_input.packs import GOOD

settings.register_profile(
    "studio",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("studio")
PARSERS: dict[str, Callable[[str], object]] = {
    "pack": lambda text: parse_pack(text, "given.yaml"),
    "protocol": lambda text: parse_protocol(text, "given.yaml"),
    "guidance": lambda text: checked_guidance(read_yaml(text, "given.yaml"), "given.yaml"),
    "method preset": lambda text: checked_method_preset(read_yaml(text, "given.yaml"), "g.yaml"),
}
every_parser = pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
# any text with half letters too; YAML made of its own signs; and whole trees of values
ANY_TEXT = st.text(st.characters(), max_size=200)
SIGNS = st.lists(
    st.sampled_from([*"-:?[]{},&*!|>'\"%@`#\n \t", "<<", "id", "&a", "*a", "!!set ", "---", "..."]),
    max_size=60,
).map("".join)
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.dates()
TREE = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6) | st.integers() | st.none(), inner, max_size=4)
    ),
    max_leaves=12,
)
GIVEN = yaml.safe_load(GOOD)


def value_or_message(parse: Callable[[str], object], text: str) -> object:
    """What it gives; None where it says in words why not. Anything else breaks the test."""
    try:
        return parse(text)
    except StudioError as error:
        assert error.what and error.way_out and not HIDDEN.search(str(error))
        return None


@every_parser
@given(text=ANY_TEXT | SIGNS)
def test_any_text(parse: Callable[[str], object], text: str) -> None:
    value_or_message(parse, text)


@every_parser
@given(data=st.data())
def test_any_value_in_the_place_of_a_right_one(
    parse: Callable[[str], object], data: st.DataObject
) -> None:
    keys = [*GIVEN, "prompts", "guidance", "train", "sample", "source", "about", 7]
    put = data.draw(st.dictionaries(st.sampled_from(keys), TREE, min_size=1, max_size=3))
    text = yaml.safe_dump({**GIVEN, **put}, allow_unicode=True)
    value_or_message(parse, text)


@given(data=st.data())
def test_a_right_pack_with_one_letter_changed(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(GOOD) - 1))
    put = data.draw(st.characters() | st.sampled_from("-:[]{}&*!\n\t'\""))
    pack = value_or_message(PARSERS["pack"], GOOD[:place] + put + GOOD[place + 1 :])
    assert pack is None or isinstance(pack, Pack)


def names(**more: Any) -> st.SearchStrategy[str]:
    """Words that a pack may hold: of all alphabets, without hidden letters."""
    letters = st.characters(exclude_categories=("Cs", "Cc"))
    return (
        st.text(letters, max_size=30, **more)
        .filter(lambda text: not HIDDEN.search(text))
        .filter(lambda text: not any(word in text.lower() for word in ("sex", "nud", "裸", "色")))
    )


@given(
    removed=st.lists(names(min_size=1), min_size=1, max_size=5),
    kept=st.lists(names(min_size=1), max_size=5),
    prompt=names(min_size=1),
    seed=st.integers(0, 2**53 - 1),
    title=names(min_size=1),
)
def test_a_right_pack_comes_back_as_it_was(
    removed: list[str], kept: list[str], prompt: str, seed: int, title: str
) -> None:
    gone = {name.lower() for name in removed}
    told = {
        **GIVEN,
        "title": {"en": title, "zh": title},
        "remove": [{"name": name} for name in removed],
        "keep": [phrase for phrase in kept if phrase.lower() not in gone],
        "probes": [{"prompt": prompt, "seed": seed, "kind": "target"}],
    }
    pack = Pack.model_validate(told)
    assert parse_pack(pack_yaml(pack), "back.yaml") == pack


@given(data=st.binary(max_size=300) | ANY_TEXT.map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_as_a_text(data: bytes) -> None:
    value_or_message(lambda _: text_of(data, "given.txt"), "")


@given(
    content=st.binary(max_size=200)
    | ANY_TEXT.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.lists(
        st.sampled_from(["prompt", "seed", "text", "a cat", ",", "\t", ";", '"', "\n", "\r", "1"]),
        max_size=40,
    ).map(lambda parts: "".join(parts).encode())
    | TREE.map(lambda tree: yaml.safe_dump(tree, default_flow_style=True, width=9999).encode())
)
def test_any_bytes_as_a_list_of_prompts(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = Path(tmp_path_factory.getbasetemp()) / "given.csv"
    file.write_bytes(content)
    read = value_or_message(lambda _: read_prompts(file), "")
    if isinstance(read, PromptFile):
        assert all(row.prompt.strip() for row in read.rows)
        assert all(row.seed is None or 0 <= row.seed < 2**53 for row in read.rows)
        places = [row.number for row in (*read.rows, *read.dropped)]
        assert len(places) == len(set(places))


@given(prompts=st.lists(names(min_size=1).map(str.strip).filter(bool), min_size=1, max_size=20))
def test_every_prompt_of_a_right_list_comes_back(
    prompts: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = Path(tmp_path_factory.getbasetemp()) / "right.json"
    file.write_text(json.dumps([{"prompt": text} for text in prompts]), encoding="utf-8")
    assert [row.prompt for row in read_prompts(file).rows] == prompts
