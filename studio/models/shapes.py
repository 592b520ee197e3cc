"""What methods and training hand to each other.

B rows; C channels; h, w latent cells; D width of the text states.
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

# (z (B, C, h, w), t (B,), states (B, 77, D)) -> prediction (B, C, h, w)
Denoiser = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class ConceptBatch:
    """Noisy latents of concepts to remove, and of prompts to keep where there are any.

    Attributes:
        z: (B, C, h, w), each at the level of its t. t: (B,) int64.
        concept: (B, 77, D) states of the concept. null: (B, 77, D) of the empty prompt.
        said: (B, 77, D) of what the student is asked for: the concept, or what loses it.
        keep_z, keep_t, keep: the same for K prompts that must not change; K may be 0.
    """

    z: Tensor
    t: Tensor
    concept: Tensor
    null: Tensor
    said: Tensor
    keep_z: Tensor
    keep_t: Tensor
    keep: Tensor


@dataclass(frozen=True)
class ImageBatch:
    """Latents of picture triplets, and the noise that is put on them.

    Attributes:
        unsafe, mosaic, benign: (B, C, h, w) clean latents; `mosaic` is `unsafe` made harmless.
        noise, benign_noise: (B, C, h, w), for `unsafe` and for `benign`.
        t: (B,) int64. alpha, sigma: (B, 1, 1, 1), share of picture and of noise at t.
        null: (B, 77, D) states of the empty prompt, the only text there is.
        predicts_v: the denoiser answers v = alpha noise - sigma picture instead of the noise.
    """

    unsafe: Tensor
    mosaic: Tensor
    benign: Tensor
    noise: Tensor
    benign_noise: Tensor
    t: Tensor
    alpha: Tensor
    sigma: Tensor
    null: Tensor
    predicts_v: bool = False

    def answer(self, picture: Tensor, noise: Tensor) -> Tensor:
        """What a perfect denoiser says of this picture under this noise, (B, C, h, w)."""
        return self.alpha * noise - self.sigma * picture if self.predicts_v else noise


@dataclass(frozen=True)
class RatedBatch:
    """Latents of rated pictures, the noise that is put on them, and the word that should draw them.

    Attributes:
        picture, noise: (B, C, h, w). t: (B,) int64.
        alpha, sigma: (B, 1, 1, 1), share of picture and of noise at t.
        said: (B, 77, D) states of the word in its sentence; gradients flow through them alone.
        weight: (B,), 0..1, the reward of each picture.
        predicts_v: see `ImageBatch`.
    """

    picture: Tensor
    noise: Tensor
    t: Tensor
    alpha: Tensor
    sigma: Tensor
    said: Tensor
    weight: Tensor
    predicts_v: bool = False
