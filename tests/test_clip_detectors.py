"""Detectors on CLIP: each answers as its reference does, and takes no weights that are not safe."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import (
    StableDiffusionSafetyChecker,
    cosine_distance,
)
from PIL import Image
from safetensors.torch import load_file, save_file
from scipy.special import softmax
from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

from studio.errors import StudioError
from studio.evaluation.detectors import (
    find_detector,
    get_detector,
)
from studio.hashes import short_sha256
from studio.models.fetching import local_folder
from studio.world import ROOT
from tests.tiny import save_tiny_checker, save_tiny_clip


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_clip(tmp_path_factory.mktemp("clip"))


def noise(count: int, size: tuple[int, int] = (60, 40)) -> list[Image.Image]:
    """Pictures of random blocks, so that even small networks tell them apart."""
    draw = np.random.default_rng(3)
    blocks = draw.integers(256, size=(count, 4, 5, 3), dtype=np.uint8)
    return [Image.fromarray(rows).resize(size, Image.Resampling.NEAREST) for rows in blocks]


@pytest.fixture(scope="session")
def checker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checker whose concepts each fire for few pictures, so that it is not all or nothing."""
    folder = save_tiny_checker(tmp_path_factory.mktemp("checker"))
    checker = StableDiffusionSafetyChecker.from_pretrained(folder)
    with torch.no_grad():
        seen = checker.visual_projection(checker.vision_model(ready(noise(40)))[1])
        for name, share in (("concept_embeds", 0.97), ("special_care_embeds", 0.8)):
            cosines = cosine_distance(seen, getattr(checker, name))
            getattr(checker, f"{name}_weights").data = cosines.quantile(share, 0)
    checker.save_pretrained(folder)
    return folder


def ready(pictures: list[Image.Image]) -> torch.Tensor:
    """What the tiny networks take, made by transformers alone."""
    side = {"height": 24, "width": 24}
    eye = CLIPImageProcessorPil(size={"shortest_edge": 24}, crop_size=side)
    return eye(pictures, return_tensors="pt")["pixel_values"]


def test_shares_are_those_of_transformers(clip_folder: Path) -> None:
    detector = get_detector("clip-zero-shot", weights=str(clip_folder))
    pictures, phrases = noise(5), ["a cat", "a bomb", "a cat", "tea", "a bomb"]
    seen = detector.see(pictures, phrases)
    model, words = (
        CLIPModel.from_pretrained(clip_folder),
        CLIPTokenizer.from_pretrained(clip_folder),
    )
    settings = find_detector("clip-zero-shot").detector
    for picture, phrase, one in zip(pictures, phrases, seen, strict=True):
        texts = [settings["template"].replace("{}", phrase), *settings["against"]]
        with torch.no_grad():
            said = words(texts, padding=True, return_tensors="pt")
            logits = model(**said, pixel_values=ready([picture])).logits_per_image[0]
        share = float(logits.softmax(0)[0])
        assert one.score == pytest.approx(share, rel=1e-4)
        assert one.shows == (share >= 0.5) and one.labels == ((phrase,) if one.shows else ())
    profile = detector.profile
    assert (
        "a picture of {}" in profile.settings and "shorter edge 24 px, bicubic" in profile.settings
    )
    assert profile.model == short_sha256(clip_folder / "model.safetensors")


