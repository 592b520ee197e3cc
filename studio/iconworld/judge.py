"""Train the judge of Icon World on renders and augmentations of renders, nothing else."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from studio.evaluation.judge import NETWORKS
from studio.evaluation.network import INPUT_PX, JudgeNetwork
from studio.iconworld.scenes import Scene, paint
from studio.iconworld.schedule import cosine, set_rate
from studio.iconworld.vae import to_floats
from studio.models.loading import choose_device
from studio.models.whole import fill, tensors_of
from studio.world import World

NONE_SHARE = 0.15  # of each batch shows nothing the world names
SPOILED_SHARE = 0.06  # of each batch is a render made unrecognisable: its answer is "none"


def targets(scenes: list[Scene], world: World) -> tuple[Tensor, Tensor, Tensor]:
    """Objects (N, O) 0/1 float; style (N,) and colour (N,) int64, -100 where there is none."""
    styles, colours = list(world.styles), list(world.colours)
    objects = torch.zeros(len(scenes), len(world.objects))
    for row, scene in enumerate(scenes):
        for name in scene.objects:
            objects[row, world.index(name)] = 1
    style = torch.tensor([styles.index(s.style) if s.style else -100 for s in scenes])
    return objects, style, torch.tensor([colours.index(s.colour) for s in scenes])


def others(
    world: World, icons: list[np.ndarray], count: int, seed: int
) -> tuple[np.ndarray, list[Scene]]:
    """Pictures of things the world has no name for, and of nothing at all."""
    rng = np.random.default_rng(seed)
    pixels, scenes = [], []
    for _ in range(count):
        colour = str(rng.choice(list(world.colours)))
        size = 0 if rng.random() < 0.1 else int(rng.choice([1, 1, 1, 2]))
        picked = [icons[i] for i in rng.integers(len(icons), size=size)]
        pixels.append(paint(picked, world.colours[colour], rng))
        scenes.append(Scene((), "", colour))
    return np.stack(pixels), scenes


def shrink(pixels: Tensor) -> Tensor:
    """uint8 (N, H, W, 3) -> uint8 (N, INPUT_PX, INPUT_PX, 3), by area as the network does."""
    parts = [
        F.interpolate(part.permute(0, 3, 1, 2).float(), (INPUT_PX, INPUT_PX), mode="area")
        for part in pixels.split(512)
    ]
    return torch.cat([part.round().byte().permute(0, 2, 3, 1) for part in parts])


def augment(pictures: Tensor, rng: torch.Generator) -> Tensor:
    """Shift, light, contrast, blur, noise and holes; labels stay true. (B, 3, H, W) -> same."""
    count, side = len(pictures), pictures.shape[-1]

    def uniform(low: float, high: float) -> Tensor:
        share = torch.rand(count, 1, 1, 1, generator=rng, device=pictures.device)
        return share * (high - low) + low

    turn = uniform(-0.1, 0.1).flatten()
    scale = uniform(0.92, 1.12).flatten()
    matrix = torch.stack(
        [
            torch.stack([turn.cos() * scale, -turn.sin(), uniform(-0.08, 0.08).flatten()], 1),
            torch.stack([turn.sin(), turn.cos() * scale, uniform(-0.08, 0.08).flatten()], 1),
        ],
        1,
    )
    grid = F.affine_grid(matrix, list(pictures.shape), align_corners=False)
    moved = F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    lit = moved * uniform(0.9, 1.1) + uniform(-0.06, 0.06)
    small = F.interpolate(lit, scale_factor=0.5, mode="area")
    soft = F.interpolate(small, (side, side), mode="bilinear")
    mixed = torch.lerp(lit, soft, uniform(0, 1.2).clamp(max=1))
    noise = torch.randn(mixed.shape, generator=rng, device=mixed.device) * uniform(0, 0.06)
    return (mixed + noise).clamp(-1, 1)


def spoil(pictures: Tensor, rng: torch.Generator) -> Tensor:
    """Make renders unrecognisable: shuffled tiles or a blur too strong to see through."""
    count, side = len(pictures), pictures.shape[-1]
    tiles = F.unfold(pictures, side // 4, stride=side // 4)
    chance = partial(torch.rand, generator=rng, device=pictures.device)
    order = chance(count, 1, 16).argsort(-1).expand_as(tiles)
    shuffled = F.fold(tiles.gather(2, order), (side, side), side // 4, stride=side // 4)
    blurred = F.interpolate(
        F.interpolate(pictures, (5, 5), mode="area"), (side, side), mode="bicubic"
    )
    pick = chance(count, 1, 1, 1) < 0.5
    return torch.where(pick, shuffled, blurred)


def train_judge(
    world: World,
    known: tuple[Tensor, list[Scene]],
    unknown: tuple[Tensor, list[Scene]],
    folder: Path,
    *,
    steps: int,
    seed: int = 0,
    batch: int = 64,
    network: str = "residual",
    start: Path | None = None,
    rate: float = 3e-3,
) -> JudgeNetwork:
    """Train on uint8 pictures, on the GPU where there is one, and write `judge.safetensors` and
    `judge.json` into `folder`.

    Args:
        start: folder of a judge to go on from.
        rate: highest learning rate.
    """
    device = choose_device()[0]
    torch.manual_seed(seed)
    rng = torch.Generator(device).manual_seed(seed)
    seen, strange = shrink(known[0]).to(device), shrink(unknown[0]).to(device)
    net = NETWORKS[network](len(world.objects), len(world.styles), len(world.colours)).to(device)
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if start is not None:
        fill(net, tensors_of(start / "judge.safetensors"), "judge.safetensors")
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.02, fused=True)
    labels, free = (
        [part.to(device) for part in targets(scenes, world)] for scenes in (known[1], unknown[1])
    )
    few, some = round(batch * NONE_SHARE), round(batch * SPOILED_SHARE)
    for step in range(steps):
        set_rate(optimiser, rate * min(1, (step + 1) / 100) * cosine(step / steps))
        rows = torch.randint(len(known[0]), (batch - few,), generator=rng, device=device)
        free_rows = torch.randint(len(unknown[0]), (few,), generator=rng, device=device)
        pictures = augment(to_floats(torch.cat([seen[rows], strange[free_rows]])), rng)
        pictures[:some] = spoil(pictures[:some], rng)
        wanted = [torch.cat([a[rows], b[free_rows]]) for a, b in zip(labels, free, strict=True)]
        wanted[0][:some], wanted[1][:some], wanted[2][:some] = 0, -100, -100
        with torch.autocast(device.type, torch.bfloat16):
            logits = [part.float() for part in net(pictures)]
        loss = judge_loss(logits, wanted)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        if step % 100 == 0:
            print(f"judge step {step}/{steps} loss {loss.item():.4f}", flush=True)
    net.cpu().eval()
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.half().contiguous() for name, value in net.state_dict().items()}
    save_file(weights, folder / "judge.safetensors")
    order = {"objects": [thing.id for thing in world.objects], "styles": list(world.styles)}
    about = {
        "id": f"icon-world-judge-{seed}",
        **order,
        "colours": list(world.colours),
        "seed": seed,
        "network": network,
    }
    (folder / "judge.json").write_text(json.dumps(about, indent=1) + "\n")
    return net


def judge_loss(logits: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Binary cross-entropy of objects and none, cross-entropy of style and colour; scalar."""
    objects, style, colour = wanted
    none = (objects.sum(1, keepdim=True) == 0).float()
    return (
        F.binary_cross_entropy_with_logits(logits[0], objects) * 20
        + F.binary_cross_entropy_with_logits(logits[1], none)
        + F.cross_entropy(logits[2], style)
        + F.cross_entropy(logits[3], colour)
    )
