"""Presets of guidances and methods: YAML files -> checked records."""

from functools import partial

from studio.config import GuidancePreset, MethodPreset, TrainConfig
from studio.errors import StudioError
from studio.guidance import GUIDANCES, get_guidance, guidance_config
from studio.methods import METHODS
from studio.presets import PRESETS, check, check_method, did_you_mean, explained, read_yaml


def load_guidances() -> dict[str, GuidancePreset]:
    """All guidance presets by id, gentle ones first.

    Raises:
        StudioError: a preset is not right.
    """
    found = {}
    for file in (PRESETS / "guidance").glob("*.yaml"):
        data = read_yaml(file.read_text(encoding="utf-8"), file.name)
        preset = check(GuidancePreset, data, file.name)
        settings = preset.guidance
        record = get_guidance(str(settings["name"])).config
        explained(partial(guidance_config, settings), record, file.name)
        found[preset.id] = preset
    names, levels = list(GUIDANCES), ("", "weak", "medium", "strong", "max")
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
        data = read_yaml(file.read_text(encoding="utf-8"), file.name)
        preset = check(MethodPreset, data, file.name)
        check_method(preset.method, file.name)
        check(TrainConfig, preset.train, f"{file.name}, train")
        found[preset.id] = preset
    names = list(METHODS)
    return dict(sorted(found.items(), key=lambda item: names.index(item[1].method["name"])))


def find_method_preset(name: str) -> MethodPreset:
    """A preset of a method by its id; StudioError when there is none."""
    found = load_method_presets()
    if name not in found:
        raise StudioError(f"There is no preset {name!r}.", did_you_mean(name, found))
    return found[name]
