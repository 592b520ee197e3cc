"""Pipelines of real size with random weights: all as in the published models, nothing learned.

Weights are made on the device itself: no model is read, and none can be downloaded in tests.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DiffusionPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from tests.tiny import scheduler, tiny_pipeline, tiny_tokenizer, tiny_xl

WORDS = 49_408


def _text(
    kind: type[CLIPTextModel], width: int, layers: int, heads: int, act: str
) -> CLIPTextModel:
    return kind(
        CLIPTextConfig(
            vocab_size=WORDS,
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            max_position_embeddings=77,
            hidden_act=act,
            projection_dim=width,
            bos_token_id=0,
            eos_token_id=2,  # of old folders: transformers then reads the state of the highest id
        )
    )


def _vae(**more: object) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=512,
        **more,
    )


def _base(
    folder: Path, unet: UNet2DConditionModel, text: CLIPTextModel, prediction_type: str
) -> DiffusionPipeline:
    return StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=text,
        tokenizer=tiny_tokenizer(folder / "words"),
        unet=unet,
        scheduler=scheduler(prediction_type),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sd_1(folder: Path) -> DiffusionPipeline:
    """Stable Diffusion 1.4 and 1.5: 860 M weights in the denoiser, 512 px."""
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
    text = _text(CLIPTextModel, 768, 12, 12, "quick_gelu")
    return _base(folder, unet, text, "epsilon")


def sd_2(folder: Path) -> DiffusionPipeline:
    """Stable Diffusion 2.1: 866 M weights in the denoiser, 768 px, v-prediction."""
    unet = UNet2DConditionModel(
        sample_size=96,
        cross_attention_dim=1024,
        attention_head_dim=(5, 10, 20, 20),
        use_linear_projection=True,
    )
    return _base(folder, unet, _text(CLIPTextModel, 1024, 23, 16, "gelu"), "v_prediction")


def sdxl(folder: Path) -> DiffusionPipeline:
    """SDXL base: 2.6 G weights in the denoiser, 1024 px, two text encoders."""
    unet = UNet2DConditionModel(
        sample_size=128,
        block_out_channels=(320, 640, 1280),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        cross_attention_dim=2048,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
    )
    tokenizer = tiny_tokenizer(folder / "words")
    return StableDiffusionXLPipeline(
        vae=_vae(scaling_factor=0.13025, force_upcast=True),
        text_encoder=_text(CLIPTextModel, 768, 12, 12, "quick_gelu"),
        text_encoder_2=_text(CLIPTextModelWithProjection, 1280, 32, 20, "gelu"),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=unet,
        scheduler=scheduler("epsilon"),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


KINDS: dict[str, tuple[str, Callable[[Path], DiffusionPipeline]]] = {  # with its model card
    "sd-1": ("sd-1-5", sd_1),
    "sd-2": ("sd-1-5", sd_2),
    "sdxl": ("sdxl-base", sdxl),
    "tiny": ("sd-1-5", tiny_pipeline),
    "tiny-xl": ("sdxl-base", tiny_xl),
}


def made(kind: str, folder: Path, device: torch.device, dtype: torch.dtype) -> DiffusionPipeline:
    """A pipeline of this kind whose weights are random, on this device in this precision."""
    torch.manual_seed(0)
    with torch.device(device):
        pipeline = KINDS[kind][1](folder)
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            part.to(device, dtype)
    return pipeline
