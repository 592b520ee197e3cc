"""CLIP from a folder: pictures and texts as vectors of one space.

Source: Radford et al., 2021, "Learning Transferable Visual Models From Natural Language
Supervision", arXiv:2103.00020.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

from studio.errors import StudioError
from studio.hashes import short_sha256
from studio.models.config_files import named, read_config
from studio.models.config_rules import check_clip
from studio.models.fetching import CONFIG, local_folder, weight_files
from studio.models.tokenizers import tokenizer_of
from studio.models.whole import whole

BATCH = 32
Floats = NDArray[np.float32]


class Clip:
    """A CLIP model in single precision, with its tokenizer; loaded once.

    Attributes:
        model_hash: start of the SHA-256 of its weights.
        scale: what cosines are multiplied with before a softmax over texts.
        width: length of its vectors.

    Raises:
        StudioError: see `local_folder`; or the folder holds no CLIP.
    """

    def __init__(self, source: str) -> None:
        folder = local_folder(source)
        model, self._tokenizer = clip_in(folder)
        self._device = device()
        self._model = model.requires_grad_(False).eval().to(self._device)
        self._eye = image_processor(folder, model.config.vision_config.image_size)
        self.model_hash = short_sha256(*weight_files(folder))
        self.scale = float(model.logit_scale.exp())
        self.width = int(model.config.projection_dim)

    @property
    def looks(self) -> tuple[str, ...]:
        """How pictures reach it, in words for a profile."""
        return described(self._eye)

    @torch.no_grad()
    def pictures(self, images: Sequence[Image.Image]) -> Floats:
        """(B, width), each of length 1."""
        rows = [
            self._model.get_image_features(
                self._pixels(images[start : start + BATCH])
            ).pooler_output
            for start in range(0, len(images), BATCH)
        ]
        return _unit(rows, self.width)

    @torch.no_grad()
    def texts(self, texts: Sequence[str]) -> Floats:
        """(T, width), each of length 1.

        Raises:
            StudioError: a text is too long; nothing is cut off in silence.
        """
        limit = int(self._model.config.text_config.max_position_embeddings)
        for text in texts:
            if len(self._tokenizer(text)["input_ids"]) > limit:
                raise StudioError(
                    f"This is too long for CLIP, which reads at most {limit} tokens: {text[:40]}",
                    "Say it in fewer words.",
                )
        words = self._tokenizer(list(texts), padding=True, return_tensors="pt").to(self._device)
        return _unit([self._model.get_text_features(**words).pooler_output], self.width)

    def _pixels(self, images: Sequence[Image.Image]) -> Tensor:
        return pixels(self._eye, images).to(self._device)


def clip_in(folder: Path) -> tuple[CLIPModel, CLIPTokenizer]:
    """The CLIP of a folder, whole, with its tokenizer.

    Raises:
        StudioError: see `whole` and `tokenizer_of`; or the folder holds no CLIP.
    """
    config = read_config(folder / CONFIG)
    if config.get("model_type", "clip") != "clip":
        raise no_clip(folder)
    check_clip(config, named(folder / CONFIG))
    model = whole(CLIPModel, folder)
    return model, tokenizer_of(folder, model.config.text_config)


def no_clip(folder: Path) -> StudioError:
    """What is said of a folder that cannot be used."""
    return StudioError(
        f"{folder} holds no CLIP that can be loaded.",
        "Choose the folder of a CLIPModel with its tokenizer, such as clip-vit-large-patch14.",
    )


def device() -> torch.device:
    """The GPU where there is one; in single precision everywhere, so that numbers compare."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def image_processor(folder: Path, side: int) -> CLIPImageProcessorPil:
    """The folder's own rule for making pictures ready, by Pillow; else CLIP's at this side."""
    names = ("preprocessor_config.json", "processor_config.json")
    if any((folder / name).is_file() for name in names):
        return CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
    crop = {"height": side, "width": side}
    return CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size=crop)


def pixels(eye: CLIPImageProcessorPil, images: Sequence[Image.Image]) -> Tensor:
    """RGB pictures of any size -> (B, 3, side, side), normalised."""
    ready = eye([image.convert("RGB") for image in images], return_tensors="pt")
    return ready["pixel_values"]


def described(eye: CLIPImageProcessorPil) -> tuple[str, ...]:
    """A rule for making pictures ready, in words for a profile."""
    size, crop = dict(eye.size), dict(eye.crop_size)
    edge = size.get("shortest_edge") or f"{size.get('height')}x{size.get('width')}"
    resample = Image.Resampling(eye.resample).name.lower()
    return (f"shorter edge {edge} px, {resample}", f"centre {crop['height']}x{crop['width']} px")


def _unit(rows: Sequence[Tensor], width: int) -> Floats:
    if not rows:
        return np.zeros((0, width), np.float32)
    return F.normalize(torch.cat(list(rows)).float(), dim=-1).cpu().numpy()
