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
from studio.models.tokens import split_at_tokens, written_out


def count_tokens(tokenizer: CLIPTokenizer, prompt: str) -> int:
    """How many tokens the prompt takes, begin and end included; learned words written out."""
    return len(tokenizer(prompt, truncation=False, verbose=False)["input_ids"])


def is_cut(bundle: Bundle, prompt: str) -> bool:
    """Whether the model reads only the start of a prompt."""
    text = written_out(bundle, prompt)
    both = (
        [bundle.tokenizer] if bundle.second is None else [bundle.tokenizer, bundle.second.tokenizer]
    )
    return any(count_tokens(reader, text) > int(reader.model_max_length) for reader in both)


def shortened(bundle: Bundle, prompt: str) -> str:
    """The start of the prompt that the model reads, for showing it; a learned word stays whole.

    Cut between letters of any script, where the stock pipeline cuts between tokens. Drawing reads
    the tokens themselves, see `encode`: a token may be a part of a letter.
    """
    text, most = written_out(bundle, prompt), int(bundle.tokenizer.model_max_length)
    if count_tokens(bundle.tokenizer, text) <= most:
        return prompt
    places = bundle.tokenizer(text, truncation=True, return_offsets_mapping=True)["offset_mapping"]
    room, read = max(end for _, end in places), ""
    for piece in split_at_tokens(bundle, prompt):
        length = len(written_out(bundle, piece))
        if length > room:
            read += "" if piece in bundle.tokens else piece[:room]
            break
        room, read = room - length, read + piece
    while read and count_tokens(bundle.tokenizer, written_out(bundle, read)) > most:
        read = read[:-1]  # half a word or letter may take more tokens by itself
    return read.rstrip()


@torch.no_grad()
def encode(bundle: Bundle, prompts: Sequence[str], *, cut: bool = False) -> Tensor:
    """Text states of prompts, as the stock pipeline makes them; see `states_of`."""
    return states_of(bundle, prompts, cut=cut)


def states_of(bundle: Bundle, prompts: Sequence[str], *, cut: bool = False) -> Tensor:
    """Text states of prompts, through which gradients may flow to learned words.

    Args:
        cut: read the first tokens of a prompt that is too long (75, begin and end besides), as the
            stock pipeline does and published numbers have it. Otherwise it is refused.

    Returns:
        (B, 77, D), on the model's device; (B, 78, D) for SDXL, see above.

    Raises:
        StudioError: a prompt is too long, and `cut` is not set; nothing is cut off in silence.
    """
    first = bundle.text_encoder(
        _ids(bundle, bundle.tokenizer, prompts, cut), output_hidden_states=True
    )
    if bundle.second is None:
        return first[0]
    ids = _ids(bundle, bundle.second.tokenizer, prompts, cut)
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


def refuse_long(bundle: Bundle, prompts: Sequence[str]) -> None:
    """Raises:
    StudioError: the model would read only the start of one of these.
    """
    for reader in (bundle.tokenizer, *([bundle.second.tokenizer] if bundle.second else [])):
        _refuse_long(bundle, reader, prompts)


def _refuse_long(bundle: Bundle, tokenizer: CLIPTokenizer, prompts: Sequence[str]) -> None:
    most = int(tokenizer.model_max_length)
    for prompt in prompts:
        count = count_tokens(tokenizer, written_out(bundle, prompt))
        if count > most:
            raise StudioError(
                f"The prompt has {count} tokens and this model reads at most {most}: "
                f"{prompt[:60]!r} ...",
                f"Shorten it by {count - most} tokens; most words are one or two.",
            )


def _ids(bundle: Bundle, tokenizer: CLIPTokenizer, prompts: Sequence[str], cut: bool) -> Tensor:
    most = int(tokenizer.model_max_length)
    whole = [written_out(bundle, prompt) for prompt in prompts]
    if not cut:
        _refuse_long(bundle, tokenizer, prompts)
    found = tokenizer(
        whole, padding="max_length", max_length=most, truncation=True, return_tensors="pt"
    )
    return found.input_ids.to(bundle.device)
