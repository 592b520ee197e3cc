"""What the configs of a model's parts may say; all that a studio cannot draw is refused here.

Refusals give a reason that ends the sentence "The studio cannot use the model ...: REASON."
"""

from collections.abc import Callable, Iterator
from typing import Any

from studio.models.config_files import Config, Number, check_choice, check_numbers, wrong

MOST_SIDE = 8192  # of a picture, pixels
MOST_LEVELS = 10_000
PREDICTIONS = ("epsilon", "v_prediction")
SPACINGS = ("leading", "trailing", "linspace")
SCHEDULES = ("linear", "scaled_linear", "squaredcos_cap_v2")
# they walk over the noise levels of Stable Diffusion; others have levels of their own
SCHEDULERS = (
    "DDIMScheduler", "DDIMParallelScheduler", "DDPMScheduler", "DDPMParallelScheduler",
    "PNDMScheduler", "LMSDiscreteScheduler", "EulerDiscreteScheduler",
    "EulerAncestralDiscreteScheduler", "HeunDiscreteScheduler", "KDPM2DiscreteScheduler",
    "KDPM2AncestralDiscreteScheduler", "DPMSolverMultistepScheduler",
    "DPMSolverSinglestepScheduler", "DPMSolverSDEScheduler", "DEISMultistepScheduler",
    "UniPCMultistepScheduler", "SASolverScheduler",
)  # fmt: skip
FEW_STEPS = ("LCMScheduler", "TCDScheduler")

