"""Full weights ask for their memory before it is taken, and for single precision."""

import pytest
import torch

from studio.config import Layers, ModelCard, RunConfig
from studio.errors import StudioError
from studio.failures import told
from studio.jobs.worker import trained_card
from studio.models import adapters
from studio.models.loading import load_bundle
from studio.models.room import must_fit_full_weights


def test_what_full_weights_take_is_a_few_times_their_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cpu = torch.device("cpu")
    for views, times in ((1, 4), (2, 5)):  # each view; a gradient and two averages
        wanted = 4 * times * 1_000_000
        monkeypatch.setattr("studio.models.room.free_bytes", lambda device, w=wanted: w)
        must_fit_full_weights(1_000_000, views, cpu)
        with pytest.raises(StudioError, match="full weights") as caught:
            must_fit_full_weights(1_000_001, views, cpu)
        assert "GB 内存" in told(caught.value.what, "zh")


@pytest.mark.parametrize("layers", ["cross", "not-cross", "all-but-cross"])
def test_full_weights_without_room_are_refused_before_anything_is_attached(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch, layers: Layers
) -> None:
    unet = load_bundle(card).unet
    monkeypatch.setattr("studio.models.room.free_bytes", lambda device: 10_000)
    with pytest.raises(StudioError, match=r"takes 0\.\d GB of memory, 0\.0 GB are free"):
        adapters.attach_all(unet, ("a", "b"), layers, weights="full", rank=1, seed=0)
    with pytest.raises(KeyError, match="a"):
        adapters.show(unet, "a")


def test_full_weights_are_trained_in_single_precision(config: RunConfig) -> None:
    full = config.model_copy(update={"method": {"name": "esd", "weights": "whole"}})
    assert trained_card(config).precision == "half"
    assert trained_card(full).precision == "single"
    assert trained_card(full).model_copy(update={"precision": "half"}) == config.model
