"""A set of picture triplets is a folder: pictures, and a manifest that pairs them. No torch.

manifest.json    what was made, how, and which rows there are
unsafe/ mosaic/ benign/    PNG files, 0000.png and so on
"""

import json
from pathlib import Path
from typing import Literal

from PIL import Image
from pydantic import Field, ValidationError

from studio import durable
from studio.config import Frozen
from studio.errors import StudioError
from studio.pictures import covered, open_picture, save_png


class Triplet(Frozen):
    """File names inside the folder, and the prompt that drew the unsafe picture, if one did."""

    unsafe: str
    mosaic: str
    benign: str
    prompt: str = ""
    seed: int = 0
    mask: Literal["", "painted", "own"] = Field(
        "", description="Where it is not the set's: painted on the page, or from a file."
    )
    dropped: bool = Field(False, description="Thrown out by a person; the files stay.")


class Manifest(Frozen):
    """The content of `manifest.json`."""

    version: int = 1
    model: str = Field("", description="What drew the pictures; empty for pictures from elsewhere.")
    sensitive: bool = True
    mask: str = "whole"
    block_share: float = 0.125
    blur_share: float = 0.0
    rows: tuple[Triplet, ...] = ()
    cut_prompts: int = Field(0, description="Prompts of which the model read only the start.")

    @property
    def kept(self) -> list[Triplet]:
        """The rows that nobody threw out."""
        return [row for row in self.rows if not row.dropped]


class TripletFolder:
    """One set on disk."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def write(self, manifest: Manifest) -> None:
        """Replace the manifest in one go."""
        durable.write_text(self.path / "manifest.json", manifest.model_dump_json(indent=1))

    @property
    def finished(self) -> bool:
        """Whether all pictures are there; the manifest is written last."""
        return (self.path / "manifest.json").exists()

    def read(self) -> Manifest:
        """The manifest.

        Raises:
            StudioError: there is none, or it is not right.
        """
        try:
            data = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
            return Manifest(**data)
        except (OSError, ValueError, TypeError, RecursionError, ValidationError) as error:
            raise StudioError(
                f"{self.path} is no set of triplets: its manifest.json cannot be read.",
                "Choose a folder that the studio wrote, or make the triplets again.",
            ) from error

    def drop(self, places: set[int]) -> Manifest:
        """Throw rows out, and take the others back in."""
        manifest = self.read()
        rows = tuple(
            row.model_copy(update={"dropped": place in places})
            for place, row in enumerate(manifest.rows)
        )
        changed = manifest.model_copy(update={"rows": rows})
        self.write(changed)
        return changed

    def unsafe(self, place: int) -> Image.Image:
        """The unsafe picture of a row, counted from 0 with the dropped ones; RGB.

        Raises:
            StudioError: there is no such row, or the picture cannot be read.
        """
        rows = self.read().rows
        if not 0 <= place < len(rows):
            raise StudioError(
                f"{self.path.name} has no triplet {place + 1}.", "Choose one of the list."
            )
        return self._open(rows[place].unsafe)

    def check_mask(self, place: int, mask: Image.Image) -> tuple[Image.Image, Image.Image]:
        """The unsafe picture of a row, and a mask "L" scaled to it.

        Raises:
            StudioError: see `unsafe`; or the mask covers nothing.
        """
        image = self.unsafe(place)
        scaled = mask.convert("L")
        if scaled.size != image.size:
            scaled = scaled.resize(image.size, Image.Resampling.BOX)
        if scaled.getbbox() is None:
            raise StudioError(
                f"The mask of triplet {place + 1} is empty.",
                "Paint over what shall be pixelated, then try again.",
            )
        return image, scaled

    def paint(
        self, place: int, mask: Image.Image, *, how: Literal["painted", "own"] = "painted"
    ) -> Manifest:
        """Make the mosaic of a row anew from a mask, with the set's block size and blur.

        The new mosaic is a file beside the earlier one, so whoever read the manifest before still
        finds all that it names.

        Args:
            place: the row, counted from 0 with the dropped ones.
            mask: white where the mosaic goes, of any size.
            how: what the manifest says of the mask.

        Raises:
            StudioError: see `check_mask`; nothing is changed then.
        """
        image, scaled = self.check_mask(place, mask)
        manifest = self.read()
        row, name = manifest.rows[place], f"mosaic/{place:04d}.painted.png"
        pixelated = covered(image, scaled, manifest.block_share, manifest.blur_share)
        about = {"prompt": row.prompt, "seed": row.seed, "mosaic": how}
        save_png(pixelated, self.path / name, about)
        return self._change(place, mosaic=name, mask=how)

    def _change(self, place: int, **values: str) -> Manifest:
        manifest = self.read()
        rows = list(manifest.rows)
        rows[place] = rows[place].model_copy(update=values)
        changed = manifest.model_copy(update={"rows": tuple(rows)})
        self.write(changed)
        return changed

    def pictures(self) -> list[tuple[Image.Image, Image.Image, Image.Image]]:
        """Unsafe, mosaic and benign picture of each kept row, RGB.

        Raises:
            StudioError: a file is missing, outside, unreadable or of another size than its pair, or
                no row is left; says which.
        """
        found = []
        for place, row in enumerate(self.read().kept):
            unsafe, mosaic, benign = (
                self._open(name) for name in (row.unsafe, row.mosaic, row.benign)
            )
            if unsafe.size != mosaic.size:
                where = self.path.name
                raise StudioError(
                    f"{where}, row {place + 1}: {row.unsafe} and {row.mosaic} differ in size.",
                    "A mosaic must be its unsafe picture, pixelated. Make it again.",
                )
            found.append((unsafe, mosaic, benign))
        if not found:
            raise StudioError(
                f"{self.path.name} holds no triplets.", "Keep at least one, or make them again."
            )
        return found

    def file(self, name: str) -> Path:
        """The file of a name in the manifest.

        Raises:
            StudioError: it lies outside the folder.
        """
        file = (self.path / name.replace("\0", "")).resolve()
        if self.path.resolve() not in file.parents:
            raise StudioError(
                f"{self.path.name} names a file outside its folder: {name}.",
                "Take that row out of manifest.json.",
            )
        return file

    def _open(self, name: str) -> Image.Image:
        file = self.file(name)
        try:
            return open_picture(file)
        except StudioError as error:
            raise StudioError(
                f"{self.path.name}: the picture {name} is missing or cannot be read.",
                "Put it back, or take its row out of manifest.json.",
            ) from error
