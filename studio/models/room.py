"""Whether what a training wants fits into memory, asked before it is taken."""

import psutil
import torch

from studio.errors import StudioError

GB = 1e9
FLOAT = 4  # bytes of a number in single precision


def must_fit_full_weights(numbers: int, views: int, device: torch.device) -> None:
    """Refuse full weights for which there is no room.

    Counted, beside the model that is there already: the weights of each view; of the one that is
    trained the gradient and two averages of the optimiser. The difference that is saved takes the
    room of the gradient, which is gone then. What a step keeps of the layers comes on top.

    Args:
        numbers: of each view.

    Raises:
        StudioError: more is wanted than is free.
    """
    wanted, free = FLOAT * numbers * (views + 3), free_bytes(device)
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
