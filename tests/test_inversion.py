"""Learning a word: what moves, what the file is worth elsewhere, and how the word is read."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from torch import Tensor

from studio.config import Concept, RunConfig, Token
from studio.errors import StudioError
from studio.jobs.inverting import alike, chosen
from studio.methods.hfi import HfiConfig, hfi_loss
from studio.models.loading import Bundle, load_bundle
from studio.models.sampler import draw_latents, initial_latents
from studio.models.shapes import RatedBatch
from studio.models.text import encode, shortened, states_of
from studio.models.tokens import add_token, learn, read_token, save_token, word_vectors
from studio.presets import find_model, resolve
from studio.training.distil import Distillation
from studio.training.inversion import Inversion
from studio.world import ICON_WORLD
from tests.denoisers import Linear
from tests.tiny import save_tiny


def pictures(count: int = 4) -> list[Image.Image]:
    return [Image.new("RGB", (40, 32), (60 * place, 120, 30)) for place in range(count)]


def inverting(config: RunConfig, *names: str, **settings: object) -> RunConfig:
    concept = Concept(name=names[0], synonyms=names[1:])
    pack = config.pack.model_copy(
        update={"remove": (concept,), "method": {"name": "hfi", "init": "bomb", **settings}}
    )
    return resolve(pack, config.model, overrides={**config.train.model_dump(), "lr": 0.05})


def inversion(bundle: Bundle, config: RunConfig, meanings: tuple[int, ...] = (0, 0, 0, 0)):
    return Inversion(bundle, config, pictures(), [1.0, 0.9, 0.2, 7.0], meanings)


def stock(folder: Path, *files: Path) -> StableDiffusionPipeline:
    pipe = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    pipe.set_progress_bar_config(disable=True)
    for file in files:
        pipe.load_textual_inversion(str(file))
    return pipe


def test_only_the_new_rows_move(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    old = len(bundle.text_encoder.get_input_embeddings().weight)
    parts = {"unet": bundle.unet, "text": bundle.text_encoder, "vae": bundle.vae}
    before = {n: {k: v.clone() for k, v in p.state_dict().items()} for n, p in parts.items()}
    run = inversion(bundle, inverting(config, "<x>", vectors=2))
    start = run.vectors.detach().clone()
    assert [record.step for record in run.steps()] == [1, 2, 3, 4]
    assert (run.vectors != start).any(1).all(), "both vectors were trained"
    for name, part in parts.items():
        for key, value in part.state_dict().items():
            assert value[:old].equal(before[name][key]) or value.equal(before[name][key]), key
        assert all(p.grad is None and not p.requires_grad for p in part.parameters())


def test_the_gradient_is_that_of_the_loss(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    run = inversion(bundle, inverting(config, "<x>", vectors=2))
    row = next(run._batches())

    def loss() -> Tensor:
        batch = RatedBatch(**{**vars(row), "said": states_of(bundle, ["<x> on red"] * 2)})
        return hfi_loss(run._denoiser, run._denoiser, batch, HfiConfig())

    (gradient,) = torch.autograd.grad(loss(), [run.vectors])
    step, found = 1e-2 * torch.nn.functional.normalize(gradient, dim=None), []
    with torch.no_grad():
        for sign in (1, -1):
            run.vectors += sign * step
            found.append(loss().double())
            run.vectors -= sign * step
    slope = (found[0] - found[1]) / 2e-2
    torch.testing.assert_close(slope.float(), gradient.norm(), rtol=2e-2, atol=0)


def test_each_picture_counts_as_much_as_its_reward() -> None:
    # e(z, t, v) = z + 0.5 v, all of z and noise 0, v = 2: said 1; 0.25 * 1^2 and 1 * 1^2
    zero, one = torch.zeros(2, 4, 2, 2), torch.ones(2, 1, 1, 1)
    batch = RatedBatch(
        zero, zero, torch.tensor([5, 6]), one, one, torch.full((2, 77, 3), 2.0),
        torch.tensor([0.25, 1.0]),
    )  # fmt: skip
    assert hfi_loss(Linear(), Linear(), batch, HfiConfig()).item() == 0.625
    # a v model: v = alpha noise - sigma picture = -1 * 1; z = 1 + 0; said 2: (2 + 1)^2
    v = RatedBatch(**{**vars(batch), "picture": zero + 1, "predicts_v": True})
    assert hfi_loss(Linear(), Linear(), v, HfiConfig()).item() == 9 * 0.625


def test_weights_are_kept_within_bounds(config: RunConfig) -> None:
    run = inversion(load_bundle(config.model), inverting(config, "<x>"))
    torch.testing.assert_close(run._rewards, torch.tensor([1.0, 0.9, 0.2, 1.0]))


def test_each_meaning_learns_from_its_own_pictures(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    run = inversion(bundle, inverting(config, "<x>", "<x-2>"), meanings=(0, 0, 0, 0))
    start = run.vectors.detach().clone()
    list(run.steps())
    assert not run.vectors[0].equal(start[0]) and run.vectors[1].equal(start[1])


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("vectors", [1, 3])
def test_stock_diffusers_reads_and_draws_the_word_alike(
    config: RunConfig, tmp_path: Path, kind: str, vectors: int
) -> None:
    folder = save_tiny(tmp_path, kind)
    card = config.model.model_copy(update={"source": str(folder)})
    config = config.model_copy(update={"model": card})
    bundle = load_bundle(card)
    run = inversion(bundle, inverting(config, "<x>", "<x-2>", vectors=vectors), (0, 1, 0, 1))
    list(run.steps())
    run.save(tmp_path / "token.safetensors", {"made": "here"})
    files = [tmp_path / "token.safetensors", tmp_path / "token-2.safetensors"]
    pipe = stock(folder, *files)
    prompts = ["a <x> on red, <x-2>", "<x>", "a bomb"]
    theirs = torch.cat([pipe.encode_prompt(p, "cpu", 1, False)[0] for p in prompts])
    torch.testing.assert_close(encode(bundle, prompts), theirs, atol=1e-5, rtol=0)
    again = load_bundle(card)
    learn(again, [Token(name="<x>", file=str(files[0])), Token(name="<x-2>", file=str(files[1]))])
    assert encode(again, prompts).equal(encode(bundle, prompts))
    ours = draw_latents(
        again, encode(again, ["a <x>"]), encode(again, [""]), initial_latents(again, [2]),
        steps=3, guidance_scale=4.0,
    )  # fmt: skip
    drawn = pipe(
        "a <x>", num_inference_steps=3, guidance_scale=4.0, output_type="latent",
        generator=torch.Generator().manual_seed(2),
    ).images  # fmt: skip
    torch.testing.assert_close(ours, drawn, atol=1e-4, rtol=0)


@pytest.mark.slow
def test_icon_world_reads_the_word_as_stock_diffusers_does(tmp_path: Path) -> None:
    bundle = load_bundle(find_model("icon-world"))
    file = tmp_path / "token.safetensors"
    save_token(file, "<sharp>", word_vectors(bundle, "crossed swords", 3) * 1.3, {})
    learn(bundle, [Token(name="<sharp>", file=str(file))])
    prompts = ["a picture of <sharp> in noto style", "a spoon"]
    pipe = stock(ICON_WORLD, file)
    theirs = torch.cat([pipe.encode_prompt(p, "cpu", 1, False)[0] for p in prompts])
    torch.testing.assert_close(encode(bundle, prompts), theirs, atol=1e-5, rtol=0)


def test_a_word_may_be_learned_again_with_fewer_or_more_vectors(config: RunConfig) -> None:
    bundle, draw = load_bundle(config.model), torch.Generator().manual_seed(0)
    plain = encode(bundle, ["a bomb"])
    for count in (3, 1, 4):
        vectors = torch.randn(count, 16, generator=draw)
        fresh = load_bundle(config.model)
        for known in (bundle, fresh):
            add_token(known, "<x>", vectors)
        assert encode(bundle, ["a <x>"]).equal(encode(fresh, ["a <x>"]))
    assert encode(bundle, ["a bomb"]).equal(plain)


def test_a_prompt_that_is_too_long_counts_all_vectors(config: RunConfig) -> None:
    bundle = load_bundle(config.model)
    add_token(bundle, "<x>", torch.ones(16, 16))
    encode(bundle, ["<x> <x> <x> <x>"])
    with pytest.raises(StudioError, match="has 82 tokens and this model reads at most 77"):
        encode(bundle, ["<x> <x> <x> <x> <x>"])
    assert shortened(bundle, "<x> <x> <x> <x> <x>") == "<x> <x> <x> <x>"


@pytest.mark.parametrize("method", ["sdd", "esd"])
def test_what_is_removed_holds_the_word(config: RunConfig, method: str) -> None:
    bundle = load_bundle(config.model)
    add_token(bundle, "<x>", torch.ones(2, 16))
    pack = config.pack.model_copy(
        update={
            "remove": (Concept(name="<x>", synonyms=("knife",)),),
            "tokens": (Token(name="<x>", file="x.safetensors"),),
        }
    )
    few = config.train.model_dump()
    run = Distillation(bundle, resolve(pack, config.model, method={"name": method}, overrides=few))
    assert run._removed_states.equal(encode(bundle, ["<x>", "knife"]))
    assert not encode(load_bundle(config.model), ["<x>"]).allclose(run._removed_states[:1])
    assert len(list(run.steps())) == 4


@pytest.mark.parametrize("kind", ["missing", "rubbish", "two", "cube", "width"])
def test_files_that_are_no_token_are_refused(config: RunConfig, tmp_path: Path, kind: str) -> None:
    from safetensors.torch import save_file

    file = tmp_path / "token.safetensors"
    if kind == "rubbish":
        file.write_bytes(b"no weights")
    elif kind != "missing":
        one = torch.ones(2, 2, 2) if kind == "cube" else torch.ones(1, 7)
        save_file({"<x>": one, **({"<y>": one.clone()} if kind == "two" else {})}, file)
    words = {
        "missing": "no token at",
        "rubbish": "is damaged",
        "width": "vectors of length 7, this model of 16",
    }
    with pytest.raises(StudioError, match=words.get(kind, "holds no token")):
        learn(load_bundle(config.model), [Token(name="<x>", file=str(file))])


def test_a_model_that_reads_twice_learns_no_word(config: RunConfig, tmp_path: Path) -> None:
    card = config.model.model_copy(update={"source": str(save_tiny(tmp_path, "xl"))})
    with pytest.raises(StudioError, match="reads prompts twice"):
        add_token(load_bundle(card), "<x>", torch.ones(1, 16))


def test_pictures_that_look_alike_share_a_word() -> None:
    draw = torch.Generator().manual_seed(0)
    middle = torch.eye(3).repeat_interleave(8, 0)
    seen = (middle + 0.05 * torch.randn(24, 3, generator=draw)).double().numpy()
    groups = alike(seen, 3)
    assert [len(set(groups[start : start + 8])) for start in (0, 8, 16)] == [1, 1, 1]
    assert len(set(groups)) == 3
    assert alike(seen, 1) == [0] * 24


def test_only_pictures_that_likely_show_it_are_learned() -> None:
    rewards = np.array([0.4, 0.9, 0.0, 0.6, 0.8])
    assert chosen(rewards, 2).tolist() == [1, 4]
    assert chosen(rewards, 100).tolist() == [1, 4, 3]
    with pytest.raises(StudioError, match="finds no picture"):
        chosen(rewards / 2, 100)


def test_a_vector_that_is_read_back_is_the_same(tmp_path: Path) -> None:
    save_token(tmp_path / "t.safetensors", "<x>", torch.arange(6.0).view(2, 3), {})
    assert read_token(tmp_path / "t.safetensors").equal(torch.arange(6.0).view(2, 3))
