"""What denoisers answer with, half networks of detectors and scorers, and kept pictures."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler
from safetensors.torch import load_file, save_file

from studio.config import Column, ModelCard, SampleConfig
from studio.errors import StudioError
from studio.evaluation.detectors import get_detector
from studio.evaluation.judge import judge_at
from studio.evaluation.quality.clip import Clip
from studio.files import fingerprint
from studio.jobs import drawer as drawing
from studio.jobs.drawer import Drawer
from studio.jobs.probe import weights
from studio.models import adapters, prediction
from studio.models.fetching import weight_files
from studio.models.loading import load_bundle
from studio.models.prediction import likeness, measured
from studio.models.single_files import levels_told, must_be_whole, prediction_told
from studio.models.weights import read_header
from studio.models.whole import fill
from studio.presets import find_model
from studio.services.compare import Compare, Request
from studio.world import ICON_JUDGE, ICON_WORLD
from tests.test_whole_models import SCHEDULER, UNET, edit, model, rewrite, whole
from tests.tiny import save_tiny_checker, save_tiny_clip

__all__ = ["model", "whole"]  # fixtures


# what the denoiser answers with


def test_icon_world_answers_with_noise_and_says_so(tmp_path: Path) -> None:
    bundle = load_bundle(find_model("icon-world"))
    noise, v = likeness(bundle)
    assert noise > 0.85 and v < 0.5 and measured(bundle) == "epsilon"


def test_a_wrong_prediction_type_is_noticed(tmp_path: Path) -> None:
    folder = shutil.copytree(ICON_WORLD, tmp_path / "wrong")
    edit(folder / SCHEDULER, prediction_type="v_prediction")
    with pytest.raises(StudioError, match="answers with epsilon, but its settings say v_pred"):
        load_bundle(find_model(str(folder)))
    card = find_model(str(folder)).model_copy(update={"prediction_type": "epsilon"})
    assert load_bundle(card).scheduler.config.prediction_type == "epsilon"
    wrong = find_model("icon-world").model_copy(update={"prediction_type": "v_prediction"})
    with pytest.raises(StudioError, match="Write prediction_type: epsilon"):
        load_bundle(wrong)


def test_v_is_known_from_noise_and_taken_where_nobody_said(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = load_bundle(card)
    assert measured(bundle) is None, "nothing can be told before training"
    x = torch.randn(1, *bundle.latent_shape, generator=torch.Generator().manual_seed(1))
    monkeypatch.setattr(prediction, "_latent", lambda bundle: x)

    def perfect(bundle: Any, z: torch.Tensor, t: torch.Tensor, states: object) -> torch.Tensor:
        share = bundle.scheduler.alphas_cumprod[t][:, None, None, None]
        a, s = share.sqrt(), (1 - share).sqrt()
        return a * (z - a * x) / s - s * x

    monkeypatch.setattr(prediction, "predict", perfect)
    assert measured(bundle) == "v_prediction"
    with pytest.raises(StudioError, match="answers with v_prediction"):
        prediction.must_predict(bundle)
    prediction.must_predict(bundle, guessed=True)
    assert isinstance(bundle.scheduler, DDIMScheduler)
    assert bundle.scheduler.config.prediction_type == "v_prediction"


@pytest.mark.parametrize(
    ("tensors", "notes", "said"),
    [
        (["v_pred"], {}, "v_prediction"),
        (["v_pred", "ztsnr"], {}, "v_prediction"),
        ([], {"modelspec.prediction_type": "v"}, "v_prediction"),
        ([], {"modelspec.prediction_type": "epsilon"}, "epsilon"),
        ([], {"ss_v_parameterization": "True"}, "v_prediction"),
        ([], {"ss_v_parameterization": "False"}, "epsilon"),
        ([], {"modelspec.title": "x"}, None),
    ],
)
def test_single_files_say_what_they_answer_with(
    tmp_path: Path, tensors: list[str], notes: dict[str, str], said: str | None
) -> None:
    file = tmp_path / "a.safetensors"
    save_file({name: torch.zeros(1) for name in ["x", *tensors]}, file, notes)
    header = read_header(file)
    assert prediction_told(header) == said
    levels = levels_told({"prediction_type": "sample"}, header)
    assert levels["prediction_type"] == (said or "sample")
    assert ("rescale_betas_zero_snr" in levels) == ("ztsnr" in tensors)


@pytest.mark.parametrize(
    ("name", "sides", "words"),
    [
        ("edm_mean", (4,), "those of EDM"),
        ("conditioner.embedders.0.model.x", (1,), "refiner"),
        ("model.diffusion_model.time_embed.cond_proj.weight", (1,), "told the guidance"),
        ("model.diffusion_model.input_blocks.0.0.weight", (8, 9, 3, 3), "inpainting"),
    ],
)
def test_single_files_drawn_in_another_way_are_refused(
    tmp_path: Path, name: str, sides: tuple[int, ...], words: str
) -> None:
    file = tmp_path / "a.safetensors"
    starts = ("model.diffusion_model.x", "first_stage_model.x", "cond_stage_model.x")
    save_file({**{start: torch.zeros(1) for start in starts}, name: torch.zeros(sides)}, file)
    with pytest.raises(StudioError, match=words):
        must_be_whole(file)


# detectors, scorers, judge


def test_half_a_clip_is_refused_by_detectors_and_scorers(tmp_path: Path) -> None:
    folder = save_tiny_clip(tmp_path)
    (folder / "preprocessor_config.json").write_text("{}")
    rewrite(
        folder / "model.safetensors",
        lambda held: {k: v for k, v in held.items() if "vision_model.encoder" not in k},
    )
    for ask in (lambda: get_detector("clip-zero-shot", weights=str(folder)), lambda: Clip(folder)):
        with pytest.raises(StudioError, match="lacks 32 of 78 tensors: vision_model"):
            ask()


def test_half_a_safety_checker_and_half_a_judge_are_refused(tmp_path: Path) -> None:
    folder = save_tiny_checker(tmp_path)
    rewrite(folder / "model.safetensors", lambda held: dict(list(held.items())[1:]))
    with pytest.raises(StudioError, match="lacks 1 of 44 tensors"):
        get_detector("safety-checker", weights=str(folder))
    judge = shutil.copytree(ICON_JUDGE, tmp_path / "judge")
    rewrite(judge / "judge.safetensors", lambda held: dict(list(held.items())[1:]))
    with pytest.raises(StudioError, match="safetensors lacks 1 of"):
        judge_at(judge)


def test_the_hash_is_of_what_is_loaded_and_a_decoy_is_refused(tmp_path: Path) -> None:
    folder = save_tiny_clip(tmp_path)
    held = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").rename(folder / "w.safetensors")
    save_file({"x": torch.zeros(1)}, folder / "model-00001-of-00001.safetensors")
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": dict.fromkeys(held, "w.bin")}))
    with pytest.raises(StudioError, match=r"names w\.bin"):
        get_detector("clip-zero-shot", weights=str(folder))
    index.write_text(
        json.dumps({"metadata": {}, "weight_map": dict.fromkeys(held, "w.safetensors")})
    )
    assert weight_files(folder) == [folder / "w.safetensors"]
    get_detector("clip-zero-shot", weights=str(folder))


def test_fill_asks_for_every_tensor() -> None:
    net = torch.nn.Linear(2, 3)
    with pytest.raises(StudioError, match=r"x lacks 1 of 2 tensors: bias"):
        fill(net, {"weight": torch.zeros(3, 2)}, "x")
    with pytest.raises(StudioError, match=r"weight has 3 x 3 numbers; its network needs 3 x 2"):
        fill(net, {"weight": torch.zeros(3, 3), "bias": torch.zeros(3)}, "x")


# pictures that were kept


def test_kept_pictures_follow_linked_weights_and_configs(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere"
    (model / "unet").rename(out)
    (model / "unet").symlink_to(out)
    compare = Compare(tmp_path / "pictures")

    def name() -> str:
        request = Request(find_model(str(model)), SampleConfig(), ("a",), (1,))
        return compare._file(request, "a", 1, Column()).name

    names = [name()]
    os.utime(out / "diffusion_pytorch_model.safetensors", (2e9, 2e9))
    names.append(name())
    edit(model / SCHEDULER, steps_offset=0)
    names.append(name())
    assert len(set(names)) == 3 and name() == names[-1]
    assert weights(model)["files"] == 3
    (model / "circle").symlink_to(model)
    assert len(fingerprint(model)) == len({row[0] for row in fingerprint(model)})


def test_a_drawer_loads_again_when_the_files_change(model: Path) -> None:
    drawer, card = Drawer(), find_model(str(model))
    drawer._load(card)
    first = drawer._bundle
    drawer._load(card)
    assert drawer._bundle is first
    os.utime(model / UNET, (2e9, 2e9))
    drawer._load(card)
    assert drawer._bundle is not first


def test_a_drawer_forgets_adapters_that_are_many_or_large(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer, files = Drawer(), [tmp_path / f"{place}.safetensors" for place in range(3)]
    drawer._load(find_model(str(model)))
    other = load_bundle(find_model(str(model))).unet
    adapters.attach(other, "made", "cross", 2)
    for file in files:
        adapters.save_adapter(other, "made", file, {})
        drawer._adapter(file)
    drawer._make_room()
    assert len(drawer._adapters) == 3
    monkeypatch.setattr(drawing, "MOST_BYTES", files[0].stat().st_size * 2)
    drawer._make_room()
    assert not drawer._adapters and not drawer._bytes
    assert drawer._adapter(files[0]) == "drawn4"
    drawer._make_room()
    assert len(drawer._adapters) == 1