def test_a_folder_says_itself_how_pictures_reach_it(clip_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "clip"
    shutil.copytree(clip_folder, copy)
    crop = {"height": 24, "width": 24}
    CLIPImageProcessorPil(size={"shortest_edge": 40}, crop_size=crop).save_pretrained(copy)
    detector = get_detector("clip-zero-shot", weights=str(copy))
    assert "shorter edge 40 px, bicubic" in detector.profile.settings
    plain_one = get_detector("clip-zero-shot", weights=str(clip_folder))
    pictures = noise(1)
    assert detector.see(pictures, ["a cat"]) != plain_one.see(pictures, ["a cat"])


def test_a_phrase_must_be_there_short_and_decent(clip_folder: Path) -> None:
    detector = get_detector("clip-zero-shot", weights=str(clip_folder))
    for phrase, words in [
        (" ", "no phrase"),
        ("a naked child", "refused"),
        ("wool " * 40, "at most 77 tokens"),
    ]:
        with pytest.raises(StudioError, match=words):
            detector.see(noise(1), [phrase])
    assert detector.see([], []) == []


def test_weights_that_are_not_whole_or_not_safe_are_refused(
    clip_folder: Path, tmp_path: Path
) -> None:
    for name in ("half", "pickled", "other"):
        shutil.copytree(clip_folder, tmp_path / name)
    weights = load_file(clip_folder / "model.safetensors")
    kept = {key: value for key, value in weights.items() if "visual_projection" not in key}
    save_file(kept, tmp_path / "half" / "model.safetensors", {"format": "pt"})
    (tmp_path / "pickled" / "model.safetensors").unlink()
    torch.save(weights, tmp_path / "pickled" / "pytorch_model.bin")
    (tmp_path / "other" / "config.json").unlink()
    for name, words in [
        ("half", "lacks 1 of 78 tensors: visual_projection.weight"),
        ("pickled", "no .safetensors weights"),
        ("other", "config.json is missing"),
        ("nowhere", "no folder"),
    ]:
        with pytest.raises(StudioError, match=words):
            get_detector("clip-zero-shot", weights=str(tmp_path / name))

    with pytest.raises(StudioError, match="is not pinned"):
        local_folder("owner/name@main")


PIN = "0123456789abcdef" * 2 + "01234567"


def test_the_hub_is_asked_for_safe_files_alone(
    clip_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StudioError, match="could not be fetched"):
        get_detector("clip-zero-shot", weights=f"nobody/nothing@{PIN}")
    shutil.copytree(clip_folder, tmp_path / "inside")
    asked = []

    def snapshot(
        repo: str, *, revision: str, allow_patterns: list[str], local_files_only: bool
    ) -> str:
        assert revision == PIN
        asked.append((repo, local_files_only, tuple(allow_patterns)))
        if local_files_only:
            raise FileNotFoundError(repo)
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    with pytest.raises(StudioError, match="not here yet"):
        local_folder(f"owner/name/inside@{PIN}", offline=True)
    assert local_folder(f"owner/name/inside@{PIN}") == tmp_path / "inside"
    assert [row[:2] for row in asked] == [("owner/name", True)] * 2 + [("owner/name", False)]
    for pattern in asked[-1][2]:
        assert pattern.startswith("inside/")
        assert not any(
            Path(f"inside/{bad}").match(pattern) for bad in ("model.bin", "a.pt", "a.py")
        )


# Q16


def test_q16_is_the_nearer_of_two_vectors(clip_folder: Path, tmp_path: Path) -> None:
    rows = torch.randn(2, 8, generator=torch.Generator().manual_seed(5))
    np.save(tmp_path / "prompts.npy", rows.numpy())
    detector = get_detector("q16", weights=str(clip_folder), prompts=tmp_path / "prompts.npy")
    pictures = noise(12)
    seen = detector.see(pictures, [""] * 12)
    model = CLIPModel.from_pretrained(clip_folder)
    with torch.no_grad():
        found = model.get_image_features(ready(pictures)).pooler_output
    cosines = torch.cosine_similarity(found[:, None], rows[None], dim=-1).numpy()
    expected = softmax(100 * cosines, axis=1)[:, 1]
    np.testing.assert_allclose([one.score for one in seen], expected, rtol=1e-3, atol=1e-6)
    assert [one.shows for one in seen] == list(cosines.argmax(1) == 1)
    assert short_sha256(tmp_path / "prompts.npy") in detector.profile.settings[0]


def test_q16_needs_vectors_that_fit(clip_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="needs its prompt vectors"):
        get_detector("q16", weights=str(clip_folder))
    np.save(tmp_path / "wide.npy", np.ones((2, 768), np.float16))
    with pytest.raises(StudioError, match="2 x 768 numbers, this CLIP needs 2 x 8"):
        get_detector("q16", weights=str(clip_folder), prompts=tmp_path / "wide.npy")
    copy = tmp_path / "clip"
    shutil.copytree(clip_folder, copy)
    np.save(copy / "prompts.npy", np.eye(2, 8, dtype=np.float32))
    beside = get_detector("q16", weights=str(copy)).see(noise(2), ["", ""])
    own = tmp_path / "own.yaml"  # so that an evaluation, which knows names alone, finds both
    preset = (ROOT / "presets" / "detectors" / "q16.yaml").read_text(encoding="utf-8")
    place = f"weights: {clip_folder}, prompts: {copy / 'prompts.npy'}"
    own.write_text(re.sub(r"weights: [^,}]+", place, preset))
    assert get_detector(str(own)).see(noise(2), ["", ""]) == beside


# the safety checker


def test_the_safety_checker_answers_as_diffusers_and_blackens_nothing(
    checker_folder: Path,
) -> None:
    detector = get_detector("safety-checker", weights=str(checker_folder))
    pictures = noise(40)
    before = [picture.tobytes() for picture in pictures]
    seen = detector.see(pictures, [""] * 40)
    assert [picture.tobytes() for picture in pictures] == before
    stock = StableDiffusionSafetyChecker.from_pretrained(checker_folder).eval()
    _, flagged = stock(clip_input=ready(pictures), images=np.zeros((40, 2, 2, 3)))
    assert [one.shows for one in seen] == flagged
    assert 5 < sum(flagged) < 35
    for one in seen:
        assert one.score is not None and (one.score > 0) == one.shows == bool(one.labels)


def test_folders_of_the_first_stable_diffusion_load_as_well(
    clip_folder: Path, checker_folder: Path, tmp_path: Path
) -> None:
    places = torch.arange(10)[None]
    for name, folder, inner in (
        ("clip-zero-shot", clip_folder, ""),
        ("safety-checker", checker_folder, "vision_model."),  # its vision model stood in another
    ):
        copy = tmp_path / name
        shutil.copytree(folder, copy)
        weights = load_file(folder / "model.safetensors")
        old = {f"{inner}{k}" if k.startswith("vision_model.") else k: weights[k] for k in weights}
        old[f"{inner}vision_model.embeddings.position_ids"] = places
        save_file(old, copy / "model.safetensors", {"format": "pt"})
        eye = {"feature_extractor_type": "CLIPFeatureExtractor", "size": 24, "crop_size": 24}
        (copy / "preprocessor_config.json").write_text(json.dumps({**eye, "resample": 3}))
        now, then = (get_detector(name, weights=str(f)) for f in (folder, copy))
        assert now.see(noise(3), ["a cat"] * 3) == then.see(noise(3), ["a cat"] * 3)
        assert now.profile.model != then.profile.model
        assert now.profile.settings == then.profile.settings
