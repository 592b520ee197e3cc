"""Files of learned words that no text encoder can reckon with."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from studio.config import ModelCard, SampleConfig, Token
from studio.errors import StudioError
from studio.evaluation.pictures import draw_all
from studio.failures import told
from studio.models.finite import finite_rows
from studio.models.loading import load_bundle
from studio.models.tokens import learn, read_token

SAMPLE = SampleConfig(steps=2, guidance=3.0)
WORDS: dict[str, tuple[Tensor, str]] = {
    "1e30": (torch.full((1, 16), 1e30), "as large as 1e\\+30"),
    "3e38": (torch.full((1, 16), 3e38), "as large as 3e\\+38"),
    "one large number": (torch.tensor([[0.0] * 15 + [-1e5]]), "as large as 1e\\+05"),
    "double precision": (torch.full((1, 16), 1e300, dtype=torch.float64), "as large as 1e\\+300"),
    "nan": (torch.full((1, 16), torch.nan), "not finite"),
    "no vectors": (torch.zeros(0, 16), "holds no token"),
    "no width": (torch.zeros(1, 0), "holds no token"),
    "100 vectors": (torch.zeros(100, 16), "100 vectors; a prompt has room for 75"),
}


@pytest.mark.parametrize("name", WORDS)
def test_a_word_with_which_nothing_can_be_drawn_is_refused(name: str, tmp_path: Path) -> None:
    vectors, why = WORDS[name]
    save_file({"<x>": vectors}, tmp_path / "w.safetensors")
    with pytest.raises(StudioError, match=why) as caught:
        read_token(tmp_path / "w.safetensors")
    assert told(caught.value.what, "zh") != caught.value.what


@pytest.mark.parametrize("count", [1, 70, 75])
def test_words_of_many_vectors_are_drawn(card: ModelCard, tmp_path: Path, count: int) -> None:
    file = tmp_path / "w.safetensors"
    save_file({"<x>": torch.randn(count, 16).half()}, file)
    bundle = load_bundle(card)
    learn(bundle, [Token(name="<x>", file=str(file))])
    (found,) = draw_all(bundle, ["<x>"], [1], SAMPLE)
    assert finite_rows(found) == [True]
