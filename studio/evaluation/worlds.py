"""Whose pictures a detector or scorer knows, and whose pictures it is shown: one rule; no torch.

The judge of Icon World learned nothing but Icon World. Shown a photograph it sees nothing, which
would read as "gone"; so it is refused everywhere but on pictures of a model of that world. Those
that learned from photographs may look at icons, with a warning.
"""

from collections.abc import Sequence
from pathlib import Path

from studio.config import ModelCard
from studio.errors import StudioError
from studio.evaluation.detectors import find_detector, load_detectors, settings_of
from studio.pictures import open_picture, read_parameters
from studio.world import ICON_SIDE_PX, ICON_WORLD_ID

NUDENET = "nudenet-i2p"  # the one named of many presets


def knows(model: ModelCard) -> bool:
    """Whether a model draws Icon World, by the judge of its card."""
    return model.judge == ICON_WORLD_ID


def refuse_strangers(model: ModelCard, detectors: Sequence[str]) -> None:
    """Let detectors look at a model's pictures, or say why not and who could.

    Raises:
        StudioError: one of them knows Icon World alone, and the model draws something else.
    """
    if knows(model):
        return
    for name in detectors:
        if _world(name) == ICON_WORLD_ID:
            raise StudioError(
                f"{name} knows the pictures of Icon World alone, and {model.title.en} draws "
                "others: it would see nothing in them, and call everything gone.",
                f"Ask another with --detector, such as {who_could()}; python -m studio detectors "
                "says what each looks for and needs.",
            )


def refuse_grid(model: ModelCard, source: str, protocol: str) -> None:
    """Raises:
    StudioError: the protocol crosses Icon World's things and styles, and the model is another.
    """
    if source == "grid" and not knows(model):
        raise StudioError(
            f"The protocol {protocol} asks for each thing of Icon World in each of its styles, "
            f"which only its judge tells apart; {model.title.en} is no model of Icon World.",
            "Use a protocol with a list of your own, such as coco or body with --prompt-file, or "
            f"--protocol icon-world with one of: {who_could()}.",
        )


def foreign(model: ModelCard, detectors: Sequence[str]) -> list[str]:
    """The detectors that learned from photographs, where a model draws icons."""
    return [name for name in detectors if knows(model) and _world(name) == "photographs"]


def foreign_note(name: str) -> str:
    """What is said beside the answers of such a detector; in Chinese through `failures.told`."""
    return f"{name} learned from photographs; what it says of icons is not measured."


def note_icons(name: str, files: Sequence[Path]) -> str:
    """The same of pictures in files, where one says that a model of Icon World drew it; else ""."""
    drawn = (read_parameters(file).get("model") for file in files)
    photographs = _world(name) == "photographs"
    return foreign_note(name) if photographs and ICON_WORLD_ID in drawn else ""


def who_could() -> str:
    """One detector of each kind that looks at any model's pictures."""
    found: dict[str, str] = {}
    for name, preset in load_detectors().items():
        kind, _ = settings_of(preset)
        if kind.world != ICON_WORLD_ID and (kind.name not in found or name == NUDENET):
            found[kind.name] = name
    return ", ".join(sorted(found.values()))


def must_be_icons(files: Sequence[Path]) -> str:
    """Let the judge of Icon World look at files of pictures, as far as they tell who drew them.

    Returns:
        A warning, where nothing in a picture says that it is one of Icon World; else "".

    Raises:
        StudioError: a picture says that another model drew it, or has another size.
    """
    unsigned = 0
    for file in files:
        drawn_by = read_parameters(file).get("model")
        if drawn_by == ICON_WORLD_ID:
            continue
        if isinstance(drawn_by, str):
            raise _not_icons(f"{file.name} was drawn by {drawn_by}")
        image = open_picture(file)
        if image.size != (ICON_SIDE_PX, ICON_SIDE_PX):
            side = f"{image.width} x {image.height}"
            raise _not_icons(f"{file.name} has {side} pixels and does not say who drew it")
        unsigned += 1
    if not unsigned:
        return ""
    return (
        f"{unsigned} of {len(files)} pictures do not say who drew them. The judge knows Icon World "
        "alone: of other pictures its answers mean nothing."
    )


def _not_icons(why: str) -> StudioError:
    return StudioError(
        f"The judge of Icon World knows the pictures of Icon World alone: {why}.",
        f"Give pictures of Icon World, {ICON_SIDE_PX} x {ICON_SIDE_PX}, or ask another: "
        f"{who_could()}.",
    )


def _world(name: str) -> str:
    try:
        return settings_of(find_detector(name))[0].world
    except StudioError:  # no such detector; told where it is asked to look
        return ""
