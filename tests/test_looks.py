"""Renders with the look of drawn pictures keep the labels of renders."""

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

from studio.iconworld import looks
from studio.iconworld.judge import train_judge
from studio.iconworld.scenes import Scene
from studio.world import ICON_WORLD, load_world

WORLD = load_world()
SCENES = [Scene(("cat",), "noto", "red"), Scene(("dog",), "retro", "blue"), Scene((), "", "gray")]


@pytest.fixture(scope="module")
def coder() -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(ICON_WORLD / "vae").float().eval()


def renders() -> torch.Tensor:
    """Three flat pictures of different colours, uint8 (3, 128, 128, 3)."""
    pixels = torch.zeros(3, 128, 128, 3, dtype=torch.uint8)
    for place, colour in enumerate(((206, 66, 62), (96, 152, 228), (150, 152, 156))):
        pixels[place] = torch.tensor(colour, dtype=torch.uint8)
    return pixels


def test_through_the_autoencoder_a_render_keeps_its_look_and_its_label(
    coder: AutoencoderKL,
) -> None:
    pixels = renders()
    back, scenes = looks.through_autoencoder(coder, (pixels, SCENES))
    assert back.dtype == torch.uint8 and back.shape == pixels.shape and scenes == SCENES
    away = (back.float() - pixels.float()).abs().mean((1, 2, 3))
    apart = (pixels[[1, 2, 0]].float() - pixels.float()).abs().mean((1, 2, 3))
    assert (away > 0).any() and (away < apart / 2).all()


def test_what_is_drawn_again_has_the_label_of_its_own_render(coder: AutoencoderKL) -> None:
    rows, latents = torch.tensor([2, 0, 2]), torch.zeros(3, 4, 16, 16)
    pixels, scenes = looks.drawn_again(coder, SCENES, (rows, latents))
    assert pixels.shape == (3, 128, 128, 3) and scenes == [SCENES[2], SCENES[0], SCENES[2]]


def test_shaded_renders_are_of_the_style_that_is_drawn_worst() -> None:
    flat = np.full((192, 192, 4), 200, np.uint8)
    icons = {(name, style): flat for name in ("cat", "dog") for style in WORLD.styles}
    icons |= {("bomb", "noto"): flat}  # not there in the shaded style
    pixels, scenes = looks.shaded_renders(WORLD, icons, 40, seed=3)
    assert pixels.shape == (40, 128, 128, 3) and {s.style for s in scenes} == {"fluent"}
    assert {name for s in scenes for name in s.objects} == {"cat", "dog"}
    again, _ = looks.shaded_renders(WORLD, icons, 40, seed=3)
    assert torch.equal(pixels, again)


def test_light_is_smooth_and_bounded() -> None:
    pixels = torch.full((4, 128, 128, 3), 150, dtype=torch.uint8)
    lit = looks.uneven_light(pixels, torch.Generator().manual_seed(0)).float()
    assert lit.std() > 3 and (lit / 150 - 1).abs().max() <= looks.LIGHT + 0.01
    assert (lit[:, 1:] - lit[:, :-1]).abs().max() <= 2 and (lit[..., 0] == lit[..., 2]).all()


def test_a_judge_trains_on_all_of_them(coder: AutoencoderKL, tmp_path, monkeypatch) -> None:
    first = (renders()[:2], SCENES[:2])
    shown = looks.joined([first, looks.through_autoencoder(coder, first)])
    assert len(shown[0]) == len(shown[1]) == 4 and shown[1] == SCENES[:2] * 2
    train_judge(WORLD, shown, (renders()[2:], SCENES[2:]), tmp_path, steps=1, batch=8)
    assert (tmp_path / "judge.safetensors").exists()


def test_the_step_joins_every_look_and_leaves_the_plain_judge_alone(tmp_path, monkeypatch) -> None:
    from studio.iconworld import __main__ as steps

    flat = np.full((192, 192, 4), 200, np.uint8)
    icons = {(thing.id, style): flat for thing in WORLD.objects for style in WORLD.styles}
    monkeypatch.setattr(steps, "LOOKS", 6)
    monkeypatch.setattr(steps, "REDRAWN", 3)
    torch.save({"latents": torch.zeros(3, 4, 16, 16)}, tmp_path / "cache.pt")
    monkeypatch.setattr(steps.icons, "load_icons", lambda world, folder: (icons, [flat], [flat]))
    monkeypatch.setattr(steps, "_pictures", lambda build: (renders(), SCENES))
    monkeypatch.setattr(steps, "draw_many", lambda *a, **k: (renders().numpy(), SCENES))
    monkeypatch.setattr(steps.judge, "others", lambda *a, **k: (renders().numpy(), SCENES[2:] * 3))
    monkeypatch.setattr(
        steps, "redrawn", lambda build: (torch.tensor([1]), torch.zeros(1, 4, 16, 16))
    )
    asked = {}

    def train(world, known, unknown, folder, *, steps, seed, start=None, rate=3e-3):
        asked[folder.name] = (known, unknown)
        assert start is None or start.name in asked

    monkeypatch.setattr(steps.judge, "train_judge", train)
    monkeypatch.setattr(
        steps.AutoencoderKL,
        "from_pretrained",
        classmethod(
            lambda cls, folder: AutoencoderKL.from_config(
                AutoencoderKL.load_config(ICON_WORLD / "vae")
            )
        ),
    )
    steps.make_judge(tmp_path)
    steps.FINISH["judge-looks"](tmp_path)
    plain, full, last = asked["judge"], asked["judge-looks-first"], asked["judge-looks"]
    assert [len(part[0]) for part in plain] == [6, 3]
    assert [len(part[0]) for part in full] == [6 + 3 + 1 + 3, 3 + 3]
    assert [len(part[0]) for part in last] == [6 + 2 * (3 + 1 + 3) + 2, 3 + 3 + 3]
    for pixels, scenes in (*plain, *full, *last):
        assert len(pixels) == len(scenes)
    assert full[0][1][9] == SCENES[1]
