"""Our sampler against the stock pipeline."""

from pathlib import Path

import pytest
import torch
from diffusers import DiffusionPipeline, UNet2DConditionModel

from studio.config import ModelCard, Sampler
from studio.errors import StudioError
from studio.models.loading import Bundle, load_bundle
from studio.models.sampler import decode, draw_latents, initial_latents, to_pil
from studio.models.schedulers import SCHEDULERS
from studio.models.text import encode
from tests.tiny import save_tiny, tiny_pipeline

KINDS = ["epsilon", "v_prediction", "xl"]  # of Stable Diffusion 1, 2 and XL


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1.0, 5.0])
def test_latents_equal_the_stock_pipelines(
    tmp_path: Path, card: ModelCard, kind: str, scale: float
) -> None:
    folder = save_tiny(tmp_path, kind)
    bundle = load_bundle(card.model_copy(update={"source": str(folder)}))
    prompts = ["a bomb", "an apple"]
    ours = draw_latents(
        bundle,
        encode(bundle, prompts),
        encode(bundle, ["", ""]),
        initial_latents(bundle, [5, 6]),
        steps=7,
        guidance_scale=scale,
    )
    stock = DiffusionPipeline.from_pretrained(folder)
    stock.set_progress_bar_config(disable=True)
    theirs = stock(
        prompts,
        num_inference_steps=7,
        guidance_scale=scale,
        generator=[torch.Generator().manual_seed(seed) for seed in (5, 6)],
        output_type="latent",
    ).images
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def bomb(bundle: Bundle, sampler: Sampler) -> torch.Tensor:
    return draw_latents(
        bundle,
        encode(bundle, ["a bomb"]),
        encode(bundle, [""]),
        initial_latents(bundle, [5]),
        steps=6,
        guidance_scale=4.0,
        sampler=sampler,
    )


@pytest.mark.parametrize("sampler", SCHEDULERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_sampler_equals_the_stock_pipeline_with_it(
    tmp_path: Path, card: ModelCard, kind: str, sampler: Sampler
) -> None:
    folder = save_tiny(tmp_path, kind)
    bundle = load_bundle(card.model_copy(update={"source": str(folder)}))
    ours = bomb(bundle, sampler)
    stock = DiffusionPipeline.from_pretrained(folder)
    extra = {"skip_prk_steps": True} if sampler == "pndm" else {}
    stock.scheduler = SCHEDULERS[sampler].from_config(stock.scheduler.config, **extra)
    stock.set_progress_bar_config(disable=True)
    theirs = stock(
        "a bomb",
        num_inference_steps=6,
        guidance_scale=4.0,
        generator=torch.Generator().manual_seed(5),
        output_type="latent",
    ).images
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_the_samplers_draw_differently(card: ModelCard) -> None:
    bundle = load_bundle(card)
    drawn = [bomb(bundle, sampler) for sampler in SCHEDULERS]
    for place, one in enumerate(drawn):
        for other in drawn[place + 1 :]:
            assert not torch.equal(one, other)


def test_a_step_sees_the_latents_before_it(card: ModelCard) -> None:
    bundle = load_bundle(card)
    seen: list[torch.Tensor] = []
    noise = initial_latents(bundle, [1])
    draw_latents(
        bundle,
        encode(bundle, ["a"]),
        encode(bundle, [""]),
        noise,
        steps=3,
        guidance_scale=1.0,
        on_step=lambda number, z: seen.append(z),
    )
    assert len(seen) == 3
    torch.testing.assert_close(seen[0], noise)


def test_pictures_lie_in_range_and_have_the_models_size(card: ModelCard) -> None:
    bundle = load_bundle(card)
    pictures = decode(bundle, initial_latents(bundle, [0]))
    assert pictures.shape == (1, 3, 32, 32)
    assert pictures.abs().max() <= 1
    assert to_pil(pictures)[0].size == (32, 32)


def test_a_prompt_over_77_tokens_is_refused_not_cut(card: ModelCard) -> None:
    bundle = load_bundle(card)
    with pytest.raises(StudioError, match="102 tokens"):
        encode(bundle, ["a " * 100])


def test_loading_says_what_is_wrong(card: ModelCard, tmp_path: Path) -> None:
    pickled = tmp_path / "model.ckpt"
    pickled.write_bytes(b"x")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"not tensors")
    for source, words in (
        (tmp_path / "missing", "There is no model"),
        (tmp_path, "no diffusers model"),
        (pickled, "pickled weights can run code"),
        (broken, "is damaged"),
    ):
        with pytest.raises(StudioError, match=words):
            load_bundle(card.model_copy(update={"source": str(source)}))


def test_models_that_draw_in_another_way_are_refused(card: ModelCard, tmp_path: Path) -> None:
    pipeline = tiny_pipeline(tmp_path)
    plain = dict(pipeline.unet.config)
    for changes, words in (
        ({"in_channels": 9}, "inpainting"),
        ({"cross_attention_dim": 8}, "does not fit"),
    ):
        pipeline.unet = UNet2DConditionModel(**{**plain, **changes})
        pipeline.save_pretrained(tmp_path / "model")
        with pytest.raises(StudioError, match=words):
            load_bundle(card.model_copy(update={"source": str(tmp_path / "model")}))


def test_models_of_another_kind_are_refused_before_anything_is_read(
    card: ModelCard, tmp_path: Path
) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    with pytest.raises(StudioError, match="it is made for FluxPipeline"):
        load_bundle(card.model_copy(update={"source": str(tmp_path)}))


def test_a_folder_with_pickles_alone_is_refused(card: ModelCard, tmp_path: Path) -> None:
    folder = save_tiny(tmp_path)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(StudioError, match="pickled ones can run code: diffusion_pytorch"):
        load_bundle(card.model_copy(update={"source": str(folder)}))


def test_a_hub_model_offline_says_how_to_go_on(card: ModelCard) -> None:
    with pytest.raises(StudioError, match="HF_HUB_OFFLINE"):
        load_bundle(
            card.model_copy(update={"source": "nobody/no-such-model", "revision": "0" * 40})
        )
    with pytest.raises(StudioError, match="is not pinned"):
        load_bundle(card.model_copy(update={"source": "nobody/no-such-model"}))
