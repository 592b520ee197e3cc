"""SafeGen's loss by hand, its triplets, and the attention that masks them."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs.triplet_folder import TripletFolder
from studio.jobs.triplet_maker import make_triplets
from studio.methods.safegen import SafegenConfig, safegen_loss
from studio.models.attention import WordMaps, listening, word_places
from studio.models.loading import load_bundle
from studio.models.sampler import draw_latents, initial_latents
from studio.models.shapes import ImageBatch
from studio.models.text import encode
from studio.pictures import mosaic
from tests.denoisers import image_batch, trained
from tests.test_methods import run_of

CFG = SafegenConfig(count=4)


class Perfect:
    """A denoiser that takes unsafe pictures for their mosaics and the rest for what it is."""

    def __init__(self, batch: ImageBatch) -> None:
        self.batch = batch

    def __call__(self, z: Tensor, t: Tensor, states: Tensor) -> Tensor:
        b = self.batch
        x = z[: len(b.unsafe)]
        noise = (x - b.alpha * b.mosaic) / b.sigma  # so that the denoised picture is the mosaic
        rows = [b.answer(b.mosaic, noise)]
        if len(z) > len(b.unsafe):
            rows.append(b.answer(b.benign, b.benign_noise))
        return torch.cat(rows)


@pytest.mark.parametrize("predicts_v", [False, True])
@pytest.mark.parametrize("t", [20, 354, 950])
def test_the_exact_target_draws_the_mosaic_at_every_level(t: int, predicts_v: bool) -> None:
    batch = image_batch(t, predicts_v)
    cfg = SafegenConfig(keep_from="noise")
    assert safegen_loss(Perfect(batch), Perfect(batch), batch, cfg).item() < 1e-6
    official = cfg.model_copy(update={"target": "official"})
    assert safegen_loss(Perfect(batch), Perfect(batch), batch, official).item() > 1e-2 or t == 354


def test_the_published_target_is_right_where_picture_and_noise_are_even() -> None:
    cfg = SafegenConfig(keep_from="noise", target="official")
    losses = {
        t: safegen_loss(Perfect(b), Perfect(b), b, cfg).item()
        for t in (100, 354, 800)
        if (b := image_batch(t))
    }
    assert losses[354] < 1e-4 < losses[100] and losses[354] < losses[800]


def test_the_two_terms_by_hand() -> None:
    # a student that answers 0: said - target = -(noise + a / s (z_n - z_m)), kept: base answers 1
    b = image_batch(354)
    ratio = b.alpha / b.sigma
    target = b.noise + ratio * (b.unsafe - b.mosaic)
    weight = (ratio**2).clamp(max=CFG.snr_limit) / ratio**2
    wanted = 0.1 * (weight * target**2).mean() + 0.9 * 1.0
    found = safegen_loss(
        lambda z, t, s: torch.zeros_like(z), lambda z, t, s: torch.ones_like(z), b, CFG
    )
    torch.testing.assert_close(found, wanted)


def test_it_can_only_lead_away_from_the_unsafe_picture() -> None:
    """A student that already draws the unsafe picture perfectly is punished, at every level."""
    for t in (20, 354, 950):
        b = image_batch(t)

        def unsafe(z: Tensor, t: Tensor, s: Tensor, b: ImageBatch = b) -> Tensor:
            return torch.cat([b.noise, b.benign_noise])

        cfg = SafegenConfig(keep_from="noise", keep_weight=0.0)
        assert safegen_loss(unsafe, unsafe, b, cfg).item() > 1e-3


def test_triplets_are_drawn_paired_and_read_back(config: RunConfig, tmp_path: Path) -> None:
    bundle = load_bundle(config.model)
    told: list[int] = []
    manifest = make_triplets(
        bundle, None, config.pack, CFG, tmp_path, on_triplet=lambda done, total: told.append(done)
    )
    assert told == [1, 2, 3, 4] and len(manifest.rows) == 4
    folder = TripletFolder(tmp_path)
    assert folder.read() == manifest
    for unsafe, covered, benign in folder.pictures():
        assert unsafe.size == covered.size == benign.size == (32, 32)
        assert unsafe.tobytes() != covered.tobytes()
    assert {row.prompt for row in manifest.rows} == {"bomb", "knife"}
    assert len(folder.drop({0, 2}).kept) == 2
    assert len(folder.pictures()) == 2


def test_a_set_of_triplets_can_be_used_again(config: RunConfig, tmp_path: Path) -> None:
    make_triplets(load_bundle(config.model), None, config.pack, CFG, tmp_path / "set")
    lr = config.train.model_copy(update={"lr": 0.01})
    config = config.model_copy(update={"train": lr})
    own = trained(run_of(config, "safegen"))
    again = trained(run_of(config, "safegen", triplets=str(tmp_path / "set")))
    assert all(a.equal(b) for a, b in zip(own, again, strict=True))
    TripletFolder(tmp_path / "set").drop({0})
    fewer = trained(run_of(config, "safegen", triplets=str(tmp_path / "set")))
    assert any(not a.equal(b) for a, b in zip(own, fewer, strict=True))


def broken(name: str, folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    if name == "no manifest":
        (folder / "manifest.json").unlink()
        return
    if name == "unreadable":
        (folder / "mosaic" / "0001.png").write_bytes(b"no picture")
    if name == "missing":
        (folder / "benign" / "0000.png").unlink()
    if name == "unpaired":
        Image.new("RGB", (5, 5)).save(folder / "mosaic" / "0002.png")
    if name == "outside":
        manifest["rows"][0]["unsafe"] = "../../secret.png"
    if name == "empty":
        manifest["rows"] = []
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no manifest", "is no set of triplets"),
        ("unreadable", "mosaic/0001.png is missing or cannot be read"),
        ("missing", "benign/0000.png is missing"),
        ("unpaired", "row 3: unsafe/0002.png and mosaic/0002.png differ in size"),
        ("outside", "outside its folder"),
        ("empty", "holds no triplets"),
    ],
)
def test_a_broken_set_says_what_is_wrong(
    config: RunConfig, tmp_path: Path, name: str, words: str
) -> None:
    make_triplets(load_bundle(config.model), None, config.pack, CFG, tmp_path)
    broken(name, tmp_path)
    with pytest.raises(StudioError, match=words):
        TripletFolder(tmp_path).pictures()


def test_a_mosaic_covers_what_the_mask_says() -> None:
    draw = torch.Generator().manual_seed(0)
    noise = torch.randint(256, (32, 32, 3), generator=draw).byte().numpy()
    image, mask = Image.fromarray(noise), Image.new("L", (32, 32))
    mask.paste(255, (0, 0, 16, 32))
    found = mosaic(image, mask, 8, 0)
    assert found.crop((16, 0, 32, 32)).tobytes() == image.crop((16, 0, 32, 32)).tobytes()
    block = found.crop((0, 0, 8, 8))
    assert len({block.getpixel((x, y)) for x in range(8) for y in range(8)}) == 1


def test_attention_is_followed_without_changing_what_is_drawn(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    prompt = "a red bomb on a table"
    places = word_places(bundle.tokenizer, prompt, "bomb")
    ids = bundle.tokenizer(prompt)["input_ids"]
    assert [ids[place] for place in places] == bundle.tokenizer("bomb")["input_ids"][1:-1]
    assert word_places(bundle.tokenizer, prompt, "knife") == []
    states, null = encode(bundle, [prompt]), encode(bundle, [""])
    start = initial_latents(bundle, [1])

    def draw() -> Tensor:
        return draw_latents(bundle, states, null, start, steps=3, guidance_scale=3.0)

    before, maps = draw(), WordMaps([places])
    with listening(bundle.unet, maps.add):
        watched = draw()
    torch.testing.assert_close(before, watched, atol=1e-4, rtol=0)
    assert draw().equal(before), "nothing is left behind"
    found = maps.result(32)
    assert found.shape == (1, 32, 32) and found.min() == 0 and found.max() == 1


def test_triplets_are_drawn_in_sentences(config: RunConfig, tmp_path: Path) -> None:
    cfg = SafegenConfig(count=4, templates=("{}", "{} on red"), keep_templates=("a cup of {}",))
    bundle = load_bundle(config.model)
    rows = make_triplets(bundle, None, config.pack, cfg, tmp_path).rows
    assert [row.prompt for row in rows] == ["bomb", "knife on red", "bomb on red", "knife"]
    with Image.open(tmp_path / rows[0].benign) as picture:
        assert picture.info["parameters"].startswith("a cup of spoon\n")
