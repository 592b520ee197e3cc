"""The denoiser of Icon World: trained on cached latents with min-SNR weights."""

import os
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, distributed
from torch.nn import functional as F

from studio.iconworld.narrator import Narrate
from studio.iconworld.schedule import set_rate
from studio.iconworld.text import WIDTH

SNR_LIMIT = 5.0  # Hang et al., 2023, "Efficient Diffusion Training via Min-SNR Weighting"
UNCONDITIONAL = 0.1
TRAIN_STEPS = 1000
MEET_EVERY = 10  # steps between two averages of the weights, with several processes


def new_scheduler() -> DDIMScheduler:
    """Stable Diffusion's noise levels, drawn by DDIM from the noisiest one."""
    return DDIMScheduler(
        num_train_timesteps=TRAIN_STEPS,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="epsilon",
    )


def new_unet() -> UNet2DConditionModel:
    """An untrained denoiser: attention to itself and to the text at 8 x 8 and 4 x 4."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(64, 128, 224),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(1, 2, 4),
        cross_attention_dim=WIDTH,
        norm_num_groups=16,
    )


def train_unet(
    latents: Tensor,
    narrate: Narrate,
    null: Tensor,
    folder: Path,
    *,
    steps: int,
    peak: float,
    final_share: float,
    batch: int = 64,
) -> None:
    """Train the denoiser; goes on from the last checkpoint in `folder`.

    Without one, a finished denoiser in `folder/unet` is trained for `steps` more.

    Started by torchrun, its processes share each batch and average their weights now and then: on
    a CPU, one process a core is faster than one process with all cores.

    Args:
        latents: (N, 4, 16, 16), unit variance.
        narrate: text states of captions of these latents; see `studio.iconworld.narrator`.
        null: (77, WIDTH) states of the empty prompt.
        steps: of the whole training. peak: the highest learning rate.
        final_share: the last share of the steps in which the rate falls to zero.
    """
    rank, world = _together()
    torch.manual_seed(0)
    unet = new_unet().to(memory_format=torch.channels_last)
    unet.set_attn_processor(AttnProcessor())  # on a CPU a quarter faster than the fused kernel
    average = new_unet()
    optimiser = torch.optim.AdamW(
        unet.parameters(), peak, betas=(0.9, 0.99), weight_decay=0.01, fused=True
    )
    average.load_state_dict(unet.state_dict())
    first = _resume(folder / "last.pt", unet, average, optimiser)
    levels = new_scheduler().alphas_cumprod
    rng = torch.Generator().manual_seed(first * world + rank)
    teller = np.random.default_rng(first * world + rank)
    batch //= world
    began, losses = time.time(), []
    for step in range(first, steps):
        share = min(1.0, (steps - step) / (final_share * steps))
        set_rate(optimiser, peak * min(1, (step + 1) / 300) * share)
        rows = torch.randint(len(latents), (batch,), generator=rng)
        words = narrate(rows, teller)
        words[torch.rand(batch, generator=rng) < UNCONDITIONAL] = null
        t = _stratified(batch, rng)
        a = levels[t].view(-1, 1, 1, 1)
        noise = torch.randn(batch, 4, 16, 16, generator=rng)
        noisy = (a.sqrt() * latents[rows] + (1 - a).sqrt() * noise).contiguous(
            memory_format=torch.channels_last
        )
        with torch.autocast("cpu", torch.bfloat16):
            guess = unet(noisy, t, encoder_hidden_states=words).sample
        snr = levels[t] / (1 - levels[t])
        error = F.mse_loss(guess.float(), noise, reduction="none").mean((1, 2, 3))
        loss = (error * snr.clamp(max=SNR_LIMIT) / snr).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if world > 1 and step % MEET_EVERY == MEET_EVERY - 1:
            _meet(unet, world)
        _follow(average, unet, min(0.999, (1 + step) / (10 + step)))
        losses.append(loss.item())
        if rank:
            continue
        if step % 50 == 49:
            pace = (time.time() - began) / (step + 1 - first)
            print(
                f"unet step {step + 1}/{steps} loss {np.mean(losses[-50:]):.4f} {pace:.2f} s",
                flush=True,
            )
        if step % 250 == 249 or step + 1 == steps:
            _save(folder, step + 1, unet, average, optimiser)


def _together() -> tuple[int, int]:
    """This process's number and how many train together; each gets a core."""
    if "RANK" not in os.environ:
        return 0, 1
    distributed.init_process_group("gloo")
    rank = distributed.get_rank()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {rank % (os.cpu_count() or 1)})
    return rank, distributed.get_world_size()


@torch.no_grad()
def _meet(model: torch.nn.Module, world: int) -> None:
    """Replace the weights by their mean over the processes."""
    weights = list(model.parameters())
    flat = torch.cat([weight.reshape(-1) for weight in weights])
    distributed.all_reduce(flat)
    for weight, mean in zip(weights, flat.split([w.numel() for w in weights]), strict=True):
        weight.copy_(mean.view(weight.shape) / world)


def _stratified(batch: int, rng: torch.Generator) -> Tensor:
    places = (torch.arange(batch) + torch.rand(batch, generator=rng)) / batch
    return (places * TRAIN_STEPS).long().clamp(max=TRAIN_STEPS - 1)


@torch.no_grad()
def _follow(average: torch.nn.Module, model: torch.nn.Module, decay: float) -> None:
    mine: list[Tensor] = list(average.parameters())
    theirs: list[Tensor] = list(model.parameters())
    torch._foreach_lerp_(mine, theirs, 1 - decay)


def _resume(
    file: Path, unet: torch.nn.Module, average: torch.nn.Module, optimiser: torch.optim.Optimizer
) -> int:
    if not file.exists():
        if (file.parent / "unet").exists():
            unet.load_state_dict(
                UNet2DConditionModel.from_pretrained(file.parent / "unet").state_dict()
            )
            average.load_state_dict(unet.state_dict())
        return 0
    kept = torch.load(file, weights_only=True)
    unet.load_state_dict(kept["unet"])
    average.load_state_dict(kept["average"])
    optimiser.load_state_dict(kept["optimiser"])
    return int(kept["step"])


def _save(
    folder: Path,
    step: int,
    unet: torch.nn.Module,
    average: UNet2DConditionModel,
    optimiser: torch.optim.Optimizer,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "step": step,
        "unet": unet.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    torch.save(state, folder / "writing.pt")
    (folder / "writing.pt").replace(folder / "last.pt")
    average.save_pretrained(folder / "unet")
