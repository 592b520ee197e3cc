"""Presets of guidances: YAML files -> checked records. Those of methods: `studio.suited`."""

from functools import partial
from typing import Any

from studio.config import GuidancePreset
from studio.guidance import GUIDANCES, get_guidance, guidance_config
from studio.presets import PRESETS, check, explained, read_yaml_file
from studio.suited import checked_method_preset as checked_method_preset
from studio.suited import find_method_preset as find_method_preset
from studio.suited import load_method_presets as load_method_presets


def checked_guidance(data: dict[str, Any], name: str) -> GuidancePreset:
    """A guidance preset from the mapping of its file.

    Raises:
        StudioError: a key or value is not right, or there is no such guidance; says which.
    """
    preset = check(GuidancePreset, data, name)
    record = get_guidance(str(preset.guidance.get("name", ""))).config
    explained(partial(guidance_config, preset.guidance), record, name)
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
