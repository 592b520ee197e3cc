"""Teach the text encoder sentences of several clauses; the denoiser stays what it is.

The denoiser attends to the states of a text as to a set, so the set has to be that of the plain
caption: what stands behind the sentence is compared place by place (`summary_loss`), and the states
of its words with those of the plain caption that are nearest (`set_loss`).
"""

import copy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer

from studio.iconworld.captions import plain_caption
from studio.iconworld.clauses import clauses, named_scene
from studio.iconworld.robust import disturbed, punctuated, summary_loss
from studio.iconworld.schedule import cosine, set_rate
from studio.iconworld.text import TYPO_SHARE, tokens, with_typo
from studio.world import World

CLAUSES = 0.5  # of the sentences; the others are `disturbed`, so that what was learned stays
SET_WEIGHT = 0.25
FULL_EVERY, BEHIND = 3, 6  # steps with all 77 places; places kept behind the longest text else
KEEP_EVERY, WARM = 250, 100


def retold(
    world: World, rng: np.random.Generator, foreign: tuple[str, ...], count: int
) -> tuple[list[str], list[str]]:
    """`count` sentences among foreign words, and the plain captions that say the same."""
    told: list[str] = []
    plains: list[str] = []
    for _ in range(count):
        scene = named_scene(world, rng)
        tell = clauses if rng.random() < CLAUSES else disturbed
        said, plain = tell(scene, world, rng, foreign)
        said = punctuated(said, rng)
        told.append(with_typo(said, rng) if rng.random() < TYPO_SHARE else said)
        plains.append(plain)
    return told, plains


def train_retold(
    world: World,
    folder: Path,
    foreign: tuple[str, ...],
    *,
    steps: int,
    batch: int = 64,
    rate: float = 2e-4,
    seed: int = 15,
    start: Path | None = None,
) -> CLIPTextModel:
    """Train the encoder in `folder` further, and write it back; `step-N` keeps what is between.

    Args:
        folder: holds `tokenizer/` and `text_encoder/`. The encoder, frozen, is the teacher.
        foreign: words that say nothing.
        start: a `step-N` to go on from; the teacher stays the encoder in `folder`.
    """
    torch.manual_seed(0)
    rng = np.random.default_rng(seed)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    teacher = CLIPTextModel.from_pretrained(folder / "text_encoder").float().eval()
    encoder = copy.deepcopy(teacher).train()
    if start is not None:
        encoder = CLIPTextModel.from_pretrained(start).float().train()
    teacher.requires_grad_(False)
    optimiser = torch.optim.AdamW(encoder.parameters(), rate, weight_decay=0.01, fused=True)
    end, warm = tokenizer.eos_token_id, min(WARM, max(1, steps // 10))
    for step in range(steps):
        set_rate(optimiser, rate * min(1, (step + 1) / warm) * cosine(step / steps))
        said, plains = retold(world, rng, foreign, batch)
        same = [plain_caption(named_scene(world, rng), world, rng).text for _ in range(batch // 4)]
        noisy, plain = tokens(tokenizer, [*said, *same]), tokens(tokenizer, [*plains, *same])
        if step % FULL_EVERY:
            used = int((noisy != end).sum(1).max()) + BEHIND
            noisy, plain = noisy[:, :used], plain[:, :used]
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                wanted = teacher(plain)
            found = encoder(noisy)
        behind = summary_loss(found, noisy, wanted, plain, end)
        states, aims = found.last_hidden_state.float(), wanted.last_hidden_state.float()
        sets = set_loss(states[:batch], noisy[:batch], aims[:batch], plain[:batch], end)
        held = F.mse_loss(states[batch:], aims[batch:])
        loss = behind + SET_WEIGHT * sets + held
        loss.backward()
        nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 50 == 0:
            parts = f"behind {behind.item():.4f} set {sets.item():.4f} held {held.item():.4f}"
            print(f"retell step {step}/{steps} {parts}", flush=True)
        if step and step % KEEP_EVERY == 0:
            encoder.save_pretrained(folder / f"step-{step}")
    encoder.eval().save_pretrained(folder / "text_encoder")
    return encoder


def set_loss(found: Tensor, noisy: Tensor, wanted: Tensor, plain: Tensor, end: int) -> Tensor:
    """Mean squared distance of each state to the nearest of the other text, both ways; scalar.

    Both ways: no word of the sentence may add what the caption does not say, and nothing that the
    caption says may be missing (Chamfer distance). States of words and of the first end token are
    compared; the padding is not.

    Args:
        found, wanted: states (B, L, D) of `noisy` and of `plain`.
        noisy, plain: token ids (B, L).
        end: the id of the end token, which is the padding too.
    """
    gaps = torch.cdist(found, wanted).square() / found.shape[-1]
    ours, theirs = _told(noisy, end), _told(plain, end)
    far = gaps.new_tensor(1e4)
    there = torch.where(theirs[:, None, :], gaps, far).amin(2)
    back = torch.where(ours[:, :, None], gaps, far).amin(1)
    return (there * ours).sum() / ours.sum() + (back * theirs).sum() / theirs.sum()


def _told(ids: Tensor, end: int) -> Tensor:
    """Where words stand, the start and the first end token included; bool (B, L)."""
    return (ids == end).cumsum(1) <= 1
