"""Sentences of several clauses: they say what their plain caption says, and no test sentence."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPTextModel, CLIPTokenizer

from studio.evaluation.judge import Seen
from studio.evaluation.prompts import HELD_OUT, INDIRECT, Question
from studio.evaluation.wordings import COMPOUND, PARAPHRASE, SYNONYM
from studio.iconworld.captions import PLAIN
from studio.iconworld.clauses import (
    BETWEEN,
    COLOUR_CLAUSES,
    DECOYS,
    JOINTS,
    STYLE_CLAUSES,
    borrowed_words,
    clauses,
    joining_words,
    named_scene,
)
from studio.iconworld.encoders import crowded, exact_sign
from studio.iconworld.retell import retold, set_loss, train_retold
from studio.iconworld.robust import held_out_words
from studio.iconworld.scenes import Scene
from studio.iconworld.text import tokens
from studio.world import ICON_WORLD, load_world

WORLD = load_world()
FOREIGN = ("zither", "gavoost", "harbour")
CAPTION_WORDS = "a and background beside drawn in is it my next of on one style the to with"
ONE = Scene(("cat",), "noto", "red")
TWO = Scene(("cat", "dog"), "noto", "red")


def names(text: str, scene: Scene) -> list[str]:
    """Which things of a scene a text names, by any of their words."""
    found = []
    for name in scene.objects:
        thing = WORLD.objects[WORLD.index(name)]
        words = (thing.name, *thing.synonyms, thing.description, *WORLD.hypernyms[thing.group])
        bare = (word.removeprefix("a ").removeprefix("an ") for word in words)
        found += [name] if any(word in text for word in bare) else []
    return found


@pytest.mark.parametrize("scene", [ONE, TWO], ids=["one", "two"])
def test_a_sentence_says_what_its_caption_says(scene: Scene) -> None:
    rng, known = np.random.default_rng(0), {*FOREIGN, *joining_words(), *borrowed_words(WORLD)}
    for _ in range(400):
        said, plain = clauses(scene, WORLD, rng, FOREIGN)
        assert names(said, scene) == names(plain, scene) == list(scene.objects)
        assert ("noto" in said) == ("noto" in plain)
        assert bool(re.search(r"\bred\b", said)) == bool(re.search(r"\bred\b", plain)), said
        assert known & set(re.findall(r"\w+", said)), said
        assert "{" not in said and "  " not in said and said == said.strip(" ,")
        assert len(scene.objects) == 1 or " and " in plain


def test_one_thing_stands_beside_foreign_nouns_and_stays_one() -> None:
    rng = np.random.default_rng(1)
    pairs = [clauses(ONE, WORLD, rng, FOREIGN) for _ in range(300)]
    beside = [
        plain for said, plain in pairs if re.search(r"(and|with|beside|next to) (a|the) \w", said)
    ]
    assert len(beside) > 30
    assert not [plain for plain in beside if " and " in plain.replace("whiskers and", "")]


def test_the_parts_of_clauses_hold_no_held_out_word_of_their_own() -> None:
    caption_words = set(CAPTION_WORDS.split())
    for pool in (STYLE_CLAUSES, COLOUR_CLAUSES, DECOYS, JOINTS, BETWEEN):
        words = set(re.findall(r"[a-z]+", re.sub(r"\{.\}", "", " ".join(pool))))
        assert words <= caption_words, words - caption_words
    assert len(joining_words()) > 50 and not set(joining_words()) & held_out_words()


def test_words_of_descriptions_say_nothing_elsewhere() -> None:
    """ "against" stands in the umbrella's description alone, and was read as an umbrella."""
    borrowed = set(borrowed_words(WORLD))
    assert {"against", "across", "whiskers"} <= borrowed
    assert not borrowed & {"cat", "bomb", "red", "noto", "style", "something", "umbrella"}
    assert not borrowed & held_out_words(("test",)) and held_out_words(("dev",)) & borrowed
    rng = np.random.default_rng(6)
    said = [clauses(ONE, WORLD, rng, FOREIGN) for _ in range(300)]
    among = [plain for text, plain in said if borrowed & set(text.split()) - {"whiskers"}]
    assert len(among) > 100 and not [plain for plain in among if names(plain, ONE) != ["cat"]]


