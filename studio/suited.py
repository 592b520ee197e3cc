"""Presets of methods, and which one suits a method on a model when nobody chose another."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from studio.config import MethodConfig, MethodPreset, ModelCard, Pack, TrainConfig
from studio.errors import StudioError
from studio.methods import METHODS, config_of, get_method
from studio.world import ROOT
from studio.yaml_files import check, did_you_mean, explained, read_yaml_file

METHOD_PRESETS = ROOT / "presets" / "methods"


def check_method(settings: dict[str, Any], name: str) -> None:
    """The method's own config checks its settings.

    Raises:
        StudioError: unknown method, or a setting that is not right.
    """
    record = get_method(str(settings.get("name", "sdd"))).config
    explained(lambda: config_of(settings), record, f"{name}, method")


def checked_method_preset(data: dict[str, Any], name: str) -> MethodPreset:
    """A preset of a method from the mapping of its file.

    Raises:
        StudioError: a key or value is not right, or there is no such method; says which.
    """
    preset = check(MethodPreset, data, name)
    get_method(str(preset.method.get("name", "")))
    check_method(preset.method, name)
    check(TrainConfig, preset.train, f"{name}, train")
    return preset


def load_method_presets() -> dict[str, MethodPreset]:
    """All presets of methods by id, in the order of the methods.

    Raises:
        StudioError: a preset is not right.
    """
    return {preset.id: preset for preset in _shipped()}


@lru_cache(maxsize=1)
def _shipped() -> tuple[MethodPreset, ...]:
    files = sorted(METHOD_PRESETS.glob("*.yaml"))
    found = [checked_method_preset(read_yaml_file(file), file.name) for file in files]
    names = list(METHODS)
    return tuple(sorted(found, key=lambda preset: names.index(preset.method["name"])))


def find_method_preset(name: str) -> MethodPreset:
    """A preset of a method by its id; StudioError when there is none."""
    found = load_method_presets()
    if name not in found:
        raise StudioError(f"There is no preset {name!r}.", did_you_mean(name, found))
    return found[name]


def suited_preset(
    pack: Pack, card: ModelCard, method: str, chosen: Mapping[str, Any]
) -> MethodPreset | None:
    """The preset that suits a method on a model, for what a pack removes; None: there is none.

    Where several suit, the one that says least against what a person chose, then against the
    method's own defaults: asked for ESD-u, nobody gets the numbers of ESD-x.

    Args:
        chosen: settings of the method that a person chose.
    """
    words = {name for concept in pack.remove for name in (concept.name, *concept.synonyms)}
    learned = words <= {token.name for token in pack.tokens}
    own = config_of({"name": method}).model_dump(mode="json")
    found = [
        preset
        for preset in load_method_presets().values()
        if preset.method["name"] == method
        and card.id in preset.suits
        and (learned or not preset.for_tokens)
    ]
    return min(
        found,
        key=lambda preset: (
            learned and not preset.for_tokens,
            _against(preset.method, chosen),
            _against(preset.method, own),
        ),
        default=None,
    )


def _against(settings: Mapping[str, Any], others: Mapping[str, Any]) -> int:
    return sum(key in others and others[key] != value for key, value in settings.items())


def shared_settings(pack: Pack, method: str) -> dict[str, Any]:
    """The settings of a pack that mean the same for a method, which may be another than its own.

    Two methods may use one word for two things, as SDD and SafeGen do with `keep_weight`; what
    counts is what both have from the same base.
    """
    own = get_method(str(pack.method.get("name", "sdd"))).config
    known = _common(own, get_method(method).config).model_fields
    return {key: value for key, value in pack.method.items() if key in known}


def _common(one: type[MethodConfig], other: type[MethodConfig]) -> type[MethodConfig]:
    return next(kind for kind in one.__mro__ if issubclass(other, kind))


def differing(
    settings: Mapping[str, Any], usual: Mapping[str, Any], aside: Iterable[str] = ()
) -> tuple[str, ...]:
    """Names of settings that are not as usual, but for those that are left aside."""
    return tuple(
        key
        for key, value in settings.items()
        if key not in set(aside) and key in usual and usual[key] != value
    )
