"""The detectors: who says what a picture shows. Importing this needs neither torch nor CLIP."""

from pathlib import Path

from studio.errors import StudioError
from studio.evaluation.detectors import (
    clip_zero_shot,
    icon_world,
    nudenet,
    q16,
    safety_checker,
)
from studio.evaluation.detectors.base import Detector, DetectorPreset, DetectorSettings, Kind, Own
from studio.files import place_of
from studio.world import ROOT
from studio.yaml_files import check, did_you_mean, read_yaml_file

PRESETS = ROOT / "presets" / "detectors"
DETECTORS: dict[str, Kind] = {
    module.DETECTOR.name: module.DETECTOR
    for module in (icon_world, nudenet, clip_zero_shot, q16, safety_checker)
}


def load_detectors() -> dict[str, DetectorPreset]:
    """All detectors that ship with the studio, by id, in the order of their kinds.

    Raises:
        StudioError: a preset is not right.
    """
    found, kinds = map(_read, PRESETS.glob("*.yaml")), list(DETECTORS)
    in_order = sorted(found, key=lambda p: (kinds.index(p.detector["name"]), p.id))
    return {preset.id: preset for preset in in_order}


def find_detector(name: str) -> DetectorPreset:
    """A detector by id, or by the path of a YAML file of one's own.

    Raises:
        StudioError: there is none; names the nearest.
    """
    if name.endswith((".yaml", ".yml")):
        return _read(place_of(name))
    known = {file.stem: file for file in PRESETS.glob("*.yaml")}
    if name not in known:
        raise StudioError(f"There is no detector {name!r}.", did_you_mean(name, known))
    return _read(known[name])


def get_detector(name: str, *, weights: str = "", prompts: Path | None = None) -> Detector:
    """The detector of this name, loaded.

    Args:
        name: see `find_detector`.
        weights, prompts: see `Own`.

    Raises:
        StudioError: there is none, or something that it needs is missing; says what.
    """
    preset = find_detector(name)
    kind, settings = settings_of(preset)
    return kind.load(preset.id, settings, Own(weights, prompts))


def missing(preset: DetectorPreset, own: Own | None = None) -> StudioError | None:
    """What a detector still needs, without loading it; None: it is ready."""
    kind, settings = settings_of(preset)
    return kind.missing(settings, own or Own())


def settings_of(preset: DetectorPreset) -> tuple[Kind, DetectorSettings]:
    """A preset's kind and its settings, checked.

    Raises:
        StudioError: there is no such kind, or a setting is not right.
    """
    name = str(preset.detector.get("name", ""))
    if name not in DETECTORS:
        raise StudioError(f"There is no kind of detector {name!r}.", did_you_mean(name, DETECTORS))
    rest = {key: value for key, value in preset.detector.items() if key != "name"}
    return DETECTORS[name], check(DETECTORS[name].settings, rest, f"{preset.id}, detector")


def _read(file: Path) -> DetectorPreset:
    preset = check(DetectorPreset, read_yaml_file(file), file.name)
    settings_of(preset)
    return preset
