"""Adapters that would be read wrongly are refused by name; files and folders as columns."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline
from peft import LoHaConfig, LoKrConfig, LoraConfig, get_peft_model
from safetensors.torch import save_file
from torch import Tensor

from studio.config import AdapterUse, Column
from studio.errors import StudioError
from studio.evaluation.protocol import adapter_hashes
from studio.failures import told
from studio.models import adapters
from studio.models.lora_keys import adapter_file
from studio.services.columns import column, once
from studio.services.runs import Runs
from tests.test_lora_formats import PLACE, guess
from tests.tiny import tiny_pipeline


@pytest.fixture
def pipe(tmp_path: Path) -> StableDiffusionPipeline:
    return tiny_pipeline(tmp_path / "tiny")


LORA = LoraConfig(r=4, lora_alpha=16, target_modules=["to_k"])


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
    pipe.unet.add_adapter(LORA, "a")
    pipe.unet.save_lora_adapter(tmp_path / "hats", adapter_name="a")
    assert column(runs, str(tmp_path / "hats")).label == "hats"
    other = tiny_pipeline(tmp_path / "b").unet
    get_peft_model(other, LORA).save_pretrained(tmp_path / "coats")
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
    get_peft_model(pipe.unet, LORA).save_pretrained(tmp_path / "coats")
    chosen = column(runs, str(tmp_path / "coats"))
    before = adapter_hashes([chosen])
    settings = tmp_path / "coats" / "adapter_config.json"
    settings.write_text(settings.read_text().replace('"lora_alpha": 16', '"lora_alpha": 32'))
    assert adapter_hashes([chosen]) != before
