"""Prompts -> text states.

SDXL reads a prompt twice and wants a pooled state besides. Its states are kept in one tensor like
everybody's: the last row is the pooled state, filled up with zeros. So whatever holds, mixes or
repeats states need not know; `unpack` takes them apart where the denoiser is called.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import CLIPTokenizer

from studio.errors import StudioError
from studio.models.loading import Bundle
from studio.models.tokens import written_out


def count_tokens(tokenizer: CLIPTokenizer, prompt: str) -> int:
    """How many tokens the prompt takes, begin and end included; learned words written out."""
    return len(tokenizer(prompt, truncation=False, verbose=False)["input_ids"])


def shortened(bundle: Bundle, prompt: str) -> str:
    """The prompt without the words at its end that the model does not read.

    Published lists hold longer prompts; the stock pipeline cuts them, and so do their numbers.
    """
    most, words = int(bundle.tokenizer.model_max_length), prompt.split(" ")

    def count() -> int:
        return count_tokens(bundle.tokenizer, written_out(bundle, " ".join(words)))

    while len(words) > 1 and count() > most:
        words.pop()
    return " ".join(words)


@torch.no_grad()
def encode(bundle: Bundle, prompts: Sequence[str]) -> Tensor:
    """Text states of prompts, as the stock pipeline makes them; see `states_of`."""
    return states_of(bundle, prompts)


def states_of(bundle: Bundle, prompts: Sequence[str]) -> Tensor:
    """Text states of prompts, through which gradients may flow to learned words.

    Returns:
        (B, 77, D), on the model's device; (B, 78, D) for SDXL, see above.

    Raises:
        StudioError: a prompt is too long; nothing is cut off in silence.
    """
    first = bundle.text_encoder(_ids(bundle, bundle.tokenizer, prompts), output_hidden_states=True)
    if bundle.second is None:
        return first[0]
    ids = _ids(bundle, bundle.second.tokenizer, prompts)
    second = bundle.second.text_encoder(ids, output_hidden_states=True)
    words = torch.cat([first.hidden_states[-2], second.hidden_states[-2]], -1)
    pooled = F.pad(second.text_embeds, (0, words.shape[-1] - bundle.second.pooled_width))
    states = torch.cat([words, pooled[:, None]], 1)
    if bundle.second.zero_null:
        empty = torch.tensor([not prompt for prompt in prompts], device=states.device)
        states = states.masked_fill(empty[:, None, None], 0)
    return states


def unpack(bundle: Bundle, states: Tensor) -> tuple[Tensor, dict[str, Tensor] | None]:
    """States -> what the denoiser takes: (B, 77, D), and SDXL's further conditions or None."""
    if bundle.second is None:
        return states, None
    side = float(bundle.size_px)
    sizes = torch.tensor([side, side, 0.0, 0.0, side, side], device=states.device)
    return states[:, :-1], {
        "text_embeds": states[:, -1, : bundle.second.pooled_width],
        "time_ids": sizes.to(states.dtype).expand(len(states), -1),
    }


def _ids(bundle: Bundle, tokenizer: CLIPTokenizer, prompts: Sequence[str]) -> Tensor:
    most = int(tokenizer.model_max_length)
    whole = [written_out(bundle, prompt) for prompt in prompts]
    for prompt, text in zip(prompts, whole, strict=True):
        count = count_tokens(tokenizer, text)
        if count > most:
            raise StudioError(
                f"The prompt has {count} tokens and this model reads at most {most}: "
                f"{prompt[:60]!r} ...",
                f"Shorten it by about {count - most} words.",
            )
    found = tokenizer(whole, padding="max_length", max_length=most, return_tensors="pt")
    return found.input_ids.to(bundle.device)
