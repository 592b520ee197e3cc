"""Concept packs and model cards: YAML files -> checked records, with clear messages."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from studio.config import MethodPreset, ModelCard, Pack, Prediction, RunConfig, TrainConfig
from studio.errors import StudioError
from studio.files import place_of, read_text
from studio.limits import YAML_MB
from studio.methods import LEARNING, config_of
from studio.models.fetching import pinned
from studio.phrases import folded, stands_in
from studio.prompt_rules import refuse_if_sexualises_minors
from studio.suited import check_method as check_method
from studio.suited import differing, find_method_preset, shared_settings, suited_preset
from studio.world import ROOT
from studio.yaml_files import check as check
from studio.yaml_files import did_you_mean as did_you_mean
from studio.yaml_files import explained as explained
from studio.yaml_files import read_yaml as read_yaml
from studio.yaml_files import read_yaml_file as read_yaml_file

PRESETS = ROOT / "presets"
PACKS, MODELS = PRESETS / "packs", PRESETS / "models"
FILES = (".safetensors", ".ckpt", ".pt", ".bin", ".yaml")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
TOKEN = re.compile(r"<[a-z0-9][a-z0-9-]*>")
SCHEMA_LINE = "# yaml-language-server: $schema=../schema.json\n"


def parse_pack(text: str, name: str) -> Pack:
    """A pack from the text of a YAML file.

    Raises:
        StudioError: see `check_pack`, `read_yaml` and `check`.
    """
    pack = check(Pack, read_yaml(text, name), name)
    check_pack(pack, name)
    return pack


def check_pack(pack: Pack, name: str) -> None:
    """What YAML cannot say: no phrase both removed and kept; settings that exist.

    Raises:
        StudioError: says which.
    """
    removed = {folded(word) for word in removed_names(pack)}
    for text in (*removed, *pack.keep, *(probe.prompt for probe in pack.probes)):
        refuse_if_sexualises_minors(text)
    both = [phrase for phrase in pack.keep if folded(phrase) in removed]
    if both:
        raise StudioError(
            f"{name} both removes and keeps {both[0]!r}.", "Take it out of one of the two lists."
        )
    known = {token.name for token in pack.tokens}
    for word in sorted(removed):
        if TOKEN.fullmatch(word) and word not in known and pack.method.get("name") not in LEARNING:
            raise StudioError(
                f"{name} removes the token {word}, but does not say where it comes from.",
                "Put it under tokens, with the run that learned it or its file.",
            )
    check_method(pack.method, name)
    check(TrainConfig, pack.overrides, f"{name}, overrides")


def removed_names(pack: Pack) -> list[str]:
    """All names of what a pack removes, in its order."""
    return [word for concept in pack.remove for word in (concept.name, *concept.synonyms)]


def overlaps(pack: Pack) -> list[tuple[str, str]]:
    """Each kept phrase that contains a removed name, with the first such name."""
    found = []
    for phrase in pack.keep:
        name = next((name for name in removed_names(pack) if stands_in(name, phrase)), None)
        if name:
            found.append((phrase, name))
    return found


def load_pack(file: Path) -> Pack:
    """A pack from a YAML file.

    Raises:
        StudioError: it cannot be read, or `parse_pack` refuses it.
    """
    return parse_pack(read_text(file, YAML_MB), file.name)


def load_packs() -> dict[str, Pack]:
    """All packs that ship with the studio, by id."""
    return {pack.id: pack for pack in map(load_pack, sorted(PACKS.glob("*.yaml")))}


def find_pack(name: str, packs: Mapping[str, Pack] | None = None) -> Pack:
    """A pack by id or by the path of its file.

    Args:
        packs: those to choose from; None: those that ship with the studio.

    Raises:
        StudioError: there is none; names the nearest.
    """
    if name.endswith((".yaml", ".yml")):
        return load_pack(place_of(name))
    known = load_packs() if packs is None else packs
    if name not in known:
        raise StudioError(f"There is no pack {name!r}.", did_you_mean(name, known))
    return known[name]


def save_pack(pack: Pack, file: Path) -> None:
    """Write a pack as YAML.

    Raises:
        StudioError: the pack is not right, or the file cannot be written.
    """
    check_pack(pack, pack.id)
    text = pack_yaml(pack)
    read_yaml(text, pack.id)  # what cannot be read again is not written
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StudioError(
            f"{file} cannot be written: {error.strerror}.", "Choose another folder."
        ) from error


def pack_yaml(pack: Pack) -> str:
    """A pack as the text of a YAML file."""
    data = pack.model_dump(mode="json", exclude_none=True)
    return SCHEMA_LINE + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)


def load_models() -> dict[str, ModelCard]:
    """All model cards by id."""
    cards = {}
    for file in sorted(MODELS.glob("*.yaml")):
        card = check(ModelCard, read_yaml_file(file), file.name)
        cards[card.id] = card
    return cards


def find_model(name: str, prediction_type: Prediction | None = None) -> ModelCard:
    """A model by the id of its card, or a card made for a folder, a file or a hub id.

    Args:
        prediction_type: what the denoiser of a model without a card answers with; it goes above
            what the model's own files say.

    Raises:
        StudioError: it is none of these, a hub id without a revision, or a card would have to say
            two things.
    """
    card = _found(name)
    if prediction_type is None:
        return card
    if has_card(card):
        raise StudioError(
            f"{card.id} has a card, which says what its denoiser answers with.",
            "Leave --prediction-type out; it is for a model given by its folder, file or hub id.",
        )
    return card.model_copy(update={"prediction_type": prediction_type})


def has_card(card: ModelCard) -> bool:
    """Whether it is a card that ships, and not one made for a folder that is named alike."""
    return load_models().get(card.id) == card


def model_options(card: ModelCard) -> list[str]:
    """The options with which the command line finds this model again; see `find_model`."""
    if has_card(card):
        return ["--model", card.id]
    revision = f"@{card.revision}" if card.revision else ""
    said = ["--prediction-type", card.prediction_type] if card.prediction_type else []
    return ["--model", f"{card.source}{revision}", *said]


def _found(name: str) -> ModelCard:
    cards = load_models()
    if name in cards:
        return cards[name]
    place = place_of(name)
    if name.strip() and place.exists():
        whole = place.resolve()
        own = next(
            (card for card in cards.values() if (ROOT / card.source).resolve() == whole), None
        )
        if own is not None:  # its folder by another name
            return own
        title = (whole.stem if whole.is_file() else whole.name) or "model"
        return _card(title, str(whole))
    if _HUB_ID.fullmatch(name.partition("@")[0]) and place.suffix not in FILES:
        source, revision = pinned(name)
        return _card(name, source, revision)
    raise StudioError(
        f"There is no model {name!r}.",
        f"{did_you_mean(name, cards)} A diffusers folder, a .safetensors file or a hub id "
        "(OWNER/NAME@REVISION) will do too.",
    )


def _card(title: str, source: str, revision: str | None = None) -> ModelCard:
    told = {"en": title, "zh": title}
    given = {"id": title, "title": told, "source": source, "revision": revision}
    return check(ModelCard, given, title)


def resolve(
    pack: Pack,
    card: ModelCard | None = None,
    *,
    preset: MethodPreset | None = None,
    method: dict[str, Any] | None = None,
    overrides: dict[str, Any] | None = None,
) -> RunConfig:
    """Everything a run needs: defaults < model < pack < preset < the person's settings.

    Without a preset, the one counts that suits the method on the model (`suited_preset`); what a
    pack says of its own method on its own model goes above that one.

    Raises:
        StudioError: a setting is unknown or out of range.
    """
    model = card or find_model(pack.model)
    given = {**(preset.method if preset else {}), **(method or {})}
    name = str(given.get("name", pack.method.get("name", "sdd")))
    made = preset.method.get("name", "sdd") if preset else name
    if preset and made != name:
        raise StudioError(
            f"The preset {preset.id} is for {made}, not for {name}.",
            "Leave the method or the preset out.",
        )
    suited = None if preset else suited_preset(pack, model, name, given)
    advised = suited.method if suited else {}
    shared = shared_settings(pack, name)
    own_method = pack.method.get("name", "sdd") == name
    layers = (advised, shared) if own_method else (shared, advised)
    settings = {**layers[0], **layers[1], **given, "name": name}
    check_method(settings, pack.id)
    for text in _drawn_texts(pack, config_of(settings).model_dump()):
        refuse_if_sexualises_minors(text)
    chosen = {key: value for key, value in (overrides or {}).items() if value is not None}
    usual = {**model.train, **model.train_for.get(name, {}), **(suited.train if suited else {})}
    own = pack.overrides if own_method and pack.model == model.id else {}
    fixed = preset.train if preset else {}
    train = check(TrainConfig, {**usual, **own, **fixed, **chosen}, "Training settings")
    full = {"name": name, **config_of(settings).model_dump(mode="json")}
    used = preset or suited
    return RunConfig(
        pack=pack,
        model=model,
        method=full,
        train=train,
        sample=model.sample,
        preset=used.id if used else "",
    )


def changed_settings(config: RunConfig) -> tuple[str, ...]:
    """Names of a run's settings that are not those of its preset, model and pack; but the seed."""
    name = {"name": config.method["name"]}
    usual = resolve(config.pack, config.model, method=name)
    if config.preset and config.preset != usual.preset:
        chosen = find_method_preset(config.preset)
        usual = resolve(config.pack, config.model, preset=chosen)
    train = config.train.model_dump(mode="json")
    method = differing(config.method, usual.method)
    return method + differing(train, usual.train.model_dump(mode="json"), ("seed",))


def _drawn_texts(pack: Pack, settings: dict[str, Any]) -> Iterable[str]:
    """Every text that a run would draw latents for."""
    names = [word for concept in pack.remove for word in (concept.name, *concept.synonyms)]
    pairs = (
        (settings.get("templates", ()), names),
        (settings.get("keep_templates", ()), pack.keep),
    )
    yield str(settings.get("erase_from", ""))
    for templates, phrases in pairs:
        yield from (t.replace("{}", phrase) for t in templates for phrase in phrases)


def schema() -> str:
    """The JSON schema of packs, so that editors complete and check the YAML."""
    return json.dumps(Pack.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
