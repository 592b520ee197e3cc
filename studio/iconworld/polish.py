"""The decoder's last lesson: crisp pictures from latents as the denoiser leaves them."""

from collections.abc import Callable, Iterator

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from studio.evaluation.quality.backbone import distances
from studio.iconworld.critic import Critic, critic_loss, fooling_loss
from studio.iconworld.schedule import cosine, set_rate
from studio.iconworld.vae import crops, picture_loss, to_floats

Features = Callable[[Tensor], list[Tensor]]
SIDE_PX, HALF = 128, 4
RATE, LAST_RATE, CRITIC_RATE = 2e-4, 3e-6, 4e-4
EDGE_WEIGHT, NOISE = 0.5, 0.2
FOOLING = 0.5  # length of the critic's gradient, against that of the other losses
CRITIC_ALONE = 100  # steps in which the critic learns and the decoder's wish to fool it is off


def polish_decoder(
    vae: AutoencoderKL,
    pixels: Tensor,
    features: Features,
    widths: tuple[int, ...],
    drawn: tuple[Tensor, Tensor],
    steps: int,
) -> Iterator[int]:
    """Train the decoder further while the latents stay what they are; yields the step.

    Half of each batch are latents that the denoiser drew again, so that the decoder learns to draw
    clean edges from what the denoiser gets slightly wrong; the other half are encoded pictures
    with a little noise. Pixels, edges and looks are to be those of the picture, and a critic is to
    take the result for a render (as in Esser et al., 2021, arXiv:2012.09841, whose balance of the
    two gradients is taken here at the picture instead of at the last layer).

    Args:
        vae: trained and whitened.
        pixels: uint8 (N, 128, 128, 3).
        features: maps of features of a batch of pictures; see
            `studio.evaluation.quality.backbone`.
        widths: channels of these maps.
        drawn: places in `pixels` (M,) int64, and latents of these pictures as the denoiser drew
            them again (M, 4, 16, 16); see `studio.iconworld.redraw`.
    """
    rng = torch.Generator().manual_seed(9)
    torch.manual_seed(9)
    critic = Critic(widths)
    learned = [*vae.post_quant_conv.parameters(), *vae.decoder.parameters()]
    hand = torch.optim.AdamW(learned, RATE, betas=(0.5, 0.99), weight_decay=0.0, fused=True)
    eye = torch.optim.AdamW(critic.parameters(), CRITIC_RATE, betas=(0.5, 0.99), fused=True)
    batches = crops(pixels, SIDE_PX, HALF, 9)
    for step in range(steps):
        set_rate(hand, (LAST_RATE + RATE * cosine(step / steps)) * min(1, (step + 1) / 100))
        latents, pictures = _batch(vae, batches, pixels, drawn, rng)
        with torch.autocast("cpu", torch.bfloat16):
            back = vae.decode(latents).sample.float()
        shown = back.detach().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                wanted = features(pictures)
            found = features(shown)
            loss, pixel = picture_loss(shown, pictures, EDGE_WEIGHT)
            loss = loss + distances(found, wanted).mean()
            fool = fooling_loss(critic, found)
        true = torch.autograd.grad(loss, shown, retain_graph=True)[0]
        crisp = torch.autograd.grad(fool, shown)[0]
        share = FOOLING * min(1, max(0, step - CRITIC_ALONE) / CRITIC_ALONE)
        back.backward(true + share * crisp * true.norm() / crisp.norm().clamp(min=1e-12))
        nn.utils.clip_grad_norm_(learned, 1.0)
        hand.step()
        hand.zero_grad()
        told = critic_loss(critic, found, wanted)
        eye.zero_grad()
        told.backward()
        eye.step()
        if step % 50 == 0:
            print(f"polish {step}/{steps} L1 {pixel:.4f} critic {told.item():.3f}", flush=True)
        yield step + 1


@torch.no_grad()
def _batch(
    vae: AutoencoderKL,
    batches: Iterator[Tensor],
    pixels: Tensor,
    drawn: tuple[Tensor, Tensor],
    rng: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Latents (2 * HALF, 4, 16, 16) and the pictures they stand for."""
    pictures = next(batches)
    latents = vae.encode(pictures).latent_dist.mean.float()
    noise = torch.randn(latents.shape, generator=rng)
    share = torch.rand(HALF, 1, 1, 1, generator=rng) * NOISE
    picked = torch.randint(len(drawn[0]), (HALF,), generator=rng)
    latents = torch.cat([latents + share * noise, drawn[1][picked]])
    return latents, torch.cat([pictures, to_floats(pixels[drawn[0][picked]])])
