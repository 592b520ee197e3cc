"""Names as people write them: the same name, one in another, lists of them."""

import random
import unicodedata

import pytest

from studio.errors import StudioError
from studio.phrases import folded, join_names, part_names, stands_in
from studio.presets import overlaps, parse_pack
from studio.ui.pack_form import overlaps_html, pack_of, pack_rows

BASE = {"id": "mine", "title": {"en": "T", "zh": "T"}, "description": {"en": "d", "zh": "d"}}
NFD = unicodedata.normalize("NFD", "café")


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("gun", "a toy gun"),
        ("gun", "a toy gun, blue"),
        ("gun", "a toy (gun)"),
        ("枪", "一把枪的照片"),
        ("gun", "gun店"),
        ("gun", "the ＧＵＮ"),
        ("café", f"a {NFD}."),
        ("Straße", "in STRASSE 3"),
        ("toy gun", "a toy  gun"),
        ("gun", "a toy_gun"),
        ("カ", "カフェ"),
    ],
)
def test_a_kept_phrase_that_contains_a_removed_name_is_seen(name: str, phrase: str) -> None:
    assert stands_in(name, phrase)
    pack = pack_of(BASE, [[name, ""]], phrase, [])
    assert [found for _, found in overlaps(pack)] == [name]
    assert "warn" in overlaps_html(pack, "en")


@pytest.mark.parametrize(
    ("name", "phrase"), [("gun", "begun"), ("gun", "a gunner"), ("gun", "9gun"), ("枪", "刀")]
)
def test_a_part_of_another_word_is_no_name(name: str, phrase: str) -> None:
    assert not stands_in(name, phrase)


@pytest.mark.parametrize(
    ("name", "keep"),
    [
        ("café", NFD),
        ("gun", "gun "),
        ("gun", "ｇｕｎ"),
        ("Gun", "gUN"),
        ("toy gun", "toy　gun"),
        ("gun", "g\u00adun"),
    ],
)
def test_the_same_name_is_not_both_removed_and_kept(name: str, keep: str) -> None:
    with pytest.raises(StudioError, match="both removes and keeps"):
        pack_of(BASE, [[name, ""]], keep, [])


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("枪、刀、炸弹", ["枪", "刀", "炸弹"]),
        ("枪；刀，炸弹", ["枪", "刀", "炸弹"]),
        ("gun; knife", ["gun", "knife"]),
        ('"rock, paper, scissors", dice', ["rock, paper, scissors", "dice"]),
        ("“rock, paper”、dice", ["rock, paper", "dice"]),
        ('12" knife, gun', ['12" knife', "gun"]),
        ('"unclosed, gun', ['"unclosed', "gun"]),
        (" , ,", []),
    ],
)
def test_a_typed_list_is_parted(typed: str, names: list[str]) -> None:
    assert part_names(typed) == names
    assert pack_of(BASE, [["x y z", typed]], "", []).remove[0].synonyms == tuple(names)


def test_what_nobody_edited_comes_back_from_the_page_as_it_was() -> None:
    dice = random.Random(7)
    letters = ' ab,;、，；"“”＂枪\n'
    for _ in range(500):
        drawn = ("".join(dice.choices(letters, k=dice.randint(1, 8))) for _ in range(3))
        names = [name for name in (" ".join(one.split()) for one in drawn) if name]
        assert part_names(join_names(names)) == names
    pack = parse_pack(
        "id: mine\ntitle: {en: T, zh: T}\ndescription: {en: d, zh: d}\n"
        'remove:\n- name: "a, b"\n  synonyms: ["rock, paper", "two\\nlines"]\n'
        'keep: ["c\\nd", "e; f"]\n',
        "mine.yaml",
    )
    assert pack_of(BASE, *pack_rows(pack)) == pack
    assert pack.remove[0].synonyms == ("rock, paper", "two lines")


def test_a_learned_word_has_edges_of_its_own() -> None:
    assert stands_in("<round-one>", "a <round-one>!")


def test_folding_twice_changes_nothing() -> None:
    dice = random.Random(3)
    for _ in range(2000):
        text = "".join(chr(dice.choice([dice.randint(32, 0x2FFF), 0x130, 0x1E9E])) for _ in "abcd")
        assert folded(folded(text)) == folded(text)
