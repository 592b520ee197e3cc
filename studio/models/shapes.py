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
        keep_z, keep_t, keep: the same for K prompts that must not change; K may be 0.
    """

    z: Tensor
    t: Tensor
    concept: Tensor
    null: Tensor
    keep_z: Tensor
    keep_t: Tensor
    keep: Tensor
