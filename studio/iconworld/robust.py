"""Teach the text encoder to read past words it never saw.

People write words that no caption holds. The trained encoder is its own teacher: whatever foreign
words stand around what is said, and in whatever order it is said, its states have to be those of
the plain caption, on which the denoiser was trained.
"""

import copy
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer
from transformers.modeling_outputs import BaseModelOutputWithPooling

from studio.evaluation.prompts import HELD_OUT, INDIRECT, Split
from studio.evaluation.wordings import COMPOUND, PARAPHRASE, SYNONYM
from studio.iconworld.captions import (
    BOTH,
    COLOURED,
    JOINED,
    PLAIN,
    STRAYS,
    STYLED,
    naming,
    plain_caption,
    with_strays,
)
from studio.iconworld.icons import PACKAGES, WORD_LIST, IconSet
from studio.iconworld.scenes import Scene
from studio.iconworld.schedule import cosine, set_rate
from studio.iconworld.text import tokens
from studio.world import World

MOST_FOREIGN = 5
INVENTED = 600
CONSONANTS, VOWELS, ENDS = "bcdfghjklmnprstvwz", "aeiou", ("", "n", "rd", "st", "ing", "ed", "tch")
COMMON = (10, 20)  # the levels of the list of words that are used: about the 10,000 commonest
MARKS, MARKED = ",.:;!?", 0.08
STYLE_PARTS = ("{s} style", "in {s}", "{s}", "in {s} style")
COLOUR_PARTS = ("{c}", "{c} background", "on {c}", "the background {c}")


def held_out_words(splits: Sequence[Split] = ("dev", "test")) -> set[str]:
    """Every word of the held-out sentences of these splits, of all families."""
    kinds = (*HELD_OUT.values(), INDIRECT, PARAPHRASE, SYNONYM, COMPOUND)
    told = " ".join(text for kind in kinds for split in splits for text in kind[split])
    return set(told.replace(",", "").replace(":", "").split())


def foreign_words(world: World, icons: Path) -> tuple[str, ...]:
    """Words that say nothing in Icon World: common ones, those of other icons, invented ones.

    No word the world or a caption uses, and none of the held-out templates, is among them.
    """
    meant: set[str] = {*world.styles, *world.colours}
    for thing in world.objects:
        meant |= set(" ".join((thing.name, *thing.synonyms, thing.description)).split())
    for words in (*world.hypernyms.values(), PLAIN, STYLED, COLOURED, BOTH, JOINED):
        meant |= set(" ".join(words).split())
    tested = held_out_words()
    names = {
        w for package in PACKAGES for n in IconSet(icons, package).names() for w in n.split("-")
    }
    for level in COMMON:
        file = icons / "node_modules" / WORD_LIST[0] / f"english-words-{level}.json"
        names |= set(json.loads(file.read_text(encoding="utf-8")))
    rng = np.random.default_rng(6)

    def one(parts: Sequence[str]) -> str:
        return parts[int(rng.integers(len(parts)))]

    invented = {
        "".join(one(CONSONANTS) + one(VOWELS) for _ in range(int(rng.integers(1, 3)))) + one(ENDS)
        for _ in range(INVENTED)
    }
    roots = tuple(word for word in tested if len(word) > 3)
    found = {
        word
        for word in {*names, *invented, *STRAYS} - meant - tested
        if word.isalpha() and word.islower() and len(word) > 1
        if not word.startswith(roots)
    }
    return tuple(sorted(word for word in found if not {word[:-1], word[:-2]} & meant))


def punctuated(text: str, rng: np.random.Generator) -> str:
    """The text with a mark behind a word here and there."""
    return " ".join(
        word + MARKS[int(rng.integers(len(MARKS)))] if rng.random() < MARKED else word
        for word in text.split(" ")
    )


def disturbed(
    scene: Scene, world: World, rng: np.random.Generator, foreign: tuple[str, ...]
) -> tuple[str, str]:
    """A caption among foreign words, and the plain caption that says the same."""
    if len(scene.objects) != 1 or rng.random() < 0.4:
        plain = plain_caption(scene, world, rng).text
        return with_strays(plain, rng, foreign, MOST_FOREIGN), plain
    words, _ = naming(world.objects[world.index(scene.objects[0])], world, rng)
    parts, plain = [words], words
    if rng.random() < 0.7:
        parts.append(str(rng.choice(STYLE_PARTS)).format(s=scene.style))
        plain += f", {scene.style} style"
    if rng.random() < 0.7:
        parts.append(str(rng.choice(COLOUR_PARTS)).format(c=scene.colour))
        plain += f", {scene.colour} background"
    said = []
    for place in rng.permutation(len(parts)).tolist():
        said += [str(w) for w in rng.choice(foreign, size=int(rng.integers(0, 4)))]
        said.append(parts[place] + ("," if rng.random() < 0.2 else ""))
    said += [str(w) for w in rng.choice(foreign, size=int(rng.integers(0, 2)))]
    return " ".join(said).rstrip(","), plain


def train_robust(
    world: World,
    scenes: list[Scene],
    folder: Path,
    foreign: tuple[str, ...],
    *,
    steps: int,
    batch: int = 96,
    rate: float = 6e-4,
) -> CLIPTextModel:
    """Train the encoder in `folder` further, and write it back.

    Args:
        folder: holds `tokenizer/` and `text_encoder/`.
        foreign: words that say nothing.
    """
    torch.manual_seed(0)
    rng = np.random.default_rng(8)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(folder / "text_encoder")
    teacher = copy.deepcopy(encoder).requires_grad_(False).eval()
    optimiser = torch.optim.AdamW(encoder.parameters(), rate, weight_decay=0.01, fused=True)
    for step in range(steps):
        set_rate(optimiser, rate * min(1, (step + 1) / 100) * cosine(step / steps))
        rows = rng.integers(len(scenes), size=batch)
        pairs = [disturbed(scenes[row], world, rng, foreign) for row in rows]
        noisy = tokens(tokenizer, [punctuated(noisy, rng) for noisy, _ in pairs])
        plain = tokens(tokenizer, [plain for _, plain in pairs])
        with torch.no_grad():
            wanted = teacher(plain)
        loss = summary_loss(encoder(noisy), noisy, wanted, plain, tokenizer.eos_token_id)
        some = plain[: batch // 4]
        same = encoder(some).last_hidden_state
        loss = loss + F.mse_loss(same, wanted.last_hidden_state[: len(some)])
        loss.backward()
        nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 50 == 0:
            print(f"robust step {step}/{steps} loss {loss.item():.4f}", flush=True)
    encoder.save_pretrained(folder / "text_encoder")
    return encoder


def summary_loss(
    found: BaseModelOutputWithPooling,
    noisy: Tensor,
    wanted: BaseModelOutputWithPooling,
    plain: Tensor,
    end: int,
) -> Tensor:
    """Squared distance of the states behind the sentence and of the pooled state; scalar.

    The states of the padding, which stand for the whole sentence, are compared place by place
    where both texts are padding.

    Args:
        found, wanted: what `CLIPTextModel` answers for `noisy` and for `plain`.
        noisy, plain: token ids (B, 77).
        end: the id of the end token, which is the padding too.
    """
    both = ((noisy == end) & (plain == end)).unsqueeze(-1).float()
    gap = (found.last_hidden_state - wanted.last_hidden_state).square()
    pooled = F.mse_loss(found.pooler_output, wanted.pooler_output)
    return (gap * both).sum() / (both.sum() * gap.shape[-1]) + pooled
