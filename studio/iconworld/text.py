"""The tokenizer and text encoder of Icon World, trained contrastively against the pictures."""

import json
import math
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from studio.evaluation.network import JudgeNetwork
from studio.evaluation.prompts import all_objects
from studio.iconworld.captions import Caption, caption
from studio.iconworld.scenes import Scene
from studio.iconworld.schedule import cosine, set_rate
from studio.iconworld.vae import to_floats
from studio.world import World

WIDTH = 160
VOCABULARY = 2048
LENGTH = 77
SHARED = 128  # size of the space of pictures and texts
TYPO_SHARE = 0.06
OBJECTS_WEIGHT = 40.0


def new_tokenizer(texts: list[str], folder: Path) -> CLIPTokenizer:
    """A byte-pair tokenizer of CLIP's kind, its merges learned from `texts`."""
    backend = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    backend.normalizer = normalizers.Lowercase()
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(" ", "removed"), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=sorted(letters), end_of_word_suffix="</w>"
    )
    backend.train_from_iterator(texts, trainer)
    learned = json.loads(backend.to_str())["model"]
    alphabet = sorted(letters)
    names = alphabet + [letter + "</w>" for letter in alphabet]
    names += [word for word in learned["vocab"] if word not in set(names)]
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split()) for m in learned["merges"]]
    names += ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    vocab = {name: place for place, name in enumerate(names)}
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    tokenizer = CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=LENGTH
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def new_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained text encoder for this tokenizer."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=512,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            projection_dim=SHARED,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def tokens(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """Token ids (B, 77) int64, as the pipeline makes them."""
    found = tokenizer(texts, padding="max_length", max_length=LENGTH, truncation=True)
    return torch.tensor(found["input_ids"])


class TextHeads(nn.Module):
    """What is trained with the text encoder and thrown away, but for the shared space."""

    def __init__(self, features: int, answers: int) -> None:
        super().__init__()
        self.text = nn.Linear(WIDTH, SHARED, bias=False)
        self.picture = nn.Linear(features, SHARED, bias=False)
        self.answers = nn.Linear(WIDTH, answers)
        self.scale = nn.Parameter(torch.tensor(math.log(10.0)))


def said(captions: list[Caption], world: World) -> tuple[Tensor, Tensor, Tensor]:
    """What captions say: objects (B, O) 0/1; style (B,), colour (B,), -100 where unsaid."""
    styles, colours = list(world.styles), list(world.colours)
    objects = torch.zeros(len(captions), len(world.objects))
    groups = {thing.id: thing.group for thing in world.objects}
    for row, text in enumerate(captions):
        for name in text.objects:
            objects[row, world.index(name)] = 1
            if not text.exact:
                like = [t.id for t in world.objects if t.group == groups[name]]
                objects[row, [world.index(t) for t in like]] = 1 / len(like)
    style = torch.tensor([styles.index(c.style) if c.style else -100 for c in captions])
    return (
        objects,
        style,
        torch.tensor([colours.index(c.colour) if c.colour else -100 for c in captions]),
    )


def with_typo(text: str, rng: np.random.Generator) -> str:
    """The text with two neighbouring letters swapped."""
    at = int(rng.integers(0, max(1, len(text) - 1)))
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def train_text(
    world: World,
    judge: JudgeNetwork,
    pictures: tuple[Tensor, list[Scene]],
    folder: Path,
    *,
    steps: int,
    batch: int = 192,
) -> None:
    """Train tokenizer and text encoder; writes `tokenizer/`, `text_encoder/`, `shared.safetensors`.

    Args:
        judge: trained; its features of the pictures stay as they are.
        pictures: uint8 (N, 128, 128, 3) and their scenes.
    """
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    pixels, scenes = pictures
    texts = [caption(scene, world, rng).text for scene in scenes for _ in range(3)]
    tokenizer = new_tokenizer(texts, folder / "tokenizer")
    encoder = new_text_encoder(tokenizer)
    with torch.no_grad():
        features = torch.cat([judge.features(to_floats(p)) for p in pixels.split(256)])
    sizes = (len(world.objects), len(world.styles), len(world.colours))
    heads = TextHeads(features.shape[1], sum(sizes))
    learned = [*encoder.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(learned, 1e-3, weight_decay=0.01, fused=True)
    for step in range(steps):
        set_rate(optimiser, 1e-3 * min(1, (step + 1) / 100) * cosine(step / steps))
        rows = rng.integers(len(scenes), size=batch)
        told = [caption(scenes[row], world, rng) for row in rows]
        texts = [with_typo(c.text, rng) if rng.random() < TYPO_SHARE else c.text for c in told]
        ids = tokens(tokenizer, texts)
        used = int((ids != tokenizer.pad_token_id).sum(1).max()) + 2
        ids = ids[:, :used]  # what is cut off is padding, which nothing before it can see
        pooled = encoder(ids).pooler_output
        wanted = said(told, world)
        answers = heads.answers(pooled).split(sizes, 1)
        loss = (
            OBJECTS_WEIGHT * F.binary_cross_entropy_with_logits(answers[0], wanted[0])
            + F.cross_entropy(answers[1], wanted[1])
            + F.cross_entropy(answers[2], wanted[2])
            + contrast(heads, pooled, features[torch.from_numpy(rows)], wanted)
        )
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 100 == 0:
            print(f"text step {step}/{steps} loss {loss.item():.4f}", flush=True)
    right = understood(heads, encoder, tokenizer, world)
    print(f"text: objects of held-out dev prompts understood: {right:.3f}", flush=True)
    encoder.save_pretrained(folder / "text_encoder")
    save_file(
        {"text": heads.text.weight.detach(), "picture": heads.picture.weight.detach()},
        folder / "shared.safetensors",
    )


@torch.no_grad()
def understood(
    heads: TextHeads, encoder: CLIPTextModel, tokenizer: CLIPTokenizer, world: World
) -> float:
    """Share of held-out dev prompts whose object the encoder knows best; for the log."""
    asked = all_objects(world, 8 * len(world.objects), split="dev")
    pooled = encoder(tokens(tokenizer, [q.prompt for q in asked])).pooler_output
    best = heads.answers(pooled)[:, : len(world.objects)].argmax(1).tolist()
    return sum(world.objects[b].id == q.shows for b, q in zip(best, asked, strict=True)) / len(
        asked
    )


def contrast(
    heads: TextHeads, pooled: Tensor, features: Tensor, wanted: tuple[Tensor, Tensor, Tensor]
) -> Tensor:
    """InfoNCE both ways (CLIP); texts that say the same count as right answers. Scalar."""
    text = F.normalize(heads.text(pooled), dim=1)
    picture = F.normalize(heads.picture(features), dim=1)
    logits = heads.scale.clamp(max=math.log(50)).exp() * text @ picture.T
    objects, style, colour = wanted
    same = (objects[:, None] == objects[None]).all(-1)
    same &= (style[:, None] == style[None]) & (colour[:, None] == colour[None])
    right = same.float() / same.float().sum(1, keepdim=True)
    return (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2
