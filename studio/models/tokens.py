"""Learned words: textual-inversion files in and out, and their place in the text encoder.

The format is that of diffusers: one tensor (V, D) under the token's name. A word of V vectors is
read as V tokens, `<name> <name>_1 ...`, as `load_textual_inversion` of stock diffusers reads it.
"""

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from studio import durable
from studio.config import Token
from studio.errors import StudioError
from studio.models.adapter_files import ABOUT
from studio.models.loading import Bundle
from studio.models.tensor_files import pieces
from studio.models.weights import FLOATS, read_header

LARGEST = 1e4  # learned words lie within 10; the squares of larger ones overflow half precision
MOST_VECTORS = 75  # a prompt of 77 tokens without its two ends


def save_token(file: Path, name: str, vectors: Tensor, about: dict[str, object]) -> None:
    """Write a token that `pipe.load_textual_inversion` of stock diffusers loads.

    Args:
        vectors: (V, D). about: what was done, kept in the file's header under "safeguard_studio".
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    header = {"format": "pt", ABOUT: json.dumps(about)}
    durable.write_bytes(file, pieces({name: vectors.detach().float()}, header))


def read_token(file: Path) -> Tensor:
    """The vectors (V, D) of a token's file.

    Raises:
        StudioError: there is no such file, or it holds no token.
    """
    if not os.path.exists(file):  # False for a name that no disk can hold
        raise StudioError(
            f"There is no token at {file}.", "Choose a finished inversion, or another file."
        )
    kinds = [kind for kind, _ in read_header(file).tensors.values()]
    if len(kinds) != 1 or kinds[0] not in FLOATS:
        raise _no_token(file)
    (vectors,) = load_file(file).values()
    if not bool(torch.isfinite(vectors).all()):
        raise StudioError(
            f"{file.name} holds numbers that are not finite.", "Train it again, or get another."
        )
    if vectors.ndim == 1:
        vectors = vectors[None]
    if vectors.ndim != 2 or not vectors.numel():
        raise _no_token(file)
    if len(vectors) > MOST_VECTORS:
        raise StudioError(
            f"{file.name} holds a word of {len(vectors)} vectors; a prompt has room for "
            f"{MOST_VECTORS}.",
            "Choose a token with fewer vectors.",
        )
    largest = float(vectors.abs().max())
    if largest > LARGEST:
        raise StudioError(
            f"{file.name} holds numbers as large as {largest:.0e}, with which no text encoder can "
            "reckon.",
            "Train it again, or get another.",
        )
    return vectors


def _no_token(file: Path) -> StudioError:
    return StudioError(
        f"{file.name} holds no token.",
        "Choose a textual-inversion .safetensors file, with one word in it.",
    )


def learn(bundle: Bundle, tokens: Iterable[Token]) -> None:
    """Teach a model the tokens of these files; one that it knows already is replaced.

    Raises:
        StudioError: see `read_token` and `add_token`.
    """
    for token in tokens:
        add_token(bundle, token.name, read_token(Path(token.file)))


@torch.no_grad()
def add_token(bundle: Bundle, name: str, vectors: Tensor) -> list[int]:
    """Put a word's vectors into the text encoder.

    Args:
        name: with its brackets. vectors: (V, D).

    Returns:
        The V ids of its tokens.

    Raises:
        StudioError: the model reads with two text encoders, or its vectors are of another length.
    """
    if bundle.second is not None:
        raise StudioError(
            f"{bundle.card.title.en} reads prompts twice, and learned tokens know one reader.",
            "Choose a model of the Stable Diffusion 1 or 2 family.",
        )
    width = int(bundle.text_encoder.get_input_embeddings().weight.shape[1])
    if vectors.shape[1] != width:
        raise StudioError(
            f"The token {name} has vectors of length {vectors.shape[1]}, this model of {width}.",
            "Choose a token that was learned on the same base model.",
        )
    parts = _parts(name, len(vectors))
    bundle.tokenizer.add_tokens(parts)
    ids: list[int] = bundle.tokenizer.convert_tokens_to_ids(parts)
    rows = bundle.text_encoder.get_input_embeddings().weight
    if max(ids) >= len(rows):
        bundle.text_encoder.resize_token_embeddings(max(ids) + 1, mean_resizing=False)
        rows = bundle.text_encoder.get_input_embeddings().weight
        bundle.text_encoder.requires_grad_(False)
    rows[ids] = vectors.to(rows)
    bundle.tokens[name] = len(vectors)
    return ids


def written_out(bundle: Bundle, prompt: str) -> str:
    """The prompt with every part of each learned word, as stock diffusers reads it."""
    for name, count in bundle.tokens.items():
        if count > 1:
            prompt = prompt.replace(name, " ".join(_parts(name, count)))
    return prompt


def split_at_tokens(bundle: Bundle, prompt: str) -> list[str]:
    """The prompt in pieces: learned words of several vectors, and what stands between them."""
    names = [re.escape(name) for name, count in bundle.tokens.items() if count > 1]
    return re.split(f"({'|'.join(names)})", prompt) if names else [prompt]


def _parts(name: str, count: int) -> list[str]:
    return [name, *(f"{name}_{place}" for place in range(1, count))]


@torch.no_grad()
def word_vectors(bundle: Bundle, word: str, count: int) -> Tensor:
    """Vectors at which a token may start: those of a word's pieces in turn; their mean for one.

    Returns:
        (count, D).
    """
    ids = bundle.tokenizer(word, add_special_tokens=False)["input_ids"]
    pieces = bundle.text_encoder.get_input_embeddings().weight[ids].float()
    if count == 1:
        return pieces.mean(0, keepdim=True)
    return pieces[[place % len(pieces) for place in range(count)]].clone()


def read_from(bundle: Bundle, ids: list[int], vectors: Tensor) -> Callable[[], None]:
    """From now on the text encoder reads these tokens from `vectors`, so that they get gradients.

    Args:
        ids: N tokens. vectors: (N, D), what is trained; nothing else of the encoder is.

    Returns:
        Ends it.
    """
    layer = bundle.text_encoder.get_input_embeddings()
    places = torch.full((len(layer.weight),), -1, device=bundle.device)
    places[ids] = torch.arange(len(ids), device=bundle.device)

    def swap(module: nn.Module, inputs: tuple[Tensor, ...], found: Tensor) -> Tensor:
        place = places[inputs[0]]
        own = vectors[place.clamp(min=0)].to(found.dtype)
        return torch.where((place >= 0)[..., None], own, found)

    handle = layer.register_forward_hook(swap)
    end: Callable[[], None] = handle.remove
    return end
