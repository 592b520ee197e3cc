"""Prompts -> text states."""

from collections.abc import Sequence

import torch
from torch import Tensor

from studio.errors import StudioError
from studio.models.loading import Bundle


def count_tokens(bundle: Bundle, prompt: str) -> int:
    """How many tokens the prompt takes, begin and end included."""
    return len(bundle.tokenizer(prompt, truncation=False, verbose=False)["input_ids"])


@torch.no_grad()
def encode(bundle: Bundle, prompts: Sequence[str]) -> Tensor:
    """Text states of prompts, as the stock pipeline makes them.

    Returns:
        (B, 77, D), on the model's device.

    Raises:
        StudioError: a prompt is too long; nothing is cut off in silence.
    """
    most = int(bundle.tokenizer.model_max_length)
    for prompt in prompts:
        count = count_tokens(bundle, prompt)
        if count > most:
            raise StudioError(
                f"The prompt has {count} tokens and this model reads at most {most}: "
                f"{prompt[:60]!r} ...",
                f"Shorten it by about {count - most} words.",
            )
    ids = bundle.tokenizer(
        list(prompts), padding="max_length", max_length=most, return_tensors="pt"
    ).input_ids
    return bundle.text_encoder(ids.to(bundle.device))[0]
