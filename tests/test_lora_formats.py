"""Adapters of other programs act here exactly as strongly as in stock diffusers and peft."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from peft import LoraConfig, PeftModel, get_peft_model
from peft import get_peft_model_state_dict as state_of
from safetensors.torch import save_file
from torch import Tensor

from studio.models import adapters
from studio.models.lora_formats import kohya_names, places_of
from studio.models.lora_keys import adapter_file
from tests.tiny import tiny_pipeline, tiny_xl

LAYERS = ["to_k", "to_v", "to_out.0", "conv1", "proj_in", "ff.net.2"]
PLACE = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
CONFIGS: dict[str, dict[str, Any]] = {
    "rank 8, alpha 32": {"r": 8, "lora_alpha": 32},
    "alpha below rank": {"r": 8, "lora_alpha": 1},
    "rslora": {"r": 4, "lora_alpha": 16, "use_rslora": True},
    "patterns": {
        "r": 4,
        "lora_alpha": 8,
        "rank_pattern": {"to_v": 2, r"down_blocks.*conv1": 3},
        "alpha_pattern": {"to_k": 20, "up_blocks.0.attentions.0.proj_in": 3},
    },
    "dora": {"r": 4, "lora_alpha": 12, "use_dora": True},
    "bias": {"r": 4, "lora_alpha": 12, "lora_bias": True},
}


BIAS_IS_MEANT = pytest.mark.filterwarnings("ignore:.*LoRA tensor.s. have invalid shape")


@pytest.fixture
def pipe(tmp_path: Path) -> StableDiffusionPipeline:
    return tiny_pipeline(tmp_path / "tiny")


def guess(unet: UNet2DConditionModel) -> Tensor:
    generator = torch.Generator().manual_seed(4)
    z = torch.randn(2, 4, 16, 16, generator=generator)
    words = torch.randn(2, 7, 16, generator=generator)
    with torch.no_grad():
        found: Tensor = unet(z, torch.tensor([300, 700]), encoder_hidden_states=words).sample
    return found


def config_of(name: str) -> LoraConfig:
    layers = LAYERS[2:] if name == "bias" else LAYERS  # the others have no bias
    return LoraConfig(target_modules=layers, init_lora_weights=False, **CONFIGS[name])


def ours(folder: Path, file: Path) -> Tensor:
    """What the studio's model answers with this adapter."""
    unet = tiny_pipeline(folder / "fresh").unet
    adapters.load_adapter(unet, file, "x")
    with adapters.use(unet, "x"):
        return guess(unet)


def spread(unet: UNet2DConditionModel) -> None:
    """Make the parts of an adapter large enough to be seen."""
    torch.manual_seed(3)
    with torch.no_grad():
        for name, weight in unet.named_parameters():
            if "lora_" in name and "magnitude" not in name:
                weight.normal_(std=0.3)
            elif "magnitude" in name:
                weight.mul_(1 + 0.2 * torch.rand_like(weight))


def trained(pipe: StableDiffusionPipeline, config: LoraConfig) -> None:
    pipe.unet.add_adapter(config, "a")
    spread(pipe.unet)


@BIAS_IS_MEANT
@pytest.mark.parametrize("name", CONFIGS)
def test_as_stock_diffusers_saves_a_pipeline(
    pipe: StableDiffusionPipeline, tmp_path: Path, name: str
) -> None:
    before = guess(pipe.unet)
    trained(pipe, config_of(name))
    pipe.save_lora_weights(
        tmp_path / "saved",
        unet_lora_layers=state_of(pipe.unet, adapter_name="a"),
        unet_lora_adapter_metadata=pipe.unet.peft_config["a"].to_dict(),
    )
    stock = tiny_pipeline(tmp_path / "stock")
    stock.load_lora_weights(tmp_path / "saved", adapter_name="x")
    theirs = guess(stock.unet)
    assert (theirs - before).abs().max() > 0.02
    file = adapter_file(tmp_path / "saved")
    torch.testing.assert_close(ours(tmp_path, file), theirs, atol=1e-5, rtol=0)


@BIAS_IS_MEANT
@pytest.mark.parametrize("name", CONFIGS)
def test_as_a_unet_saves_its_adapter(
    pipe: StableDiffusionPipeline, tmp_path: Path, name: str
) -> None:
    trained(pipe, config_of(name))
    pipe.unet.save_lora_adapter(tmp_path / "saved", adapter_name="a")
    stock = tiny_pipeline(tmp_path / "stock").unet
    stock.load_lora_adapter(tmp_path / "saved", prefix=None, adapter_name="x", use_safetensors=True)
    file = tmp_path / "saved" / "pytorch_lora_weights.safetensors"
    torch.testing.assert_close(ours(tmp_path, file), guess(stock), atol=1e-5, rtol=0)


@BIAS_IS_MEANT
@pytest.mark.parametrize("name", CONFIGS)
def test_as_peft_saves_a_folder(tmp_path: Path, pipe: StableDiffusionPipeline, name: str) -> None:
    wrapped = get_peft_model(pipe.unet, config_of(name))
    spread(wrapped)
    wrapped.save_pretrained(tmp_path / "saved")
    stock = PeftModel.from_pretrained(tiny_pipeline(tmp_path / "stock").unet, tmp_path / "saved")
    file = adapter_file(tmp_path / "saved")
    assert file.name == "adapter_model.safetensors"
    torch.testing.assert_close(ours(tmp_path, file), guess(stock), atol=1e-5, rtol=0)


