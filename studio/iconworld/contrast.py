"""Train the heads that say how well a picture of Icon World follows its prompt.

Pictures are read by the judge, prompts by the shipped text encoder; both stay as they are. The loss
is InfoNCE both ways (van den Oord et al., 2018, arXiv:1807.03748; Radford et al., 2021,
arXiv:2103.00020), in which every caption that is true of a picture counts as right, and pictures of
nothing belong to no caption.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer

from studio.evaluation.network import JudgeNetwork
from studio.evaluation.prompts import HELD_OUT, with_article
from studio.evaluation.quality.contrast_heads import ContrastHeads
from studio.evaluation.rates import wilson
from studio.hashes import short_sha256
from studio.iconworld.captions import Caption, caption
from studio.iconworld.judge import augment, shrink, spoil
from studio.iconworld.scenes import Scene
from studio.iconworld.schedule import cosine, set_rate
from studio.iconworld.text import TYPO_SHARE, tokens, with_typo
from studio.iconworld.vae import to_floats
from studio.records import Rate
from studio.world import World

SCENES, STEPS, BATCH, NOTHINGS = 8000, 1000, 192, 32
RATE, MOST_SCALE = 2e-3, 50.0
SPOILED, EMPTY = 1024, 512  # pictures of nothing: renders made unrecognisable, and blank ones
WRONG = 63  # captions against the right one


@dataclass(frozen=True)
class Reader:
    """The shipped tokenizer and text encoder, frozen."""

    tokenizer: CLIPTokenizer
    encoder: CLIPTextModel

    @torch.no_grad()
    def read(self, texts: list[str]) -> Tensor:
        """Pooled states (B, width)."""
        found = []
        for ids in tokens(self.tokenizer, texts).split(256):
            used = int((ids != self.tokenizer.pad_token_id).sum(1).max()) + 2
            found.append(self.encoder(ids[:, :used]).pooler_output.float())
        return torch.cat(found)


def truths(told: Sequence[Caption], scenes: Sequence[Scene], groups: dict[str, str]) -> Tensor:
    """Which captions are true of which scenes: they name all that is there and say nothing wrong.

    Args:
        groups: the group of each object; a caption that is not exact names groups.

    Returns:
        (captions, scenes), 0 or 1.
    """

    def table(words: Iterable[str]) -> NDArray[np.str_]:
        return np.array(list(words))

    def named(objects: tuple[str, ...], exact: bool) -> str:
        return "+".join(sorted(name if exact else groups[name] for name in objects))

    said = table(named(c.objects, c.exact) for c in told)[:, None]
    exact = np.array([c.exact for c in told])[:, None]
    things = table(named(s.objects, True) for s in scenes)
    kinds = table(named(s.objects, False) for s in scenes)
    right = np.where(exact, said == things, said == kinds)
    for words, shown in (
        (table(c.style for c in told), table(s.style for s in scenes)),
        (table(c.colour for c in told), table(s.colour for s in scenes)),
    ):
        right &= (words[:, None] == "") | (words[:, None] == shown)
    return torch.from_numpy(right).float()


def nothings(count: int, seed: int) -> Tensor:
    """Pictures that no caption is true of: one colour, or noise; (count, 3, 64, 64), -1..1."""
    rng = torch.Generator().manual_seed(seed)
    colour = torch.rand(count, 3, 1, 1, generator=rng) * 2 - 1
    noise = torch.randn(count, 3, 64, 64, generator=rng)
    share = (
        torch.rand(count, 1, 1, 1, generator=rng) * (torch.arange(count) % 2)[:, None, None, None]
    )
    return torch.lerp(colour.expand(-1, -1, 64, 64), noise, share).clamp(-1, 1)


@torch.no_grad()
def read_pictures(judge: JudgeNetwork, parts: Iterable[Tensor]) -> Tensor:
    """The judge's features of all parts; (N, 384)."""
    return torch.cat([judge.features(part).float() for part in parts])


def train_contrast(
    world: World,
    judge: JudgeNetwork,
    reader: Reader,
    pictures: tuple[Tensor, list[Scene]],
    steps: int,
    seed: int = 0,
) -> ContrastHeads:
    """Train the heads on renders.

    Args:
        judge, reader: frozen.
        pictures: uint8 (N, 128, 128, 3) and their scenes.
    """
    torch.manual_seed(seed)
    rng, noise = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    small, scenes = shrink(pictures[0]), pictures[1]
    groups = {thing.id: thing.group for thing in world.objects}
    mixed = (_half_augmented(part, noise) for part in small.split(256))
    spoiled = (spoil(to_floats(part), noise) for part in small[:SPOILED].split(256))
    with torch.autocast("cpu", torch.bfloat16):
        known = read_pictures(judge, mixed)
        empty = read_pictures(judge, [*spoiled, *nothings(EMPTY, seed).split(256)])
    heads = ContrastHeads(reader.encoder.config.hidden_size)
    optimiser = torch.optim.AdamW(heads.parameters(), RATE, weight_decay=0.01)
    for step in range(steps):
        set_rate(optimiser, RATE * min(1, (step + 1) / 50) * cosine(step / steps))
        rows = rng.choice(len(scenes), BATCH, replace=False)
        told = [caption(scenes[row], world, rng) for row in rows]
        texts = [with_typo(c.text, rng) if rng.random() < TYPO_SHARE else c.text for c in told]
        seen = known[torch.from_numpy(rows)]
        none = empty[torch.from_numpy(rng.integers(len(empty), size=NOTHINGS))]
        loss = info_nce(
            heads.texts(reader.read(texts)),
            heads.pictures(torch.cat([seen, none])),
            heads.scale.clamp(max=math.log(MOST_SCALE)).exp(),
            truths(told, [scenes[row] for row in rows], groups),
        )
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        if step % 100 == 0:
            print(f"contrast step {step}/{steps} loss {loss.item():.4f}", flush=True)
    return heads.eval()


