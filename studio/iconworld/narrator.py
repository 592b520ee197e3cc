"""Text states of scenes, a new caption each time, so that no wording is learned by heart."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from studio.iconworld.captions import caption
from studio.iconworld.robust import disturbed
from studio.iconworld.scenes import Scene
from studio.iconworld.text import tokens
from studio.world import World

Narrate = Callable[[Tensor, np.random.Generator], Tensor]


class Narrator:
    """Call it with places of scenes; every second caption stands among foreign words."""

    def __init__(
        self,
        world: World,
        scenes: Sequence[Scene],
        foreign: tuple[str, ...],
        tokenizer: CLIPTokenizer,
        encoder: CLIPTextModel,
    ) -> None:
        self.world, self.scenes, self.foreign = world, scenes, foreign
        self.tokenizer, self.encoder = tokenizer, encoder.eval()

    def states(self, texts: list[str]) -> Tensor:
        """(len(texts), 77, width), float."""
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            found: Tensor = self.encoder(tokens(self.tokenizer, texts)).last_hidden_state
        return found.float()

    def __call__(self, rows: Tensor, rng: np.random.Generator) -> Tensor:
        """States of captions of these scenes; (B,) int64 -> (B, 77, width)."""
        texts = []
        for turn, row in enumerate(rows.tolist()):
            scene = self.scenes[row]
            if turn % 2:
                texts.append(disturbed(scene, self.world, rng, self.foreign)[0])
            else:
                texts.append(caption(scene, self.world, rng).text)
        return self.states(texts)
