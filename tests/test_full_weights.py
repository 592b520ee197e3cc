"""Full weights: tensors of a view's own beside the base, saved as their difference from it."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.config import AdapterUse, Column, Layers, ModelCard
from studio.errors import StudioError
from studio.evaluation.columns import active
from studio.failures import told
from studio.models import adapters, full_weights
from studio.models.adapter_files import is_zero
from studio.models.loading import Bundle, load_bundle
from studio.models.lora_keys import must_be_adapter
from studio.models.sampler import predict
from studio.services.columns import column

STATES = torch.randn(1, 77, 16, generator=torch.Generator().manual_seed(2))
Z = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(3))
NORM = "down_blocks.0.resnets.0.norm1.weight"


@pytest.fixture
def bundle(card: ModelCard) -> Bundle:
    return load_bundle(card)


def seen(bundle: Bundle, *views: str) -> Tensor:
    with torch.no_grad(), adapters.use(bundle.unet, *views):
        return predict(bundle, Z, torch.tensor(500), STATES.to(bundle.dtype))


def attached(bundle: Bundle, layers: Layers = "all-but-cross", name: str = "student") -> None:
    """Full weights moved by 0.1, all of them."""
    adapters.attach_all(bundle.unet, (name,), layers, weights="whole", rank=1, seed=0)
    torch.manual_seed(1)
    with torch.no_grad():
        for value in adapters.trained(bundle.unet, name):
            value += 0.1 * torch.randn_like(value)


def moved_by(bundle: Bundle, name: str, share: float) -> Bundle:
    """A copy of the model whose own weights are those of the view, without adapters."""
    unet = copy.deepcopy(bundle.unet)
    found = full_weights.tensors(unet, name)
    adapters.drop_adapter(unet, name)
    with torch.no_grad():
        for key, value in unet.named_parameters():
            if key in found:
                value += share * (found[key] - value)
    other = copy.copy(bundle)
    other.unet = unet
    return other


@pytest.mark.parametrize("layers", ["cross", "both", "all-but-cross"])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 2.0])
def test_a_strength_moves_the_weights_by_its_share(
    bundle: Bundle, layers: Layers, strength: float
) -> None:
    before = seen(bundle)
    attached(bundle, layers)
    adapters.set_strength(bundle.unet, "student", strength)
    wanted = seen(moved_by(bundle, "student", strength))
    torch.testing.assert_close(seen(bundle, "student"), wanted)
    assert seen(bundle).equal(before)
    assert seen(bundle, "student").equal(before) is (strength == 0)


def test_a_strength_acts_at_once_and_the_base_comes_back(bundle: Bundle) -> None:
    parameters = dict(bundle.unet.named_parameters())
    base = seen(bundle)
    attached(bundle)
    full = seen(bundle, "student")
    with torch.no_grad(), adapters.use(bundle.unet, "student"):
        adapters.set_strength(bundle.unet, "student", 0)
        assert predict(bundle, Z, torch.tensor(500), STATES).equal(base)
        adapters.set_strength(bundle.unet, "student", 1)
        with adapters.use(bundle.unet):
            assert predict(bundle, Z, torch.tensor(500), STATES).equal(base)
        assert predict(bundle, Z, torch.tensor(500), STATES).equal(full)
    assert all(value is parameters[key] for key, value in bundle.unet.named_parameters())


@pytest.mark.parametrize("layers", ["self", "all-but-cross"])
def test_a_file_holds_the_differences_and_acts_as_what_was_trained(
    bundle: Bundle, card: ModelCard, tmp_path: Path, layers: Layers
) -> None:
    attached(bundle, layers)
    file = tmp_path / "adapter.safetensors"
    with adapters.use(bundle.unet, "student"):  # saved whatever is looked through
        adapters.save_adapter(bundle.unet, "student", file, {"pack": "tiny"})
    held = load_file(file)
    plain = dict(load_bundle(card).unet.named_parameters())
    names = {key.removeprefix("unet.").removesuffix(".delta") for key in held}
    assert names == set(full_weights.tensors(bundle.unet, "student"))
    numbers = sum(value.numel() for value in held.values())
    assert numbers == sum(plain[name].numel() for name in names)
    assert numbers * 4 < file.stat().st_size < numbers * 4 + 200 * len(held)
    other = load_bundle(card)
    assert adapters.load_adapter(other.unet, file, "again") == {"pack": "tiny"}
    torch.testing.assert_close(seen(other, "again"), seen(bundle, "student"))
    assert seen(other).equal(seen(load_bundle(card)))
    must_be_adapter(file, held)
    assert not is_zero(file)


def test_nothing_changed_is_zero(bundle: Bundle, tmp_path: Path) -> None:
    adapters.attach_all(bundle.unet, ("a",), "self", weights="full", rank=1, seed=0)
    adapters.save_adapter(bundle.unet, "a", tmp_path / "a.safetensors", {})
    assert is_zero(tmp_path / "a.safetensors")
    assert seen(bundle, "a").equal(seen(bundle))


def files(bundle: Bundle, folder: Path) -> dict[str, Path]:
    """Two full weights of other layers, and a LoRA of cross-attention."""
    found = {}
    for name, layers in (("whole-u", "all-but-cross"), ("whole-x", "cross")):
        attached(bundle, layers, name)
        found[name] = folder / f"{name}.safetensors"
        adapters.save_adapter(bundle.unet, name, found[name], {})
        adapters.drop_adapter(bundle.unet, name)
    adapters.attach(bundle.unet, "lora-x", "cross", 2)
    with torch.no_grad():
        for value in adapters.trained(bundle.unet, "lora-x"):
            value.normal_()
    found["lora-x"] = folder / "lora-x.safetensors"
    adapters.save_adapter(bundle.unet, "lora-x", found["lora-x"], {})
    return found


def test_columns_take_turns_on_one_denoiser(
    bundle: Bundle, card: ModelCard, tmp_path: Path
) -> None:
    places = files(load_bundle(card), tmp_path)
    base = seen(bundle)
    alone = {}
    for name, file in places.items():
        other = load_bundle(card)
        adapters.load_adapter(other.unet, file, name)
        alone[name] = seen(other, name)
    for name, file in places.items():  # the LoRA comes last and wraps layers of the others
        adapters.load_adapter(bundle.unet, file, name)
    for name in ("whole-x", "lora-x", "whole-u", "whole-x"):
        torch.testing.assert_close(seen(bundle, name), alone[name])
        assert seen(bundle).equal(base)
    adapters.load_adapter(bundle.unet, places["whole-x"], "late")  # under a LoRA already
    torch.testing.assert_close(seen(bundle, "late"), alone["whole-x"])
    both = Column(adapters=tuple(use(places, name) for name in ("whole-u", "lora-x")))
    with active(bundle, both, ("whole-u", "lora-x"), 1.0), torch.no_grad():
        joined = predict(bundle, Z, torch.tensor(500), STATES)
    assert not joined.equal(alone["whole-u"]) and not joined.equal(alone["lora-x"])
    adapters.drop_adapter(bundle.unet, "whole-u")
    with pytest.raises(KeyError, match="whole-u"):
        seen(bundle, "whole-u")
    assert seen(bundle).equal(base)


def use(places: dict[str, Path], name: str) -> AdapterUse:
    return AdapterUse(name=name, file=str(places[name]))


@pytest.mark.parametrize("second", ["lora-x", "again"])
def test_two_that_change_the_same_layers_are_refused(
    bundle: Bundle, card: ModelCard, tmp_path: Path, second: str
) -> None:
    places = files(load_bundle(card), tmp_path)
    places["again"] = places["whole-x"]
    names = ("whole-x", second)
    for name in names:
        adapters.load_adapter(bundle.unet, places[name], name)
    both = Column(adapters=tuple(use(places, name) for name in names))
    with (
        pytest.raises(StudioError, match=f"whole-x and {second} change the same layers"),
        active(bundle, both, names, 1.0),
    ):
        pass
    with pytest.raises(ValueError, match="two views change"):
        full_weights.show(bundle.unet, ("whole-x", "whole-x"))


Change = Callable[[dict[str, Tensor]], dict[str, Tensor]]
WRONG: dict[str, tuple[str, Change]] = {
    "of other places": (
        r"1 of the \d+ places that it changes are not there, such as 'nowhere.weight'",
        lambda held: {**held, "unet.nowhere.weight.delta": torch.zeros(2)},
    ),
    "of another width": (
        "has the sides",
        lambda held: {key: value[:1].clone() for key, value in held.items()},
    ),
    "of another program beside": (
        r"1 of its \d+ tensors are of no full weights, such as 'unet.a.lora_A.weight'",
        lambda held: {**held, "unet.a.lora_A.weight": torch.zeros(2, 2)},
    ),
    "of a text encoder": (
        "of no full weights",
        lambda held: {**held, "text_encoder.a.weight.delta": torch.zeros(2)},
    ),
}


@pytest.mark.parametrize(("says", "change"), WRONG.values(), ids=WRONG)
def test_full_weights_of_something_else_are_refused_whole(
    bundle: Bundle, tmp_path: Path, says: str, change: Change
) -> None:
    attached(bundle, "self")
    file = tmp_path / "adapter.safetensors"
    adapters.save_adapter(bundle.unet, "student", file, {})
    save_file(change(load_file(file)), file)
    base = seen(bundle)
    with pytest.raises(StudioError, match=says) as caught:
        adapters.load_adapter(bundle.unet, file, "x")
    assert "不是这个模型的适配器" in told(caught.value.what, "zh")
    with pytest.raises(KeyError, match="x"):
        seen(bundle, "x")
    assert seen(bundle).equal(base)


def test_full_weights_as_a_lora_whose_a_is_the_identity_still_load(
    bundle: Bundle, tmp_path: Path
) -> None:
    """The format of versions before: B is the change, as wide as what the layer multiplies."""
    places = {
        name: module
        for name, module in bundle.unet.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear) and ("attn1" in name or "conv1" in name)
    }
    torch.manual_seed(4)
    held, plain = {}, copy.copy(bundle)
    plain.unet = copy.deepcopy(bundle.unet)
    for name, module in places.items():
        wide = module.weight[0].numel()
        change = 0.1 * torch.randn_like(module.weight).contiguous()
        ones = (1,) * (change.ndim - 2)
        held[f"unet.{name}.lora_A.weight"] = torch.eye(wide).view(wide, *change.shape[1:])
        held[f"unet.{name}.lora_B.weight"] = change.reshape(len(change), wide, *ones)
        with torch.no_grad():
            plain.unet.get_submodule(name).weight += change
    save_file(held, tmp_path / "old.safetensors")
    adapters.load_adapter(bundle.unet, tmp_path / "old.safetensors", "old")
    torch.testing.assert_close(seen(bundle, "old"), seen(plain), atol=1e-5, rtol=1e-5)


def test_a_file_of_full_weights_is_a_column_and_no_model(
    bundle: Bundle, tmp_path: Path, card: ModelCard
) -> None:
    from studio.services.runs import Runs

    attached(bundle, "cross")
    file = tmp_path / "mine.safetensors"
    adapters.save_adapter(bundle.unet, "student", file, {})
    assert column(Runs(tmp_path / "runs"), f"{file}*0.5").label == "mine*0.5"
    with pytest.raises(StudioError, match="is an adapter"):
        load_bundle(card.model_copy(update={"source": str(file)}))


def test_a_base_in_half_precision_trains_and_draws(bundle: Bundle) -> None:
    bundle.unet.to(torch.bfloat16)
    bundle.dtype = torch.bfloat16
    attached(bundle)
    student = adapters.trained(bundle.unet, "student")
    for value in student:
        value.requires_grad_(True)
    with adapters.use(bundle.unet, "student"):
        guess = predict(bundle, Z, torch.tensor(500), STATES.to(torch.bfloat16))
    guess.square().mean().backward()
    assert all(value.grad is not None and value.grad.dtype == torch.float32 for value in student)
    assert bundle.unet.dtype == torch.bfloat16
    assert not seen(bundle, "student").equal(seen(bundle))
