"""Prompts that are too long are cut by tokens, exactly as the stock pipeline cuts them."""

import pytest
import torch
from transformers import CLIPTokenizer

from studio.config import Column, ModelCard, RunConfig
from studio.errors import StudioError
from studio.evaluation.pictures import draw_all
from studio.evaluation.prompts import Question
from studio.jobs.drawing import told_cut
from studio.models.loading import Bundle, load_bundle
from studio.models.text import count_tokens, encode, is_cut, shortened
from studio.models.tokens import add_token, written_out

# a shared case first (tag lists, Chinese, tabs), then sisters
LONG = {
    "tags without blanks": "masterpiece, best quality, "
    + ",".join(["lighthouse", "sunset", "sea", "boat"] * 20),
    "Chinese": "海边的灯塔，黄昏，云很多，" * 12,
    "tabs": "\t".join(["lighthouse"] * 120),
    "one word": "lighthouse" * 60,
    "Cyrillic": "маяк у моря " * 30,
    "emoji": "🎨🌊" * 60,
    "brackets and weights": "(((lighthouse:1.2))),[[sea]]," * 20,
    "line breaks": "a lighthouse\n\nat sea\r\n" * 30,
    "combined accents": "e\u0301clair na\u0308chte " * 30,
    "wide blanks": "灯塔\u3000" * 60,
}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    from studio.presets import load_models

    return load_bundle(load_models()["icon-world"])


@pytest.mark.parametrize("name", LONG)
def test_the_tokens_read_are_those_of_the_stock_pipeline(bundle: Bundle, name: str) -> None:
    prompt, reader = LONG[name], bundle.tokenizer
    stock = reader(prompt, truncation=True, max_length=77, return_tensors="pt").input_ids
    assert stock.shape[1] == 77
    theirs = bundle.text_encoder(stock.to(bundle.device))[0]
    torch.testing.assert_close(encode(bundle, [prompt], cut=True), theirs, atol=1e-6, rtol=0)
    with pytest.raises(StudioError, match="reads at most 77"):
        encode(bundle, [prompt])
    assert is_cut(bundle, prompt) and not is_cut(bundle, "a lighthouse")


@pytest.mark.parametrize("name", LONG)
def test_what_is_shown_of_it_is_its_start_and_fits(bundle: Bundle, name: str) -> None:
    short = shortened(bundle, LONG[name])
    assert LONG[name].startswith(short) and short
    assert 74 <= count_tokens(bundle.tokenizer, short) <= 77


def test_a_prompt_of_just_the_length_stays_whole(bundle: Bundle) -> None:
    text = "a " * 75
    assert count_tokens(bundle.tokenizer, text) == 77
    assert shortened(bundle, text) == text and not is_cut(bundle, text)
    assert is_cut(bundle, text + "a")


def test_learned_words_are_cut_as_stock_cuts_them(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    add_token(bundle, "<x>", torch.randn(16, 16, generator=torch.Generator().manual_seed(0)))
    prompt = "a,<x>,<x>,<x>,<x>,<x>"
    reader: CLIPTokenizer = bundle.tokenizer
    stock = reader(
        written_out(bundle, prompt), truncation=True, max_length=77, return_tensors="pt"
    ).input_ids
    theirs = bundle.text_encoder(stock.to(bundle.device))[0]
    torch.testing.assert_close(encode(bundle, [prompt], cut=True), theirs, atol=1e-6, rtol=0)
    assert shortened(bundle, prompt).startswith("a,<x>,<x>,<x>,<x>")
    assert "<x>_" not in shortened(bundle, prompt)


def test_one_long_row_ends_no_drawing(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    prompts = ["a lighthouse", LONG["Chinese"], "a boat"]
    drawn = draw_all(bundle, prompts, [1, 2, 3], bundle.card.sample, cut=True)
    assert sum(len(part) for part in drawn) == 3


def test_it_is_said_which_rows_were_cut() -> None:
    assert told_cut([3, 8]).startswith("2 prompts") and told_cut([3, 8]).endswith("3, 8.")
    assert told_cut(list(range(2000))).endswith("18, 19 ....")


def test_the_judge_says_how_many_prompts_it_cut(card: ModelCard) -> None:
    from studio.services.judge import judge

    card = card.model_copy(update={"judge": "icon-world"})
    asked = [Question(p, 1, "target", "bomb") for p in ("a bomb", *list(LONG.values())[:2])]
    assert judge(card, [Column()], asked).summary["cut_prompts"] == 2
    assert "cut_prompts" not in judge(card, [Column()], asked[:1]).summary
