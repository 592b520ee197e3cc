"""Every failure that a person reads exists in English and Chinese."""

import ast
import re
from collections.abc import Iterator

import pytest

from studio.errors import StudioError
from studio.failures import PHRASES, SENTENCES, told
from studio.presets import check_pack, find_pack, parse_pack
from studio.world import ROOT
from tests.conftest import PACK

SAYING = {"StudioError", "_fail", "Status", "Ending"}
EXPLAINING = {"_explain", "explain", "_did_you_mean"}
MAKING_THE_WORLD = ROOT / "studio" / "iconworld"
CHINESE = re.compile(r"[一-鿿]")


def shape(node: ast.expr | None) -> str | None:
    """The text of a string with {} for what varies; None for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return None


def spoken(tree: ast.AST) -> Iterator[ast.expr]:
    """Strings that become a failure's text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in SAYING:
                yield from node.args
                yield from (k.value for k in node.keywords if k.arg in ("what", "way_out"))
        if isinstance(node, ast.FunctionDef) and node.name in EXPLAINING:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    value = inner.value
                    yield from value.elts if isinstance(value, ast.Tuple) else branches(value)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "way_out":
            yield node.value


def branches(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def all_sentences() -> set[str]:
    found = set()
    for file in (ROOT / "studio").rglob("*.py"):
        if MAKING_THE_WORLD not in file.parents:
            texts = map(shape, spoken(ast.parse(file.read_text(encoding="utf-8"))))
            found |= {text for text in texts if text}
    return found


def test_every_sentence_has_its_chinese() -> None:
    sentences = all_sentences()
    assert len(sentences) > 50
    assert sorted(sentences - SENTENCES.keys()) == []


def test_no_translation_is_left_of_a_sentence_that_is_gone() -> None:
    source = "".join(f.read_text() for f in (ROOT / "studio").rglob("*.py"))
    raised = all_sentences()
    gone = [s for s in SENTENCES if s not in raised and s.split("{}")[0][:30] not in source]
    assert gone == []


@pytest.mark.parametrize("english", [*SENTENCES, *PHRASES])
def test_names_and_numbers_survive(english: str) -> None:
    table = SENTENCES if english in SENTENCES else PHRASES
    chinese = table[english]
    assert CHINESE.search(chinese)
    assert len(re.findall(r"{\d?}", chinese)) == english.count("{}")


def test_a_failure_is_told_in_chinese() -> None:
    with pytest.raises(StudioError) as caught:
        find_pack("icon-weapon")
    assert told(caught.value.what, "zh") == "没有概念包 'icon-weapon'。"
    assert told(caught.value.way_out, "zh") == "是不是 'icon-weapons'？"
    assert told(caught.value.what, "en") == caught.value.what
    with pytest.raises(StudioError) as caught:
        parse_pack(PACK.replace("steps: 4", "steps: 0"), "tiny.yaml")
    assert told(caught.value.what, "zh") == "tiny.yaml的训练设置：steps 不对：至少要 1。"
    pack = parse_pack(PACK, "tiny.yaml")
    with pytest.raises(StudioError) as caught:
        check_pack(pack.model_copy(update={"keep": ("bomb",)}), "This list")
    assert told(caught.value.what, "zh") == "这个列表 既要去除又要保留 'bomb'。"


def test_what_nobody_translated_is_left_as_it_is() -> None:
    assert told("Something new.", "zh") == "Something new."
