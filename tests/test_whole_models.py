"""Models that are not whole, or are drawn in another way: refused by name before drawing."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.cli import main
from studio.errors import StudioError
from studio.failures import told
from studio.jobs.probe import weights
from studio.models.loading import load_bundle, must_be_loadable
from studio.models.sampler import fresh_scheduler
from studio.presets import find_model
from tests.tiny import save_tiny


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def model(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "model"))


def edit(file: Path, **values: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def rewrite(
    file: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]
) -> None:
    save_file(
        {k: v.contiguous() for k, v in change(load_file(file)).items()}, file, {"format": "pt"}
    )


def refused(place: Path) -> str:
    """What loading says; a dry look must say the same."""
    card = find_model(str(place))
    with pytest.raises(StudioError) as loading:
        load_bundle(card)
    with pytest.raises(StudioError) as looking:
        must_be_loadable(card)
    assert looking.value.what == loading.value.what
    assert told(loading.value.what, "zh") != loading.value.what
    return loading.value.what


UNET, TEXT = "unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"


@pytest.mark.parametrize(
    ("file", "lost"),
    [(TEXT, "layers.1"), (UNET, "mid_block"), (VAE, "decoder.conv_out")],
)
def test_missing_tensors_are_named_and_never_made_up(model: Path, file: str, lost: str) -> None:
    rewrite(model / file, lambda held: {k: v for k, v in held.items() if lost not in k})
    said = refused(model)
    assert said.startswith(f"{file} lacks ") and lost in said


@pytest.mark.parametrize("file", [TEXT, UNET, VAE])
def test_surplus_and_misshapen_tensors_are_named(model: Path, file: str) -> None:
    rewrite(model / file, lambda held: {**held, "extra.weight": torch.zeros(2)})
    assert "1 tensors that its network does not have: extra.weight" in refused(model)
    rewrite(model / file, lambda held: {k: v for k, v in held.items() if k != "extra.weight"})
    name = next(k for k, v in load_file(model / file).items() if v.ndim == 1)
    rewrite(model / file, lambda held: {**held, name: torch.zeros(3)})
    assert f"the tensor {name} has 3 numbers" in refused(model)


def test_buffers_and_names_of_older_versions_are_no_surplus(model: Path) -> None:
    before = load_bundle(find_model(str(model)))
    ids = {"text_model.embeddings.position_ids": torch.arange(77)[None]}
    rewrite(model / TEXT, lambda held: {f"text_model.{k}": v for k, v in held.items()} | ids)
    old = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}

    def aged(held: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        for new, name in old.items():
            held = {k.replace(new, name): v for k, v in held.items()}
        return held

    rewrite(model / VAE, aged)
    again = load_bundle(find_model(str(model)))
    for part in ("text_encoder", "vae"):
        for name, value in getattr(before, part).state_dict().items():
            assert value.equal(getattr(again, part).state_dict()[name]), name


def test_an_index_names_plain_safetensors_beside_it_alone(model: Path) -> None:
    (model / TEXT).rename(model / "text_encoder" / "model-00001-of-00001.safetensors")
    names = list(load_file(model / "text_encoder" / "model-00001-of-00001.safetensors"))
    index = model / "text_encoder" / "model.safetensors.index.json"
    for named in ("w.bin", "../x.safetensors", "/x.safetensors", "a\\x.safetensors", 3):
        index.write_text(json.dumps({"metadata": {}, "weight_map": dict.fromkeys(names, named)}))
        assert "which is no .safetensors file beside it" in refused(model)
    good = dict.fromkeys(names, "model-00001-of-00001.safetensors")
    index.write_text(json.dumps({"metadata": {}, "weight_map": good}))
    load_bundle(find_model(str(model)))


def test_half_precision_folders_load_as_the_same_model(model: Path) -> None:
    before = load_bundle(find_model(str(model))).unet.state_dict()
    for name in (UNET, TEXT, VAE):
        file = model / name
        file.rename(file.with_name(file.name.replace(".safetensors", ".fp16.safetensors")))
    after = load_bundle(find_model(str(model))).unet.state_dict()
    assert all(value.equal(after[name]) for name, value in before.items())
    assert main(["train", "icon-weapons", f"--model={model}", "--dry-run"]) == 0


def test_a_dry_run_refuses_what_a_run_would(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(model / UNET, lambda held: dict(list(held.items())[1:]))
    assert main(["train", "icon-weapons", f"--model={model}", "--dry-run"]) == 1
    assert "lacks 1 of 208 tensors" in capsys.readouterr().err
    assert "lacks 1 of 208 tensors" in weights(model)["why"]


def test_adapters_and_pickles_given_as_a_model_are_called_so(model: Path, tmp_path: Path) -> None:
    lora = tmp_path / "one.safetensors"
    save_file({"unet.x.lora_A.weight": torch.zeros(1)}, lora)
    assert "is an adapter (LoRA), not a model" in refused(lora)
    folder = tmp_path / "lora"
    folder.mkdir()
    save_file({"a": torch.zeros(1)}, folder / "pytorch_lora_weights.safetensors")
    assert "is an adapter (LoRA), not a model" in refused(folder)
    (model / UNET).rename(model / "unet" / "diffusion_pytorch_model.bin")
    assert "pickled ones can run code: diffusion_pytorch_model.bin" in refused(model)
    alone = tmp_path / "vae.safetensors"
    save_file({"first_stage_model.x": torch.zeros(1)}, alone)
    assert "it holds no denoiser" in refused(alone)


UNET_CONFIG, VAE_CONFIG = "unet/config.json", "vae/config.json"
SCHEDULER, READER = "scheduler/scheduler_config.json", "text_encoder/config.json"
WORDS = "tokenizer/tokenizer_config.json"
BROKEN: list[tuple[str, dict[str, Any], str]] = [
    *((UNET_CONFIG, {"sample_size": value}, "sample_size")
      for value in (None, 0, -16, 100_000, "16", True, [16, 24], 1.5)),
    (UNET_CONFIG, {"layers_per_block": 10**6}, "layers_per_block"),
    (UNET_CONFIG, {"attention_head_dim": 0}, "attention_head_dim"),
    *((VAE_CONFIG, {"scaling_factor": value}, "scaling_factor")
      for value in (None, 0, float("nan"), -1.0, "0.18", 1e30)),
    *((SCHEDULER, {"num_train_timesteps": value}, "num_train_timesteps")
      for value in (10**8, 0, 1, "1000", -5)),
    (SCHEDULER, {"beta_start": float("nan")}, "beta_start"),
    (SCHEDULER, {"beta_end": 5.0}, "beta_end"),
    (SCHEDULER, {"trained_betas": [0.1] * 7}, "trained_betas"),
    (SCHEDULER, {"trained_betas": [float("nan")] * 1000}, "trained_betas"),
    (SCHEDULER, {"beta_schedule": "evil"}, "beta_schedule"),
    (SCHEDULER, {"timestep_spacing": "evil"}, "timestep_spacing"),
    (SCHEDULER, {"steps_offset": "x"}, "steps_offset"),
    (READER, {"num_attention_heads": 3}, "num_attention_heads"),
    (READER, {"hidden_size": 0}, "hidden_size"),
    (WORDS, {"model_max_length": -1}, "model_max_length"),
    (WORDS, {"model_max_length": "77"}, "model_max_length"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "values", "field"), BROKEN)
def test_broken_numbers_are_told_with_file_and_field(
    model: Path, file: str, values: dict[str, Any], field: str
) -> None:
    edit(model / file, **values)
    said = refused(model)
    assert said.startswith(f"{file} says {field} ") and "is needed" in said


def test_the_longest_prompt_is_what_the_text_encoder_reads(model: Path) -> None:
    for told_length, reads in ((10**30, 77), (500, 77), (10, 10)):
        edit(model / WORDS, model_max_length=told_length)
        assert load_bundle(find_model(str(model))).tokenizer.model_max_length == reads


OTHER: list[tuple[str, dict[str, Any], str]] = [
    (SCHEDULER, {"_class_name": "EDMEulerScheduler"}, "noise levels are those of EDM"),
    (SCHEDULER, {"_class_name": "FlowMatchEulerDiscreteScheduler"}, "levels are those of Flow"),
    (SCHEDULER, {"_class_name": "LCMScheduler"}, "distilled for few steps"),
    (SCHEDULER, {"_class_name": "EulerAncestralDiscreteScheduler", "timestep_spacing": "trailing"},
     "a Turbo or Lightning model"),
    (SCHEDULER, {"thresholding": True}, "thresholding"),
    (SCHEDULER, {"rescale_betas_zero_snr": True}, "pure noise"),
    (SCHEDULER, {"prediction_type": "sample"}, "predicts neither noise nor v"),
    (VAE_CONFIG, {"latents_mean": [0.0] * 4, "latents_std": [1.0] * 4}, "moves its latents"),
    (VAE_CONFIG, {"shift_factor": 0.1}, "moves its latents"),
    (UNET_CONFIG, {"time_cond_proj_dim": 16}, "told the guidance"),
    (UNET_CONFIG, {"class_embed_type": "timestep"}, "number of a class"),
    (UNET_CONFIG, {"num_class_embeds": 10}, "number of a class"),
    (UNET_CONFIG, {"addition_embed_type": "image"}, "as conditions"),
    (READER, {"quantization_config": {"quant_method": "gptq"}}, "are quantised"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "values", "words"), OTHER)
def test_models_drawn_in_another_way_are_refused_with_the_reason(
    model: Path, file: str, values: dict[str, Any], words: str
) -> None:
    edit(model / file, **values)
    if (name := values.get("_class_name")) is not None:
        edit(model / "model_index.json", scheduler=["diffusers", name])
    assert words in refused(model)


def test_pipes_devices_and_endless_files_are_refused_at_once(model: Path) -> None:
    config = model / VAE_CONFIG
    kept = config.read_text()
    config.unlink()
    config.symlink_to("/dev/zero")
    assert "a pipe or a device" in refused(model)
    config.unlink()
    os.mkfifo(config)
    assert "a pipe or a device" in refused(model)
    config.unlink()
    config.write_text(json.dumps({**json.loads(kept), "x": "a" * 6_000_000}))
    assert "are read up to" in refused(model)
    config.write_text('{"a":' + "[" * 100_000 + "]" * 100_000 + "}")
    assert "too deep" in refused(model)


def test_words_without_a_place_in_the_text_encoder_are_refused(model: Path) -> None:
    file = model / "tokenizer" / "tokenizer.json"
    held = json.loads(file.read_text())
    held["model"]["vocab"]["a"] = 5000
    file.write_text(json.dumps(held))
    with pytest.raises(StudioError, match="gives 'a' the number 5000"):
        load_bundle(find_model(str(model)))


def test_more_steps_than_levels_and_samplers_without_pure_noise(model: Path) -> None:
    edit(model / SCHEDULER, num_train_timesteps=10)
    bundle = load_bundle(find_model(str(model)))
    with pytest.raises(StudioError, match="20 steps are more than the 10 noise levels"):
        fresh_scheduler(bundle, 20)
    edit(model / SCHEDULER, num_train_timesteps=1000, prediction_type="v_prediction",
         rescale_betas_zero_snr=True)  # fmt: skip
    bundle = load_bundle(find_model(str(model)))
    with pytest.raises(StudioError, match="pndm cannot begin at pure noise"):
        fresh_scheduler(bundle, 5, "pndm")
    fresh_scheduler(bundle, 5, "euler")
