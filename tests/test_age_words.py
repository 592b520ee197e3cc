"""Words for an age under eighteen, looked up one at a time; no text of the refused kind is here."""

import time

import pytest

from studio.age_words import MINOR
from studio.phrases import folded


def words_of(text: str) -> list[str]:
    return text.split()


SEEN = words_of(
    "girl girls girl's girls' Girl’s boy boys teenager teenagers teen teens teenaged toddlers "
    "infants babies baby schoolboys schoolgirl schoolchildren children children's childs kids kid "
    "minors underage adolescents preteens pre-teen tweens newborn youngsters 13yo 13y/o 13y.o. "
    "13-year-old 13-year-olds thirteen-year-old 女童 女孩 男孩 小朋友 初中生 高中生 "
    "小学生 小學生 兒童 "
    "孩子 未成年 幼兒 婴儿 嬰兒 宝宝 少女 青少年 萝莉 蘿莉 正太 13岁 8歲 "
    "十三岁 六歲 １３歳 子供 女の子 "
    "中学生 미성년자 어린이 13살 mädchen kinder minderjährige enfants fillette garçons niños niña "
    "criança meninas bambina ragazzine meisjes девочка девочки ребёнок дети подростки طفل "
    "kleinkind"
)
PHRASES = (
    "13 year old", "13 years old", "13 yrs old", "13 years of age", "aged 13", "age of 12",
    "aged thirteen", "six months old", "high schoolers", "middle school", "under 18",
    "under the age of eighteen", "13 ans", "13 años", "9 лет", "menores de edad", "petite fille",
    "未满18岁", "3 个月大",
)  # fmt: skip
OTHER = words_of(
    "kindness kind girlfriend boyish cowgirl childhood babysitter minority "
    "18岁 二十三岁 二十岁 20yo "
    "kidney page canteen eighteen nineteen woman man adult 女人 男人 成人 老师 "
    "tiny boycott playboyish "
    "minority infantry"
)
OTHER_PHRASES = (
    "113 years old", "18 years old", "age 30", "aged 175", "18th century", "7 yards", "page 12",
    "a kind of tree", "seven years", "30 ans", "stage 7", "1,013 years old", "not under 180",
)  # fmt: skip


@pytest.mark.parametrize("word", [*SEEN, *PHRASES])
def test_a_word_for_age_is_seen_in_every_form(word: str) -> None:
    assert MINOR.search(folded(word))
    assert MINOR.search(folded(f"“{word.upper()}”, x"))


@pytest.mark.parametrize("word", [*OTHER, *OTHER_PHRASES])
def test_other_words_are_not_taken_for_it(word: str) -> None:
    assert not MINOR.search(folded(word))


def test_a_long_text_is_looked_through_at_once() -> None:
    began = time.perf_counter()
    for text in ("a " * 10_000, "1" * 20_000, "school " * 3_000, "十" * 20_000):
        MINOR.search(folded(text))
    assert time.perf_counter() - began < 2
