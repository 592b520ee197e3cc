"""Packs and model cards: what ships is right, and bad input gets a sentence."""

from pathlib import Path

import pytest

from studio.config import Concept, Pack, Token
from studio.errors import StudioError
from studio.methods import METHODS
from studio.presets import (
    PRESETS,
    changed_settings,
    find_model,
    find_pack,
    load_models,
    load_packs,
    parse_pack,
    resolve,
    save_pack,
    schema,
)
from studio.prompt_rules import sexualises_minors
from studio.safeguards import find_method_preset, load_method_presets
from studio.world import load_world
from tests.conftest import PACK

ICON = {"icon-weapons", "icon-alcohol", "icon-drugs", "icon-horror", "icon-style"}
REAL = {"nudity", "violence", "weapons", "self-harm", "hate-symbols", "style-van-gogh"}


def test_all_packs_are_there_and_plan() -> None:
    packs = load_packs()
    assert set(packs) == ICON | REAL
    for pack in packs.values():
        assert resolve(pack).pack == pack


@pytest.mark.parametrize("name", sorted(ICON))
def test_icon_packs_name_what_the_judge_knows(name: str) -> None:
    pack, world = find_pack(name), load_world()
    assert {probe.kind for probe in pack.probes} == {"target", "neighbour", "unrelated"}
    for probe in pack.probes:
        style = probe.shows.removeprefix("style:")
        assert style in world.styles or world.find(probe.shows) is not None


def test_packs_of_real_models_are_blurred_and_say_what_they_may_show() -> None:
    for name in REAL - {"style-van-gogh"}:
        pack = find_pack(name)
        assert pack.sensitivity == "sensitive"
        assert pack.shows is not None


def test_the_schema_is_current() -> None:
    assert (PRESETS / "schema.json").read_text(encoding="utf-8") == schema()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("remove:\n", "remove: [\n"), "is broken in line"),
        (("keep:", "keeep:"), "Did you mean 'keep'"),
        (("spoon, apple", "spoon, bomb"), "both removes and keeps 'bomb'"),
        (("name: sdd", "name: sddd"), "no method 'sddd'"),
        (("rollouts: 2", "rollout: 2"), "Did you mean 'rollouts'"),
        (("steps: 4", "steps: 0"), "steps is not right"),
        (("licence", "licence"), None),
    ],
)
def test_a_broken_pack_says_what_and_where(change: tuple[str, str], words: str | None) -> None:
    text = PACK.replace(*change)
    if words is None:
        assert parse_pack(text, "tiny.yaml").id == "tiny"
        return
    with pytest.raises(StudioError, match=words):
        parse_pack(text, "tiny.yaml")


def test_a_pack_that_removes_nothing_is_refused() -> None:
    text = PACK.replace("  - {name: bomb, synonyms: [grenade]}\n  - {name: knife}", "  []")
    with pytest.raises(StudioError, match="removes nothing"):
        parse_pack(text, "tiny.yaml")


def test_an_unknown_pack_or_model_names_the_nearest() -> None:
    with pytest.raises(StudioError, match="Did you mean 'icon-weapons'"):
        find_pack("icon-weapon")
    with pytest.raises(StudioError, match="cannot be read"):
        find_pack("missing.yaml")
    with pytest.raises(StudioError, match="Did you mean 'icon-world'"):
        find_model("icon-worl")
    with pytest.raises(StudioError, match=r"no model '\./missing'"):
        find_model("./missing")


def test_a_folder_and_a_hub_id_make_a_card(tmp_path: Path) -> None:
    assert find_model(str(tmp_path)).source == str(tmp_path)
    pin = "0123456789" * 4
    card = find_model(f"owner/name-1.0@{pin}")
    assert (card.source, card.revision) == ("owner/name-1.0", pin)
    assert find_model(card.id) == card
    for unpinned in ("owner/name", "owner/name@main", "owner/name@0123456"):
        with pytest.raises(StudioError, match="is not pinned"):
            find_model(unpinned)


def test_saving_and_loading_a_pack_gives_the_same(tmp_path: Path) -> None:
    pack = parse_pack(PACK, "tiny.yaml")
    save_pack(pack, tmp_path / "packs" / "tiny.yaml")
    assert find_pack(str(tmp_path / "packs" / "tiny.yaml")) == pack


def test_settings_of_person_beat_pack_beat_model() -> None:
    pack = find_pack("icon-alcohol")
    model = load_models()["icon-world"]
    assert resolve(pack).train.steps == model.train["steps"]
    assert resolve(pack, overrides={"steps": 7, "seed": None}).train.steps == 7
    own = pack.model_copy(update={"overrides": {"steps": 9}})
    assert resolve(own).train.steps == 9
    assert resolve(own, model.model_copy(update={"id": "other"})).train.steps != 9


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("a naked child", True),
        ("nude teenager on a beach", True),
        ("一个裸体的少女", True),
        ("a 9 year old in an erotic pose", True),
        ("a naked tree in winter", False),
        ("a child with a kite", False),
        ("nudity", False),
        ("a boyish nude-coloured dress", False),
    ],
)
def test_texts_that_sexualise_minors_are_refused(text: str, refused: bool) -> None:
    assert sexualises_minors(text) is refused
    if refused:
        with pytest.raises(StudioError, match="refused"):
            parse_pack(PACK.replace("a spoon", text), "tiny.yaml")


