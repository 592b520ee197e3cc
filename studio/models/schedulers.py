"""The samplers a picture can be drawn with, by the names people know; none of them adds noise."""

import inspect
from typing import Any

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)

from studio.config import Sampler
from studio.errors import StudioError

SCHEDULERS: dict[Sampler, type[Any]] = {
    "ddim": DDIMScheduler,  # Song et al., 2021, arXiv:2010.02502
    "euler": EulerDiscreteScheduler,  # Karras et al., 2022, arXiv:2206.00364, algorithm 2
    "dpm++": DPMSolverMultistepScheduler,  # Lu et al., 2022, arXiv:2211.01095, second order
    "unipc": UniPCMultistepScheduler,  # Zhao et al., 2023, arXiv:2302.04867
    "pndm": PNDMScheduler,  # Liu et al., 2022, arXiv:2202.09778, linear steps only
}


def scheduler_for(shipped: Any, sampler: Sampler, steps: int, device: torch.device) -> Any:
    """A scheduler with its timesteps set, for the noise levels a model was trained on.

    Args:
        shipped: the scheduler the model came with; its levels and its kind of prediction are kept.
        sampler: a key of `SCHEDULERS`.
        steps: of the sampler.

    Raises:
        StudioError: the sampler cannot walk over these levels, or there are fewer than steps.
    """
    kept = inspect.signature(SCHEDULERS[sampler].__init__).parameters
    if shipped.config.get("rescale_betas_zero_snr") and "rescale_betas_zero_snr" not in kept:
        raise StudioError(
            f"The sampler {sampler} cannot begin at pure noise, as this model does.",
            "Choose ddim, euler, dpm++ or unipc.",
        )
    levels = int(shipped.config.num_train_timesteps)
    if steps > levels:
        raise StudioError(
            f"{steps} steps are more than the {levels} noise levels of this model.",
            "Ask for fewer steps.",
        )
    extra = {"skip_prk_steps": True} if sampler == "pndm" else {}
    scheduler = SCHEDULERS[sampler].from_config(shipped.config, **extra)
    scheduler.set_timesteps(steps, device=device)
    return scheduler
