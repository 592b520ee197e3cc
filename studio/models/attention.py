"""Where a word acts: cross-attention maps while the model draws."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention, AttnProcessor
from torch import Tensor
from torch.nn import functional as F
from transformers import CLIPTokenizer


def word_places(tokenizer: CLIPTokenizer, prompt: str, phrase: str) -> list[int]:
    """Places of a phrase's tokens in the prompt's tokens; empty when the prompt lacks it."""
    inside = list(tokenizer(prompt, truncation=True)["input_ids"])
    wanted = list(tokenizer(phrase)["input_ids"])[1:-1]
    for start in range(1, len(inside) - len(wanted)):
        if inside[start : start + len(wanted)] == wanted:
            return list(range(start, start + len(wanted)))
    return []


class WordMaps:
    """Adds up how strongly each place of a picture listens to some tokens.

    Args:
        places: for each row of the drawing, the tokens to follow.
    """

    def __init__(self, places: Sequence[Sequence[int]]) -> None:
        self._places = places
        self._sums: dict[int, Tensor] = {}  # side -> (B, side, side)

    def add(self, heard: Tensor) -> None:
        """Take in one layer's attention.

        Args:
            heard: (R, heads, queries, 77); of the R rows the last B are those of the prompts.
        """
        side = round(heard.shape[2] ** 0.5)
        rows = heard[-len(self._places) :].float().mean(1)
        maps = torch.stack(
            [
                row[:, list(tokens)].mean(1).view(side, side)
                if tokens
                else row.new_zeros(side, side)
                for row, tokens in zip(rows, self._places, strict=True)
            ]
        )
        self._sums[side] = self._sums.get(side, 0) + maps

    def result(self, side: int) -> Tensor:
        """The maps of the finest layers, smoothed to `side`; each from 0 to 1; (B, side, side)."""
        maps = self._sums[max(self._sums)][:, None]
        fine = F.interpolate(maps, (side, side), mode="bicubic", align_corners=False)[:, 0]
        low, high = fine.amin((1, 2), keepdim=True), fine.amax((1, 2), keepdim=True)
        return ((fine - low) / (high - low).clamp(min=1e-8)).cpu()


@contextmanager
def listening(unet: UNet2DConditionModel, heard: Callable[[Tensor], None]) -> Iterator[None]:
    """Hand every cross-attention's weights to `heard`, (R, heads, queries, 77), while drawing."""
    before = unet.attn_processors
    layers = {
        name: module
        for name, module in unet.named_modules()
        if isinstance(module, Attention) and module.is_cross_attention
    }
    unet.set_attn_processor(
        {key: AttnProcessor() if "attn2" in key else value for key, value in before.items()}
    )
    for layer in layers.values():
        _overhear(layer, heard)
    try:
        yield
    finally:
        for layer in layers.values():
            del layer.get_attention_scores
        unet.set_attn_processor(before)


def _overhear(layer: Attention, heard: Callable[[Tensor], None]) -> None:
    scores = layer.get_attention_scores

    def told(*given: Tensor, **named: Tensor) -> Tensor:
        found: Tensor = scores(*given, **named)
        heard(found.view(-1, layer.heads, *found.shape[1:]))
        return found

    layer.get_attention_scores = told
