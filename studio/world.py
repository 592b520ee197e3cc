"""The things Icon World knows: objects, styles, colours and the words for them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_PACKAGE = Path(__file__).resolve().parent
# presets and assets: beside the package in a checkout, within it once it is installed
ROOT = _PACKAGE / "data" if (_PACKAGE / "data" / "presets").is_dir() else _PACKAGE.parent
ICON_WORLD = ROOT / "assets" / "icon-world"
ICON_JUDGE = ROOT / "assets" / "icon-world-judge"
ICON_WORLD_ID = "icon-world"  # of its model card, its judge, its kind of detector
ICON_SIDE_PX = 128
SECOND_JUDGE = ROOT / "assets" / "icon-world-judge-2"


@dataclass(frozen=True)
class IconObject:
    """One object: its names in prompts, and the icons that show it."""

    id: str
    group: str
    icons: tuple[str, ...]
    name: str
    synonyms: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class World:
    """Everything the model was shown, in a fixed order that the judge's outputs follow."""

    objects: tuple[IconObject, ...]
    styles: dict[str, str]
    colours: dict[str, tuple[int, int, int]]
    hypernyms: dict[str, tuple[str, ...]]

    def index(self, object_id: str) -> int:
        """The place of an object in `objects`.

        Raises:
            KeyError: no object has this id.
        """
        return self._places[object_id]

    @property
    def _places(self) -> dict[str, int]:
        return {thing.id: place for place, thing in enumerate(self.objects)}

    def find(self, words: str) -> IconObject | None:
        """The object of this id, name or synonym; None when there is none."""
        wanted = words.strip().lower().replace("_", " ")
        for thing in self.objects:
            if wanted in (thing.id.replace("_", " "), thing.name, *thing.synonyms):
                return thing
        return None


@cache
def load_world(path: Path = ICON_WORLD / "world.yaml") -> World:
    """Read `world.yaml`."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return World(
        objects=tuple(
            IconObject(
                key,
                row["group"],
                tuple(row["icons"]),
                row["name"],
                tuple(row["synonyms"]),
                row["description"],
            )
            for key, row in data["objects"].items()
        ),
        styles=data["styles"],
        colours={name: tuple(rgb) for name, rgb in data["colours"].items()},
        hypernyms={name: tuple(words) for name, words in data["hypernyms"].items()},
    )
