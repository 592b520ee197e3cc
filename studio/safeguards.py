"""Presets of guidances and methods: YAML files -> checked records."""

from functools import partial
from typing import Any

from studio.config import GuidancePreset, MethodPreset, TrainConfig
from studio.errors import StudioError
from studio.guidance import GUIDANCES, get_guidance, guidance_config
from studio.methods import METHODS, get_method
from studio.presets import PRESETS, check, check_method, did_you_mean, explained, read_yaml_file


def checked_guidance(data: dict[str, Any], name: str) -> GuidancePreset:
    """A guidance preset from the mapping of its file.

    Raises:
        StudioError: a key or value is not right, or there is no such guidance; says which.
    """
    preset = check(GuidancePreset, data, name)
    record = get_guidance(str(preset.guidance.get("name", ""))).config
    explained(partial(guidance_config, preset.guidance), record, name)
    return preset


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


def load_guidances() -> dict[str, GuidancePreset]:
    """All guidance presets by id, gentle ones first.

    Raises:
        StudioError: a preset is not right.
    """
    found = {}
    for file in (PRESETS / "guidance").glob("*.yaml"):
        preset = checked_guidance(read_yaml_file(file), file.name)
        found[preset.id] = preset
    names, levels = list(GUIDANCES), ("", "sdd", "weak", "medium", "strong", "max", "separate")
    return dict(
        sorted(
            found.items(),
            key=lambda item: (
                names.index(str(item[1].guidance["name"])),
                levels.index(item[0].partition("-")[2]) if "-" in item[0] else 0,
            ),
        )
    )


def load_method_presets() -> dict[str, MethodPreset]:
    """All presets of methods by id, in the order of the methods.

    Raises:
        StudioError: a preset is not right.
    """
    found = {}
    for file in sorted((PRESETS / "methods").glob("*.yaml")):
        preset = checked_method_preset(read_yaml_file(file), file.name)
        found[preset.id] = preset
    names = list(METHODS)
    return dict(sorted(found.items(), key=lambda item: names.index(item[1].method["name"])))


def find_method_preset(name: str) -> MethodPreset:
    """A preset of a method by its id; StudioError when there is none."""
    found = load_method_presets()
    if name not in found:
        raise StudioError(f"There is no preset {name!r}.", did_you_mean(name, found))
    return found[name]
