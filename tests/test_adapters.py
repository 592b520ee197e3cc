"""One denoiser, three views."""

from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file, save_file

from studio.config import ModelCard
from studio.errors import StudioError
from studio.models import adapters
from studio.models.ema import decay_at, follow
from studio.models.loading import Bundle, load_bundle
from studio.models.sampler import draw_latents, initial_latents
from studio.models.text import encode

PLACE = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"


@pytest.fixture
def bundle(card: ModelCard) -> Bundle:
    return load_bundle(card)


def draw(bundle: Bundle) -> torch.Tensor:
    states, null = encode(bundle, ["a bomb"]), encode(bundle, [""])
    noise = initial_latents(bundle, [3])
    return draw_latents(bundle, states, null, noise, steps=3, guidance_scale=3.0)


def fill(bundle: Bundle, name: str) -> None:
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in adapters.trained(bundle.unet, name):
            weight.normal_(std=0.5)


def test_adapter_off_is_the_untouched_model_bit_for_bit(bundle: Bundle) -> None:
    before = draw(bundle)
    adapters.attach(bundle.unet, "student", "cross", 4)
    fill(bundle, "student")
    assert torch.equal(draw(bundle), before)
    with adapters.use(bundle.unet, "student"):
        assert not torch.equal(draw(bundle), before)
    assert torch.equal(draw(bundle), before)


def test_strength_zero_is_the_base_and_one_is_as_trained(bundle: Bundle) -> None:
    before = draw(bundle)
    adapters.attach(bundle.unet, "student", "both", 4)
    fill(bundle, "student")
    with adapters.use(bundle.unet, "student"):
        trained = draw(bundle)
        adapters.set_strength(bundle.unet, "student", 0.0)
        torch.testing.assert_close(draw(bundle), before)
        adapters.set_strength(bundle.unet, "student", 1.0)
        torch.testing.assert_close(draw(bundle), trained)


def test_looking_through_another_view_keeps_the_gradient(bundle: Bundle) -> None:
    adapters.attach(bundle.unet, "student", "cross", 2)
    student = adapters.trained(bundle.unet, "student")
    for weight in student:
        weight.requires_grad_(True)
    noise, states = initial_latents(bundle, [0]), encode(bundle, ["a"])
    t = torch.tensor([500])
    with adapters.use(bundle.unet, "student"):
        out = bundle.unet(noise, t, encoder_hidden_states=states).sample
    with adapters.use(bundle.unet), torch.no_grad():
        bundle.unet(noise, t, encoder_hidden_states=states)
    out.pow(2).mean().backward()
    assert all(weight.grad is not None for weight in student)
    assert any(weight.grad.abs().sum() > 0 for weight in student if weight.grad is not None)


def test_stock_diffusers_draws_the_same_with_the_saved_file(
    bundle: Bundle, tiny_folder: Path, tmp_path: Path
) -> None:
    adapters.attach(bundle.unet, "student", "cross", 4)
    fill(bundle, "student")
    file = tmp_path / "adapter.safetensors"
    adapters.save_adapter(bundle.unet, "student", file, {"pack": "tiny"})
    with adapters.use(bundle.unet, "student"):
        ours = draw(bundle)
    stock = StableDiffusionPipeline.from_pretrained(tiny_folder, safety_checker=None)
    stock.set_progress_bar_config(disable=True)
    stock.load_lora_weights(tmp_path, weight_name=file.name)
    theirs = stock(
        "a bomb",
        num_inference_steps=3,
        guidance_scale=3.0,
        generator=torch.Generator().manual_seed(3),
        output_type="latent",
    ).images
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_save_then_load_equals_before(bundle: Bundle, card: ModelCard, tmp_path: Path) -> None:
    adapters.attach(bundle.unet, "student", "cross", 4)
    fill(bundle, "student")
    file = tmp_path / "adapter.safetensors"
    adapters.save_adapter(bundle.unet, "student", file, {"pack": "tiny"})
    other = load_bundle(card)
    assert adapters.load_adapter(other.unet, file, "loaded") == {"pack": "tiny"}
    with adapters.use(bundle.unet, "student"), adapters.use(other.unet, "loaded"):
        torch.testing.assert_close(draw(bundle), draw(other))


def test_loading_something_else_says_so(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="There is no adapter"):
        adapters.load_adapter(bundle.unet, tmp_path / "missing.safetensors", "x")
    junk = tmp_path / "junk.safetensors"
    junk.write_bytes(b"junk")
    with pytest.raises(StudioError, match=r"junk\.safetensors is damaged"):
        adapters.load_adapter(bundle.unet, junk, "x")


FOREIGN = {
    "of another trainer": {"lora_unet_mid.lora_down.weight": (2, 2)},
    "of another width": {f"unet.{PLACE}.lora.down.weight": (2, 99)},
    "of a place that is not there": {"unet.nowhere.attn2.to_k.lora.down.weight": (2, 16)},
}


@pytest.mark.parametrize("shapes", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_adapter_is_never_taken_for_one_that_does_nothing(
    bundle: Bundle, tmp_path: Path, shapes: dict[str, tuple[int, int]]
) -> None:
    tensors = {key: torch.zeros(shape) for key, shape in shapes.items()}
    tensors |= {key.replace("down", "up"): torch.zeros(16, 2) for key in shapes}
    save_file(tensors, tmp_path / "foreign.safetensors")
    before = draw(bundle)
    with pytest.raises(StudioError, match="no adapter of this model"):
        adapters.load_adapter(bundle.unet, tmp_path / "foreign.safetensors", "x")
    assert torch.equal(draw(bundle), before)


def test_an_adapter_with_places_this_model_lacks_is_refused_whole(
    bundle: Bundle, tmp_path: Path
) -> None:
    adapters.attach(bundle.unet, "student", "cross", 4)
    file = tmp_path / "adapter.safetensors"
    adapters.save_adapter(bundle.unet, "student", file, {})
    tensors = load_file(file)
    extra = {key.replace("down_blocks.1", "down_blocks.9"): v.clone() for key, v in tensors.items()}
    save_file({**tensors, **extra}, file)
    with pytest.raises(StudioError, match="no adapter of this model"):
        adapters.load_adapter(bundle.unet, file, "bigger")
    assert all("bigger" not in layer.lora_A for layer in adapters.lora_layers(bundle.unet))


def test_a_view_that_is_not_attached_is_never_the_base_in_silence(bundle: Bundle) -> None:
    with pytest.raises(KeyError, match="nope"), adapters.use(bundle.unet, "nope"):
        pass
    adapters.attach(bundle.unet, "student", "cross", 2)
    with pytest.raises(KeyError, match="nope"):
        adapters.show(bundle.unet, "nope")


def test_averaging_b_with_a_frozen_averages_the_product() -> None:
    torch.manual_seed(0)
    a, slow, fast = torch.randn(4, 6), torch.randn(5, 4), torch.randn(5, 4)
    wanted = 0.9 * slow @ a + 0.1 * fast @ a
    follow([slow], [fast], 0.9)
    torch.testing.assert_close(slow @ a, wanted)


def test_the_decay_rises_to_its_end() -> None:
    assert decay_at(1, 0.99) == pytest.approx(2 / 11)
    assert decay_at(10_000, 0.99) == 0.99