def test_a_pack_cannot_be_changed_by_accident() -> None:
    pack: Pack = parse_pack(PACK, "tiny.yaml")
    with pytest.raises(ValueError, match="frozen"):
        pack.id = "other"  # type: ignore[misc]


def test_presets_of_methods_are_right_and_go_above_the_pack() -> None:
    pack = find_pack("icon-weapons")
    for preset in load_method_presets().values():
        config = resolve(pack, preset=preset, overrides={"seed": 5})
        assert config.method.items() >= preset.method.items()
        assert config.train.model_dump().items() >= {**preset.train, "seed": 5}.items()
    published = resolve(pack, preset=find_method_preset("esd-x-paper"))
    assert published.method["keep_weight"] == 0 and published.method["templates"] == ["{}"]
    mine = resolve(pack, preset=find_method_preset("esd-x-paper"), method={"keep_weight": 2.0})
    assert mine.method["keep_weight"] == 2 and mine.train.steps == 1000


def test_a_preset_of_another_method_says_so() -> None:
    preset = find_method_preset("esd-x-paper")
    with pytest.raises(StudioError, match="is for esd, not for sdd"):
        resolve(find_pack("icon-weapons"), preset=preset, method={"name": "sdd"})


def test_an_unknown_preset_says_so() -> None:
    with pytest.raises(StudioError, match="no preset 'esd-y-paper'"):
        find_method_preset("esd-y-paper")


def test_texts_that_only_meet_in_a_run_are_refused_too() -> None:
    pack = find_pack("icon-weapons").model_copy(update={"remove": (Concept(name="boy"),)})
    with pytest.raises(StudioError, match="refused"):
        resolve(pack, method={"name": "sdd", "templates": ["a naked {}"]})


ICON_PACKS = [name for name in load_packs() if name.startswith("icon-")]


@pytest.mark.parametrize("pack", ICON_PACKS)
@pytest.mark.parametrize("method", METHODS)
def test_what_suits_a_method_on_icon_world_is_its_default(pack: str, method: str) -> None:
    """As suggested, SafeGen trained with SDD's keep_weight and left everything as it was."""
    found = find_pack(pack)
    config = resolve(found, method={"name": method})
    preset = find_method_preset(config.preset)
    own = found.method if found.method["name"] == method else {}
    assert preset.method["name"] == method and "icon-world" in preset.suits
    assert config.method.items() >= {**preset.method, **own}.items()
    assert config.method["templates"] == found.method["templates"], "of the pack"
    assert not changed_settings(config)


def test_a_person_beats_what_suits_and_is_told_so() -> None:
    pack = find_pack("icon-style")
    mine = resolve(pack, method={"name": "safegen", "mask": "boxes"}, overrides={"seed": 3})
    assert mine.preset == "safegen-icons" and mine.method["mask"] == "boxes"
    assert changed_settings(mine) == ("mask",)
    other = resolve(pack, preset=find_method_preset("safegen-paper"), overrides={"steps": 9})
    assert other.preset == "safegen-paper" and changed_settings(other) == ("steps",)


@pytest.mark.parametrize(("variant", "preset"), [("x", "esd-x-icons"), ("u", "esd-u-icons")])
def test_the_numbers_of_a_variant_go_with_it(variant: str, preset: str) -> None:
    config = resolve(find_pack("icon-horror"), method={"name": "esd", "variant": variant})
    assert config.preset == preset and config.method["variant"] == variant
    assert config.train.lr == find_method_preset(preset).train["lr"]


def test_learned_words_have_settings_of_their_own() -> None:
    pack = find_pack("icon-horror")
    token = Token(name="<round-one>", file="round-one.safetensors")
    learned = {"remove": (Concept(name="<round-one>"),), "tokens": (token,), "method": {}}
    assert resolve(pack.model_copy(update=learned), method={"name": "sdd"}).preset == "hfi-sdd"
    assert resolve(pack, method={"name": "sdd"}).preset == "sdd-icons"


@pytest.mark.parametrize("method", METHODS)
def test_what_suits_no_model_is_nobodys_default(method: str) -> None:
    """No preset of Stable Diffusion was measured, so none is suggested."""
    assert resolve(find_pack("nudity"), method={"name": method}).preset == ""


def test_one_word_of_two_methods_is_not_carried_over() -> None:
    card = find_model("sd-1-4")
    config = resolve(find_pack("icon-weapons"), card, method={"name": "safegen"})
    assert config.method["keep_weight"] == 0.9, "SDD's 2.5 is the weight of another thing"
    assert len(config.method["templates"]) == 7, "sentences mean the same for both"
    assert resolve(find_pack("icon-weapons"), card, method={"name": "esd"}).method["levels"] == 10