def test_without_a_word_on_alpha_it_is_the_rank(
    pipe: StableDiffusionPipeline, tmp_path: Path
) -> None:
    trained(pipe, config_of("patterns"))
    pipe.save_lora_weights(tmp_path / "saved", state_of(pipe.unet, adapter_name="a"))
    stock = tiny_pipeline(tmp_path / "stock")
    stock.load_lora_weights(tmp_path / "saved", adapter_name="x")
    file = adapter_file(tmp_path / "saved")
    torch.testing.assert_close(ours(tmp_path, file), guess(stock.unet), atol=1e-5, rtol=0)


def kohya(unet: UNet2DConditionModel, names: dict[str, str], *alphas: float) -> dict[str, Tensor]:
    """What kohya's scripts write for some layers, under these names (name -> path)."""
    torch.manual_seed(5)
    layers, found = places_of(unet), {}
    for place, (name, path) in enumerate(sorted(names.items())):
        weight, rank = layers[path].weight, 2 + place % 2
        ones = (1,) * (weight.ndim - 2)
        found[f"{name}.lora_down.weight"] = 0.3 * torch.randn(rank, *weight.shape[1:])
        found[f"{name}.lora_up.weight"] = 0.3 * torch.randn(len(weight), rank, *ones)
        found[f"{name}.alpha"] = torch.tensor(alphas[place % len(alphas)])
    return found


def flat_names(unet: UNet2DConditionModel) -> dict[str, str]:
    wanted = ("attn1.to_q", "attn2.to_out.0", "proj_in", "ff.net.0.proj", "conv1", "time_emb_proj")
    paths = [path for path in places_of(unet) if path.endswith(wanted)]
    return {"lora_unet_" + path.replace(".", "_"): path for path in paths}


def test_as_kohya_writes_it(pipe: StableDiffusionPipeline, tmp_path: Path) -> None:
    file = tmp_path / "kohya.safetensors"
    save_file(kohya(pipe.unet, flat_names(pipe.unet), 5.0), file, {"ss_network_dim": "2"})
    stock = tiny_pipeline(tmp_path / "stock")
    stock.load_lora_weights(tmp_path, weight_name=file.name, adapter_name="x")
    torch.testing.assert_close(ours(tmp_path, file), guess(stock.unet), atol=1e-5, rtol=0)


def test_each_place_of_kohya_has_its_own_alpha(
    pipe: StableDiffusionPipeline, tmp_path: Path
) -> None:
    """Stock diffusers gives all attention layers the commonest alpha; kohya's script does not."""
    names, layers = flat_names(pipe.unet), places_of(pipe.unet)
    tensors = kohya(pipe.unet, names, 5.0, 2.0, 0.5)
    save_file(tensors, tmp_path / "kohya.safetensors")
    found = ours(tmp_path, tmp_path / "kohya.safetensors")
    with torch.no_grad():
        for name, path in names.items():
            down, up = (tensors[f"{name}.lora_{way}.weight"] for way in ("down", "up"))
            scale = tensors[f"{name}.alpha"] / len(down)
            change = up.flatten(1) @ down.flatten(1)
            layers[path].weight += scale * change.view_as(layers[path].weight)
    torch.testing.assert_close(found, guess(pipe.unet), atol=1e-5, rtol=0)


def test_the_names_of_the_original_code_are_those_that_stock_knows(tmp_path: Path) -> None:
    pipe = tiny_xl(tmp_path / "xl")
    names = {name: path for name, path in kohya_names(pipe.unet).items() if "_block" in name}
    old = ("input_blocks", "middle_block", "output_blocks")
    names = {n: p for n, p in names.items() if n.startswith(tuple(f"lora_unet_{o}" for o in old))}
    skipped = ("conv_in",)  # stock maps it, but only with its block 0
    names = {n: p for n, p in names.items() if p not in skipped}
    assert len(names) > 60
    tensors = kohya(pipe.unet, names, 2.0)
    state, _ = StableDiffusionXLPipeline.lora_state_dict(
        dict(tensors), unet_config=pipe.unet.config
    )
    stock = tiny_xl(tmp_path / "stock").unet
    stock.load_lora_adapter(state, prefix="unet", adapter_name="x")
    paths = {
        name.removesuffix(".lora_A.x.weight"): value
        for name, value in stock.named_parameters()
        if name.endswith(".lora_A.x.weight")
    }
    assert paths.keys() == set(names.values())
    for name, path in names.items():
        assert torch.equal(tensors[f"{name}.lora_down.weight"], paths[path]), name


def test_as_old_diffusers_wrote_it(pipe: StableDiffusionPipeline, tmp_path: Path) -> None:
    torch.manual_seed(6)
    before = PLACE.removesuffix(".to_k")
    tensors = {}
    for layer in ("to_q", "to_out"):
        width = 16
        tensors[f"unet.{before}.processor.{layer}_lora.down.weight"] = torch.randn(2, width)
        tensors[f"unet.{before}.processor.{layer}_lora.up.weight"] = torch.randn(16, 2)
    file = tmp_path / "old.safetensors"
    save_file(tensors, file)
    stock = tiny_pipeline(tmp_path / "stock")
    stock.load_lora_weights(tmp_path, weight_name=file.name, adapter_name="x")
    torch.testing.assert_close(ours(tmp_path, file), guess(stock.unet), atol=1e-5, rtol=0)


def test_half_the_weight_is_half_the_strength(
    pipe: StableDiffusionPipeline, tmp_path: Path
) -> None:
    trained(pipe, config_of("rslora"))
    pipe.unet.save_lora_adapter(tmp_path / "saved", adapter_name="a")
    unet = tiny_pipeline(tmp_path / "fresh").unet
    adapters.load_adapter(unet, adapter_file(tmp_path / "saved"), "x")
    adapters.set_strength(unet, "x", 0.5)
    scales = {layer.scaling["x"] for layer in adapters.lora_layers(unet)}
    assert scales == {0.5 * 16 / math.sqrt(4)}
