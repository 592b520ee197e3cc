"""A tiny random Stable Diffusion made in code: every part real, nothing trained."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
)


def tiny_tokenizer(folder: Path) -> CLIPTokenizer:
    """A tokenizer whose words are single letters."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789,.'-"
    words = [*letters, *(letter + "</w>" for letter in letters)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    vocab = {word: place for place, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77
    )


def _words(tokenizer: CLIPTokenizer) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=8,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=32,
    )


def _unet(width: int, **more: object) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=2,
        cross_attention_dim=width,
        norm_num_groups=4,
        **more,
    )


def scheduler(prediction_type: str) -> DDIMScheduler:
    """The schedule of Stable Diffusion, all families."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type=prediction_type,
    )


def tiny_pipeline(folder: Path, prediction_type: str = "epsilon") -> StableDiffusionPipeline:
    """The pipeline of the 1 and 2 family, 32 px pictures; the same weights each time."""
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer(folder / "words")
    return StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_words(tokenizer)),
        tokenizer=tokenizer,
        unet=_unet(16),
        scheduler=scheduler(prediction_type),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def tiny_xl(folder: Path) -> StableDiffusionXLPipeline:
    """The pipeline of SDXL: two text encoders, a pooled state, sizes as conditions."""
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer(folder / "words")
    return StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_words(tokenizer)),
        text_encoder_2=CLIPTextModelWithProjection(_words(tokenizer)),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=_unet(
            32,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 8,
        ),
        scheduler=scheduler("epsilon"),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


def save_tiny(folder: Path, kind: str = "epsilon") -> Path:
    """Write a pipeline as a diffusers folder; kind is "epsilon", "v_prediction" or "xl"."""
    target = folder / "model"
    pipeline = tiny_xl(folder) if kind == "xl" else tiny_pipeline(folder, kind)
    pipeline.save_pretrained(target)
    return target


def save_tiny_clip(folder: Path, side: int = 24) -> Path:
    """A random CLIP that reads pictures of this side, as a folder of transformers."""
    torch.manual_seed(1)
    tokenizer = tiny_tokenizer(folder / "words")
    seeing = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=side,
        patch_size=8,
        projection_dim=8,
    )
    config = CLIPConfig(
        text_config=_words(tokenizer).to_dict(), vision_config=seeing.to_dict(), projection_dim=8
    )
    CLIPModel(config).save_pretrained(folder / "clip")
    tokenizer.save_pretrained(folder / "clip")
    return folder / "clip"


def save_tiny_checker(folder: Path, side: int = 24) -> Path:
    """A random safety checker that reads pictures of this side; its thresholds are all 1."""
    torch.manual_seed(2)
    words = CLIPTextConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2)
    seeing = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=side,
        patch_size=8,
    )
    config = CLIPConfig(
        text_config=words.to_dict(), vision_config=seeing.to_dict(), projection_dim=8
    )
    config._attn_implementation = "eager"  # built directly, its class knows no other
    checker = StableDiffusionSafetyChecker(config)
    checker.concept_embeds.data.normal_()
    checker.special_care_embeds.data.normal_()
    checker.save_pretrained(folder / "checker")
    return folder / "checker"
