"""The autoencoder of Icon World: 128 px pictures <-> 16 x 16 x 4 latents of unit variance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional as F

from studio.iconworld.schedule import cosine, set_rate

KL_WEIGHT = 1e-4
SQUARES_WEIGHT = 2.0


def new_vae() -> AutoencoderKL:
    """An untrained f8 autoencoder without attention, so that crops train it as pictures do."""
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(32, 64, 96, 96),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=2,
        sample_size=128,
        mid_block_add_attention=False,
        scaling_factor=1.0,
    )
    with torch.no_grad():  # start nearly without noise, or the first thousand steps learn nothing
        vae.quant_conv.weight[4:] = 0
        vae.quant_conv.bias[4:] = -6.0
    return vae


def to_floats(pixels: Tensor) -> Tensor:
    """uint8 (B, H, W, 3) -> float (B, 3, H, W) in -1..1, channels last."""
    floats = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
    return floats.contiguous(memory_format=torch.channels_last)


def picture_loss(back: Tensor, pictures: Tensor, edge_weight: float) -> tuple[Tensor, Tensor]:
    """L1 and squares of pixels, L1 of their edges.

    The squares make wrong hues count: with L1 alone a pink heart stayed orange.

    Args:
        back: what the decoder made of `pictures`, both (B, 3, H, W), -1..1.
        edge_weight: weight of the edges against the pixels.

    Returns:
        The loss, and its pixel part for the log; scalars.
    """
    pixel = F.l1_loss(back, pictures)
    edges = sum(F.l1_loss(back.diff(dim=axis), pictures.diff(dim=axis)) for axis in (2, 3))
    squares = SQUARES_WEIGHT * F.mse_loss(back, pictures)
    return pixel + squares + edge_weight * edges, pixel.detach()


def vae_loss(vae: AutoencoderKL, pictures: Tensor, stage: "Stage") -> tuple[Tensor, Tensor]:
    """`picture_loss` through the whole autoencoder, and a light pull of the latents to N(0, 1)."""
    posterior = vae.encode(pictures).latent_dist
    latents = posterior.sample()
    back = vae.decode(latents + stage.noise * torch.randn_like(latents)).sample.float()
    pull = posterior.kl().float().mean() / posterior.mean[0].numel()
    loss, pixel = picture_loss(back, pictures, stage.edge_weight)
    return loss + KL_WEIGHT * pull, pixel


def crops(pixels: Tensor, side: int, batch: int, seed: int) -> Iterator[Tensor]:
    """Random square crops, for ever; float (batch, 3, side, side)."""
    rng = torch.Generator().manual_seed(seed)
    last = pixels.shape[1] - side
    while True:
        rows = torch.randint(len(pixels), (batch,), generator=rng)
        tops, lefts = torch.randint(last + 1, (2, batch), generator=rng).tolist()
        yield to_floats(
            torch.stack(
                [
                    pixels[row, top : top + side, left : left + side]
                    for row, top, left in zip(rows.tolist(), tops, lefts, strict=True)
                ]
            )
        )


@dataclass(frozen=True)
class Stage:
    """A part of the training: crops of `side` px, `batch` of them a step.

    `noise` on the latents, in units of their spread, makes what differs little in the latents
    differ more: otherwise a denoiser's small errors turn a pink heart red.
    """

    side: int
    batch: int
    steps: int
    rate: float
    last_rate: float
    edge_weight: float
    noise: float = 0.0


STAGES = (
    Stage(side=64, batch=16, steps=1500, rate=5e-4, last_rate=3e-4, edge_weight=1.0),
    Stage(side=128, batch=8, steps=1800, rate=4e-4, last_rate=3e-6, edge_weight=0.5),
    Stage(side=128, batch=8, steps=1700, rate=4e-4, last_rate=3e-6, edge_weight=0.5, noise=0.1),
)


def train_vae(pixels: Tensor, folder: Path, first: int = 0) -> AutoencoderKL:
    """Train in stages and write the result into `folder`.

    A rate that falls matters: at a steady 5e-4 the error stood still at 0.10, and fell to 0.056
    within 120 steps once the rate went down.

    Args:
        pixels: uint8 (N, 128, 128, 3).
        folder: where the trained autoencoder goes.
        first: the stage to begin with; above 0 it goes on from what lies in `folder`.
    """
    torch.manual_seed(0)
    vae = AutoencoderKL.from_pretrained(folder) if first else new_vae()
    vae.to(memory_format=torch.channels_last)
    for number, stage in list(enumerate(STAGES))[first:]:
        batches = crops(pixels, stage.side, stage.batch, number)
        learned = list(vae.parameters())
        loss = partial(_next_loss, vae, batches, stage)
        for step in _train_stage(vae, stage, learned, loss):
            if step % 300 == 0:
                vae.save_pretrained(folder)
        whiten(vae, pixels[:1024])
        vae.save_pretrained(folder)
    return vae


def _next_loss(
    vae: AutoencoderKL, batches: Iterator[Tensor], stage: Stage
) -> tuple[Tensor, Tensor]:
    return vae_loss(vae, next(batches), stage)


def _train_stage(
    vae: AutoencoderKL,
    stage: Stage,
    learned: list[nn.Parameter],
    loss_of: Callable[[], tuple[Tensor, Tensor]],
) -> Iterator[int]:
    optimiser = torch.optim.AdamW(learned, lr=1.0, betas=(0.9, 0.99), weight_decay=0.0, fused=True)
    for step in range(stage.steps):
        rate = stage.last_rate + (stage.rate - stage.last_rate) * cosine(step / stage.steps)
        set_rate(optimiser, rate * min(1, (step + 1) / 100))
        with torch.autocast("cpu", torch.bfloat16):
            loss, pixel = loss_of()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 50 == 0:
            print(f"vae {stage.side} px {step}/{stage.steps} L1 {pixel.item():.4f}", flush=True)
        yield step + 1


@torch.no_grad()
def whiten(vae: AutoencoderKL, pixels: Tensor) -> None:
    """Fold the latents' mean and covariance into the two 1x1 convolutions around them.

    Afterwards each latent channel has mean 0, variance 1 and no correlation with the others, so
    `scaling_factor` is 1 and noise levels mean what they say.
    """
    means = encode(vae, pixels).movedim(1, -1).reshape(-1, 4).double()
    centre = means.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(means.T))
    white = (vectors * values.rsqrt()) @ vectors.T
    colour = torch.linalg.inv(white)
    into, out = vae.quant_conv, vae.post_quant_conv
    weight, bias = into.weight[:4, :, 0, 0].double(), into.bias[:4].double()
    into.weight[:4, :, 0, 0] = (white @ weight).float()
    into.bias[:4] = (white @ (bias - centre)).float()
    into.weight[4:] = 0
    into.bias[4:] = -10.0
    weight = out.weight[:, :, 0, 0].double()
    out.bias += (weight @ centre).float()
    out.weight[:, :, 0, 0] = (weight @ colour).float()


@torch.no_grad()
def encode(vae: AutoencoderKL, pixels: Tensor, batch: int = 64) -> Tensor:
    """Latent means of uint8 (N, H, W, 3) pictures; float (N, 4, H/8, W/8)."""
    return torch.cat(
        [vae.encode(to_floats(part)).latent_dist.mean.float() for part in pixels.split(batch)]
    )