def _half_augmented(pixels: Tensor, rng: torch.Generator) -> Tensor:
    pictures = to_floats(pixels)
    pictures[::2] = augment(pictures[::2], rng)
    return pictures


def info_nce(texts: Tensor, pictures: Tensor, scale: Tensor, right: Tensor) -> Tensor:
    """InfoNCE both ways with several right answers, averaged; scalar, >= 0.

    Args:
        texts: (B, S), pictures: (B + E, S), vectors of length 1; the last E show nothing.
        scale: the inverse temperature.
        right: (B, B) 0/1, whether text i is true of picture j; its diagonal is 1.
    """
    logits = scale * texts @ pictures.T
    count = len(texts)
    to_picture = F.pad(right, (0, len(pictures) - count)) / right.sum(1, keepdim=True)
    to_text = (right / right.sum(0, keepdim=True)).T
    by_text = F.cross_entropy(logits, to_picture)
    return (by_text + F.cross_entropy(logits[:, :count].T, to_text)) / 2


def held_out(scenes: Sequence[Scene], world: World, rng: np.random.Generator) -> list[str]:
    """A full prompt of each scene in wordings that no caption has."""
    templates = HELD_OUT["full"]["test"]
    told = []
    for scene in scenes:
        names = [with_article(world.objects[world.index(name)].name) for name in scene.objects]
        template = templates[int(rng.integers(len(templates)))]
        told.append(template.format(o=" and ".join(names), s=scene.style, c=scene.colour))
    return told


@torch.no_grad()
def retrieval(
    heads: ContrastHeads, features: Tensor, reader: Reader, scenes: list[Scene], world: World
) -> dict[str, Rate]:
    """How often the right prompt of a held-out render fits best.

    "of_64": against the prompts of 63 other scenes drawn at random. "object", "style", "ground":
    against the one prompt that is wrong in just this.

    Args:
        features: the judge's, of renders that training never saw (N, 384).
    """
    rng = np.random.default_rng(0)
    seen = heads.pictures(features)
    texts = heads.texts(reader.read(held_out(scenes, world, np.random.default_rng(0))))
    fits, best = seen @ texts.T, []
    for row, scene in enumerate(scenes):
        drawn = rng.permutation(len(scenes)).tolist()
        wrong = [other for other in drawn[: 4 * WRONG] if scenes[other] != scene][:WRONG]
        best.append(bool(fits[row, row] > fits[row, wrong].max()))
    found = {"of_64": wilson(sum(best), len(best))}
    for part in ("object", "style", "ground"):
        changed = [_changed(scene, part, world, rng) for scene in scenes]
        other = heads.texts(reader.read(held_out(changed, world, np.random.default_rng(0))))
        right = fits.diagonal() > (seen * other).sum(1)
        found[part] = wilson(int(right.sum()), len(scenes))
    return found


def _changed(scene: Scene, part: str, world: World, rng: np.random.Generator) -> Scene:
    def another(words: list[str], not_these: tuple[str, ...]) -> str:
        return str(rng.choice([word for word in words if word not in not_these]))

    if part == "object":
        thing = another([thing.id for thing in world.objects], scene.objects)
        return Scene((thing, *scene.objects[1:]), scene.style, scene.colour)
    if part == "style":
        return Scene(scene.objects, another(list(world.styles), (scene.style,)), scene.colour)
    return Scene(scene.objects, scene.style, another(list(world.colours), (scene.colour,)))


def save(
    heads: ContrastHeads, numbers: dict[str, Rate], folder: Path, made_of: Sequence[Path]
) -> None:
    """Write `contrast.safetensors` in half precision and `contrast.json` beside it.

    Args:
        made_of: the frozen weights that the heads fit; their hashes are kept.
    """
    weights = {n: value.detach().half().contiguous() for n, value in heads.state_dict().items()}
    save_file(weights, folder / "contrast.safetensors")
    about = {
        "id": "icon-world-contrast-0",
        "made_of": {f"{file.parent.name}/{file.name}": short_sha256(file) for file in made_of},
        "held_out": {name: asdict(rate) for name, rate in numbers.items()},
    }
    (folder / "contrast.json").write_text(json.dumps(about, indent=1) + "\n")
