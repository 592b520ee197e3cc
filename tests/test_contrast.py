"""Heads that match pictures and prompts: which captions are true, the loss by hand, a short run."""

import json
import math

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer

from studio.evaluation.judge import judge_at
from studio.hashes import short_sha256
from studio.iconworld import contrast
from studio.iconworld.captions import Caption
from studio.iconworld.contrast import Reader, held_out, info_nce, nothings, truths
from studio.iconworld.scenes import Scene
from studio.world import ICON_JUDGE, ICON_WORLD, load_world
from tests.quality_pictures import DRAWN

WORLD = load_world()
GROUPS = {thing.id: thing.group for thing in WORLD.objects}


def test_a_caption_is_true_of_what_it_names_and_nothing_else() -> None:
    scenes = [
        Scene(("bomb",), "noto", "red"),
        Scene(("bomb",), "retro", "red"),
        Scene(("dagger",), "noto", "red"),
        Scene(("bomb", "dagger"), "noto", "red"),
    ]
    told = [
        Caption("a bomb", ("bomb",), "", "", True),
        Caption("a bomb, noto style", ("bomb",), "noto", "", True),
        Caption("a bomb on blue", ("bomb",), "", "blue", True),
        Caption("a weapon", ("bomb",), "", "", False),
        Caption("a dagger and a bomb", ("dagger", "bomb"), "", "", True),
    ]
    assert GROUPS["bomb"] == GROUPS["dagger"]
    wanted = [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]]
    assert truths(told, scenes, GROUPS).tolist() == wanted


def test_info_nce_by_hand() -> None:
    same, scale = F.normalize(torch.ones(2, 3), dim=1), torch.tensor(5.0)
    all_right = torch.ones(2, 2)
    # all vectors are alike: each answer has 1/2, and 1/3 where a picture of nothing is offered too
    assert float(info_nce(same, same, scale, all_right)) == pytest.approx(math.log(2))
    with_nothing = torch.cat([same, same[:1]])
    wanted = (math.log(3) + math.log(2)) / 2
    assert float(info_nce(same, with_nothing, scale, all_right)) == pytest.approx(wanted)
    apart = torch.eye(2)
    # right 5, wrong 0: -log(e^5 / (e^5 + 1)) both ways
    wanted = math.log(1 + math.exp(-5))
    assert float(info_nce(apart, apart, scale, torch.eye(2))) == pytest.approx(wanted, rel=1e-4)


def test_pictures_of_nothing_are_blank_or_noise() -> None:
    found = nothings(40, seed=0)
    assert found.shape == (40, 3, 64, 64) and float(found.abs().max()) <= 1
    spread = found.std((2, 3)).mean(1)
    assert float(spread[::2].max()) == pytest.approx(0, abs=1e-6)
    assert float(spread[1::2].max()) > 0.3


def test_a_short_training_brings_pictures_and_their_prompts_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("BATCH", 8), ("NOTHINGS", 2), ("EMPTY", 8), ("SPOILED", 8)):
        monkeypatch.setattr(contrast, name, value)
    names = ("spoon", "pencil", "eight_ball", "hammer", "apple", "cat", "car", "guitar")
    looks = ("twemoji gray", "emojione yellow", "fluent purple", "retro red", "emojione red")
    looks += ("fluent green", "retro white", "noto orange")
    scenes = [Scene((n,), *look.split()) for n, look in zip(names, looks, strict=True)]
    pixels = torch.from_numpy(np.stack([np.asarray(Image.open(f)) for f in DRAWN[8:]]))
    reader = Reader(
        CLIPTokenizer.from_pretrained(ICON_WORLD / "tokenizer"),
        CLIPTextModel.from_pretrained(ICON_WORLD / "text_encoder").eval(),
    )
    net = judge_at(ICON_JUDGE).net
    heads = contrast.train_contrast(WORLD, net, reader, (pixels, scenes), steps=40)
    with torch.no_grad():
        features = contrast.read_pictures(net, [contrast.to_floats(pixels)])
        prompts = held_out(scenes, WORLD, np.random.default_rng(0))
        fits = heads.pictures(features) @ heads.texts(reader.read(prompts)).T
    assert int((fits.argmax(1) == torch.arange(8)).sum()) >= 7
    assert fits.shape == (8, 8) and float(fits.abs().max()) <= 1 + 1e-5


def test_the_shipped_heads_belong_to_the_shipped_judge_and_text_encoder() -> None:
    about = json.loads((ICON_JUDGE / "contrast.json").read_text())
    for name, stamp in about["made_of"].items():
        (file,) = [
            root / name for root in (ICON_WORLD.parent, ICON_WORLD) if (root / name).exists()
        ]
        assert short_sha256(file) == stamp, "run python -m studio.iconworld contrast again"
