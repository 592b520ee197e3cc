"""Adapters of other programs act here exactly as strongly as in stock diffusers and peft."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from peft import LoHaConfig, LoKrConfig, LoraConfig, PeftModel, get_peft_model
from peft import get_peft_model_state_dict as state_of
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.config import AdapterUse, Column
from studio.errors import StudioError
from studio.failures import told
from studio.models import adapters
from studio.models.lora_formats import kohya_names, places_of
from studio.models.lora_keys import adapter_file
from studio.services.columns import column, once
from studio.services.runs import Runs
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


def plain(rank: int = 2) -> dict[str, Tensor]:
    return {
        f"unet.{PLACE}.lora_A.weight": torch.ones(rank, 16),
        f"unet.{PLACE}.lora_B.weight": torch.ones(16, rank),
    }


def flat(end: str) -> str:
    return f"lora_unet_{PLACE.replace('.', '_')}.{end}"


KOHYA = {flat("lora_down.weight"): torch.ones(2, 16), flat("lora_up.weight"): torch.ones(16, 2)}
ONE = torch.ones(2, 2)
SAID = json.dumps({"r": 2, "lora_alpha": 4})
# tensors, notes of the header -> what the message says
REFUSED: dict[str, tuple[dict[str, Tensor], dict[str, str], str]] = {
    "LoHa": ({flat("hada_w1_a"): ONE}, {}, "a LoHa of LyCORIS: lora_unet_down"),
    "LoKr": ({flat("lokr_w1"): ONE}, {}, "a LoKr"),
    "Tucker": ({**KOHYA, flat("lora_mid.weight"): ONE}, {}, "Tucker"),
    "DoRA of kohya": ({**KOHYA, flat("dora_scale"): ONE}, {}, "leaves out: lora_unet_"),
    "OFT": ({flat("oft_blocks"): ONE}, {}, "an OFT"),
    "whole differences": ({flat("diff"): ONE}, {}, "difference of whole weights"),
    "text encoder of kohya": (
        {**KOHYA, "lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": ONE},
        {},
        "1 of its 3 tensors change a text encoder, such as lora_te_",
    ),
    "text encoder of diffusers": (
        {**plain(), "text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_A.weight": ONE},
        {},
        "1 of its 3 tensors change a text encoder",
    ),
    "second text encoder": (
        {**KOHYA, "lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight": ONE},
        {},
        "change a text encoder",
    ),
    "surplus tensor": ({**plain(), "unet.more": ONE}, {}, "1 of its 3 tensors are of no LoRA"),
    "another model's place": (
        {**plain(), "unet.x.lora_A.weight": ONE, "unet.x.lora_B.weight": ONE},
        {},
        "1 of the 2 places that it changes are not there, such as 'x'",
    ),
    "a transformer": (
        {"transformer.x.lora_A.weight": ONE, "transformer.x.lora_B.weight": ONE},
        {},
        "such as 'transformer.x'",
    ),
    "half a pair": ({flat("lora_down.weight"): ONE}, {}, "one half of a pair"),
    "alpha of some places only": (
        {**KOHYA, **plain(), flat("alpha"): torch.tensor(2.0)},
        {},
        "only 1 of its 2 places",
    ),
    "alpha 0": ({**KOHYA, flat("alpha"): torch.tensor(0.0)}, {}, "has the alpha 0"),
    "alpha NaN": ({**KOHYA, flat("alpha"): torch.tensor(math.nan)}, {}, "not finite"),
    "two places, one name": ({**KOHYA, **plain()}, {}, "one place under two names"),
    "a rank that its settings deny": (
        plain(3),
        {"lora_adapter_metadata": SAID},
        "the rank 2.*tensors have 3",
    ),
    "settings that are no JSON": (plain(), {"lora_adapter_metadata": "{"}, "its header cannot be"),
    "PiSSA": (
        plain(),
        {"lora_adapter_metadata": json.dumps({"r": 2, "init_lora_weights": "pissa"})},
        "init_lora_weights 'pissa'",
    ),
    "modules to save": (
        plain(),
        {"lora_adapter_metadata": json.dumps({"r": 2, "modules_to_save": ["conv_out"]})},
        "asks peft for modules_to_save",
    ),
    "DoRA without its vector": (
        plain(),
        {"lora_adapter_metadata": json.dumps({"r": 2, "use_dora": True})},
        "disagree on DoRA",
    ),
    "peft without its settings": (
        {f"base_model.model.{key.removeprefix('unet.')}": value for key, value in plain().items()},
        {},
        "stand in adapter_config.json",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_read_wrongly_is_refused_with_the_true_reason(
    pipe: StableDiffusionPipeline, tmp_path: Path, name: str
) -> None:
    tensors, notes, why = REFUSED[name]
    file = tmp_path / "w.safetensors"
    save_file({key: value.clone() for key, value in tensors.items()}, file, notes)
    before = guess(pipe.unet)
    with pytest.raises(StudioError, match=why) as caught:
        adapters.load_adapter(pipe.unet, file, "x")
    assert torch.equal(guess(pipe.unet), before)
    assert told(caught.value.what, "zh") != caught.value.what
    assert " it " not in told(caught.value.what, "zh")


@pytest.mark.parametrize("config", [LoHaConfig, LoKrConfig])
def test_other_adapters_of_peft_are_refused(
    pipe: StableDiffusionPipeline, tmp_path: Path, config: Callable[..., Any]
) -> None:
    get_peft_model(pipe.unet, config(r=2, target_modules=["to_k"])).save_pretrained(tmp_path / "s")
    with pytest.raises(StudioError, match=r"it is a Lo(Ha|Kr)"):
        adapters.load_adapter(pipe.unet, adapter_file(tmp_path / "s"), "x")


# columns


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


@pytest.mark.parametrize(
    "path", ["c++/w.safetensors", "a+b.safetensors", "x + y/+.safetensors", "2*3/w*1.safetensors"]
)
def test_a_plus_or_star_in_a_path_is_a_part_of_it(runs: Runs, tmp_path: Path, path: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    save_file(plain(), file)
    assert column(runs, str(file)).adapters[0].file == str(file.resolve())
    found = column(runs, f"{file}*0.5+sld-max")
    assert [(use.file, use.weight) for use in found.adapters] == [(str(file.resolve()), 0.5)]
    assert found.guidance is not None
    twice = column(runs, f"sld-max + {file}")
    assert twice.guidance is not None
    assert len(twice.adapters) == 1


def test_a_folder_of_peft_or_diffusers_is_a_column_named_after_it(
    runs: Runs, pipe: StableDiffusionPipeline, tmp_path: Path
) -> None:
    trained(pipe, config_of("dora"))
    pipe.unet.save_lora_adapter(tmp_path / "hats", adapter_name="a")
    assert column(runs, str(tmp_path / "hats")).label == "hats"
    other = tiny_pipeline(tmp_path / "b").unet
    get_peft_model(other, config_of("rslora")).save_pretrained(tmp_path / "coats")
    use = column(runs, f"{tmp_path / 'coats'}*0.5").adapters[0]
    assert (use.name, use.weight) == ("coats", 0.5)
    assert Path(use.file).name == "adapter_model.safetensors"


def test_a_pickled_adapter_is_refused_as_one(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    (tmp_path / "adapter_model.bin").write_bytes(b"x")
    with pytest.raises(StudioError, match="is pickled"):
        column(runs, str(tmp_path))


def test_a_column_is_refused_before_a_drawer_starts(runs: Runs, tmp_path: Path) -> None:
    file = tmp_path / "w.safetensors"
    save_file({flat("hada_w1_a"): ONE}, file)
    with pytest.raises(StudioError, match="LoHa"):
        column(runs, str(file))


def test_two_columns_of_one_name_are_never_one(runs: Runs, tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        save_file(plain(), tmp_path / folder / "w.safetensors")
    columns = [column(runs, str(tmp_path / name / "w.safetensors")) for name in ("x", "y", "x")]
    with pytest.raises(StudioError, match="called w"):
        once(columns)
    assert len(once([columns[0], columns[2], Column(), Column()])) == 2
    joined = Column(adapters=(AdapterUse(name="a+b", file="f"),))
    parts = Column(adapters=(AdapterUse(name="a", file="g"), AdapterUse(name="b", file="h")))
    with pytest.raises(StudioError, match=r"called a\+b"):
        once([joined, parts])


def test_changed_settings_of_peft_are_another_adapter(
    runs: Runs, pipe: StableDiffusionPipeline, tmp_path: Path
) -> None:
    from studio.evaluation.protocol import adapter_hashes

    get_peft_model(pipe.unet, config_of("rslora")).save_pretrained(tmp_path / "coats")
    chosen = column(runs, str(tmp_path / "coats"))
    before = adapter_hashes([chosen])
    settings = tmp_path / "coats" / "adapter_config.json"
    settings.write_text(settings.read_text().replace('"lora_alpha": 16', '"lora_alpha": 32'))
    assert adapter_hashes([chosen]) != before
    assert load_file(chosen.adapters[0].file)