_UNET = (
    Number("sample_size", 1, MOST_SIDE // 8, must=True, many=True),
    Number("in_channels", 1, 64),
    Number("out_channels", 1, 64),
    Number("block_out_channels", 1, 8192, many=True),
    Number("layers_per_block", 1, 16, many=True),
    Number("transformer_layers_per_block", 0, 32, many=True),
    Number("reverse_transformer_layers_per_block", 0, 32, many=True, null=True),
    Number("attention_head_dim", 1, 8192, many=True),
    Number("num_attention_heads", 1, 8192, many=True, null=True),
    Number("cross_attention_dim", 1, 16384),
    Number("norm_num_groups", 1, 1024, null=True),
    Number("norm_eps", 0, 1, whole=False),
    Number("addition_time_embed_dim", 1, 16384, null=True),
    Number("projection_class_embeddings_input_dim", 1, 65536, null=True),
)
_VAE = (
    Number("scaling_factor", 0.001, 1000, whole=False),
    Number("block_out_channels", 1, 8192, many=True),
    Number("layers_per_block", 1, 16),
    Number("latent_channels", 1, 64),
    Number("in_channels", 3, 3),
    Number("out_channels", 3, 3),
    Number("norm_num_groups", 1, 1024),
)
_TEXT = (
    Number("vocab_size", 3, 1_000_000),
    Number("hidden_size", 1, 16384),
    Number("intermediate_size", 1, 65536),
    Number("num_hidden_layers", 1, 200),
    Number("num_attention_heads", 1, 1024),
    Number("max_position_embeddings", 3, 8192),
    Number("projection_dim", 1, 16384, null=True),
)
_SEEING = (
    *_TEXT[1:5],
    Number("image_size", 1, 4096),
    Number("patch_size", 1, 1024),
    Number("num_channels", 3, 3),
)
_LEVELS = (
    Number("num_train_timesteps", 2, MOST_LEVELS),
    Number("beta_start", 1e-9, 0.9999, whole=False),
    Number("beta_end", 1e-9, 0.9999, whole=False),
    Number("steps_offset", 0, MOST_LEVELS),
)


def check_unet(config: Config, file: str = "unet/config.json") -> str | None:
    """Why a denoiser cannot be used; None: it can.

    Raises:
        StudioError: a number is not right.
    """
    check_numbers(config, _UNET, file)
    size = config.get("sample_size")
    if isinstance(size, list) and (len(size) != 2 or size[0] != size[1]):
        raise wrong(file, "sample_size", size, "one side, for square pictures")
    if len(list(_flat(config.get("block_out_channels", ())))) > 8:
        raise wrong(file, "block_out_channels", config["block_out_channels"], "a list of up to 8")
    if config.get("time_cond_proj_dim") is not None:
        return "it is told the guidance instead of being guided (a distillate such as LCM)"
    if config.get("class_embed_type") is not None or config.get("num_class_embeds") is not None:
        return "its denoiser wants the number of a class besides the text"
    if config.get("encoder_hid_dim_type") or config.get("encoder_hid_dim"):
        return "its denoiser wants pictures or other texts as conditions"
    if config.get("addition_embed_type") not in (None, "text_time"):
        return "its denoiser wants pictures or other texts as conditions"
    return None


def check_vae(config: Config, file: str = "vae/config.json") -> str | None:
    """Why an autoencoder cannot be used; None: it can. Raises as `check_unet`."""
    check_numbers(config, _VAE, file)
    if len(list(_flat(config.get("block_out_channels", ())))) > 8:
        raise wrong(file, "block_out_channels", config["block_out_channels"], "a list of up to 8")
    moved = any(config.get(name) is not None for name in ("latents_mean", "latents_std"))
    if moved or config.get("shift_factor"):
        return "its autoencoder moves its latents (latents_mean, latents_std or shift_factor)"
    return None


def check_text(config: Config, file: str = "text_encoder/config.json") -> None:
    """Refuse numbers of a text encoder, or of a network that sees, that cannot be right.

    Raises:
        StudioError: names file, field and value.
    """
    check_numbers(config, _TEXT, file)
    _heads(config, file)


def check_seeing(config: Config, file: str) -> None:
    """The same for the half of a CLIP that sees."""
    check_numbers(config, _SEEING, file)
    _heads(config, file)


def check_clip(config: Config, file: str) -> None:
    """The same for both halves of a CLIP."""
    halves: tuple[tuple[str, Callable[[Config, str], None]], ...] = (
        ("text_config", check_text),
        ("vision_config", check_seeing),
    )
    for half, check in halves:
        own = config.get(half)
        if own is not None and not isinstance(own, dict):
            raise wrong(file, half, own, "an object")
        check(own or {}, file)
    check_numbers(config, (Number("projection_dim", 1, 16384),), file)


def check_scheduler(
    config: Config, file: str = "scheduler/scheduler_config.json", kind: str = ""
) -> str | None:
    """Why a sampler's noise levels cannot be drawn with; None: they can. Raises as `check_unet`.

    Args:
        kind: its class as the model's index names it.
    """
    for name in filter(None, (kind, config.get("_class_name"))):
        if name in FEW_STEPS:
            return "it is distilled for few steps, which its own sampler alone draws"
        if name not in SCHEDULERS:
            return f"its noise levels are those of {name}, not of Stable Diffusion"
    check_numbers(config, _LEVELS, file)
    check_choice(config, "beta_schedule", SCHEDULES, file)
    check_choice(config, "timestep_spacing", SPACINGS, file)
    _betas(config, file)
    return next(_refused_levels(config, kind or str(config.get("_class_name", ""))), None)


def _refused_levels(config: Config, kind: str) -> Iterator[str]:
    noise = config.get("prediction_type", "epsilon") == "epsilon"
    zero_snr = bool(config.get("rescale_betas_zero_snr"))
    if config.get("prediction_type", "epsilon") not in PREDICTIONS:
        yield "it predicts neither noise nor v"
    if config.get("thresholding"):
        yield "its sampler cuts what it predicts (thresholding), which latents do not bear"
    if zero_snr and noise:
        yield "its last level is pure noise (rescale_betas_zero_snr), which wants v"
    few = kind.startswith("Euler") and config.get("timestep_spacing") == "trailing"
    if few and noise and not zero_snr:
        yield "it is distilled for few steps without guidance (a Turbo or Lightning model)"


def _betas(config: Config, file: str) -> None:
    own = config.get("trained_betas")
    if own is None:
        return
    count = config.get("num_train_timesteps", 1000)
    sound = Number("trained_betas", 1e-9, 1, whole=False)
    if not isinstance(own, list) or len(own) != count or not all(map(sound.holds, own)):
        raise wrong(file, "trained_betas", own, f"a list of {count} numbers from 0 to 1")


def _heads(config: Config, file: str) -> None:
    width, heads = config.get("hidden_size"), config.get("num_attention_heads")
    if isinstance(width, int) and isinstance(heads, int) and width % heads:
        raise wrong(file, "num_attention_heads", heads, f"a number that divides {width}")


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _flat(one)
    else:
        yield value
