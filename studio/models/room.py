"""Whether what a training wants fits into memory, asked before it is taken."""

from collections.abc import Iterable

import psutil
import torch
from torch import nn

from studio.errors import StudioError

GB = 1e9
FLOAT = 4  # bytes of a number in single precision


def must_fit_full_weights(layers: Iterable[nn.Linear | nn.Conv2d], device: torch.device) -> None:
    """Refuse full weights of layers for which there is no room.

    Each change B stands beside an identity as wide as the layer's input, which for convolutions is
    far larger than the weights. Counted: identity and change, and both again while they are saved;
    the gradient of the change and two averages of the optimiser.

    Raises:
        StudioError: more is wanted than is free.
    """
    identities = changes = 0
    for layer in layers:
        changes += layer.weight.numel()
        identities += layer.weight[0].numel() ** 2
    wanted, free = FLOAT * (2 * identities + 5 * changes), free_bytes(device)
    if wanted > free:
        raise StudioError(
            f"Training full weights of these layers takes {wanted / GB:.1f} GB of memory, "
            f"{free / GB:.1f} GB are free.",
            "Train a LoRA, choose cross-attention alone, or use a machine with more memory.",
        )


def free_bytes(device: torch.device) -> int:
    """Memory that is free on a device; the machine's own for a CPU."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)