def test_no_sentence_is_worded_like_a_held_out_one() -> None:
    rng, foreign = np.random.default_rng(2), ("zither", "gavoost")
    kinds = (*HELD_OUT.values(), INDIRECT, PARAPHRASE, SYNONYM, COMPOUND)
    held = {text for kind in kinds for pool in kind.values() for text in pool} - {"{o}"}
    shapes = [
        re.compile(
            re.sub(r"\\\{[op]\\\}", "(?:an? )?[a-z ]+", re.escape(text))
            .replace(r"\{s\}", "noto")
            .replace(r"\{c\}", "red")
        )
        for text in held
    ]
    for scene in (ONE, TWO):
        said = [clauses(scene, WORLD, rng, foreign)[0] for _ in range(300)]
        plain = {text.format(o="OBJECT") for text in PLAIN}
        assert not plain & set(said)
        known = {*foreign, *joining_words(), *borrowed_words(WORLD)}
        for text in said:
            for shape in shapes:
                # an object stands for any words, so only a match without foreign words counts
                assert not (shape.fullmatch(text) and not known & set(text.split())), text


def test_scenes_need_no_pictures() -> None:
    rng = np.random.default_rng(3)
    scenes = [named_scene(WORLD, rng) for _ in range(400)]
    two = sum(len(scene.objects) == 2 for scene in scenes)
    assert 100 < two < 180 and all(len(set(s.objects)) == len(s.objects) for s in scenes)


def test_sets_of_states_are_the_same_in_any_order_and_number() -> None:
    end = 9
    plain = torch.tensor([[8, 1, 2, end, end]])
    noisy = torch.tensor([[8, 2, 1, 1, end]])
    wanted = torch.randn(1, 5, 6, generator=torch.Generator().manual_seed(0))
    same = wanted[:, [0, 2, 1, 1, 3]]
    assert set_loss(same, noisy, wanted, plain, end).item() == pytest.approx(0, abs=1e-6)
    added, lost = same.clone(), same.clone()
    added[0, 3] += 3  # a state that the caption does not have
    lost[0, 1] = lost[0, 2]  # the state of a word is missing
    for wrong in (added, lost):
        assert set_loss(wrong, noisy, wanted, plain, end).item() > 0.1
    behind = wanted.clone()
    behind[0, 4] += 5  # padding, which `summary_loss` compares
    assert set_loss(same, noisy, behind, plain, end).item() == pytest.approx(0, abs=1e-6)


@pytest.fixture
def words_folder(tmp_path: Path) -> Path:
    for part in ("tokenizer", "text_encoder"):
        shutil.copytree(ICON_WORLD / part, tmp_path / part)
    return tmp_path


def test_the_encoder_learns_to_read_clauses(words_folder: Path) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(words_folder / "tokenizer")
    before = CLIPTextModel.from_pretrained(words_folder / "text_encoder").float()
    foreign = ("qqxqj", "vkrrz", "wqpmb")
    said, plains = retold(WORLD, np.random.default_rng(5), foreign, 32)
    end = tokenizer.eos_token_id
    noisy, plain = tokens(tokenizer, said), tokens(tokenizer, plains)
    # what no caption says reads as an umbrella, as "against" once did; captions read as ever
    only = list(set(noisy.flatten().tolist()) - set(plain.flatten().tolist()))
    umbrella = tokenizer("umbrella", add_special_tokens=False).input_ids[0]
    words = before.get_input_embeddings().weight
    words.data[only] = words.data[umbrella].clone()
    before.save_pretrained(words_folder / "text_encoder")

    @torch.no_grad()
    def gap(encoder: CLIPTextModel) -> float:
        found, wanted = encoder(noisy), before(plain)
        return set_loss(found.last_hidden_state, noisy, wanted.last_hidden_state, plain, end).item()

    after = train_retold(WORLD, words_folder, foreign, steps=8, batch=8, rate=4e-4)
    assert gap(after) < 0.9 * gap(before)
    kept = CLIPTextModel.from_pretrained(words_folder / "text_encoder")
    assert gap(kept) == pytest.approx(gap(after), rel=1e-3)


def test_pictures_won_and_lost_and_things_nobody_named() -> None:
    told = exact_sign([True, True, False, False], [True, False, True, True])
    assert told == {"won": 2, "lost": 1, "p": 1.0}
    assert exact_sign([True], [True])["p"] == 1.0
    asked = [Question("a cat", n, "unrelated", "cat") for n in range(3)]
    seen = [
        Seen(("cat",), "noto", "red"),
        Seen(("cat", "dog"), "noto", "red"),
        Seen((), "noto", "red"),
    ]
    assert (crowded(asked, seen).k, crowded(asked, seen).n) == (1, 3)
