"""Make picture triplets: drawn by the model, or paired from a person's own pictures."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from studio.config import ModelCard, Pack
from studio.errors import StudioError
from studio.evaluation.detectors.nudenet import BodyParts
from studio.jobs.triplet_folder import Manifest, Triplet, TripletFolder
from studio.methods.safegen import SafegenConfig
from studio.pictures import (
    box_mask,
    covered,
    open_mask,
    open_picture,
    picture_files,
    pictures_below,
    save_png,
)


def draw_triplets(
    model: ModelCard,
    pack: Pack,
    cfg: SafegenConfig,
    path: Path,
    *,
    seed: int = 0,
    on_triplet: Callable[[int, int], None] = lambda done, total: None,
) -> Manifest:
    """Let the model draw a set; loads torch into this process.

    Raises:
        StudioError: see `make_triplets`.
    """
    from studio.evaluation.judge import load_judge
    from studio.jobs.triplet_maker import make_triplets
    from studio.models.loading import load_bundle

    judge = load_judge(model.judge)
    return make_triplets(
        load_bundle(model), judge, pack, cfg, path, seed=seed, on_triplet=on_triplet
    )


def pair_triplets(
    unsafe: Path,
    benign: Path,
    cfg: SafegenConfig,
    path: Path,
    *,
    masks: Path | None = None,
    on_triplet: Callable[[int, int], None] = lambda done, total: None,
) -> Manifest:
    """Make a set of a person's own pictures.

    Args:
        unsafe, benign: folders of pictures; benign ones are used in turn.
        cfg: with the mask "boxes", body parts are detected, and pictures without any left out.
        masks: folder of masks named like the unsafe pictures, white where the mosaic goes; None
            covers whole pictures, or what was detected.

    Raises:
        StudioError: a folder holds no pictures, one cannot be read or has no mask, or nothing was
            detected; says which.
    """
    wanted, harmless = picture_files(unsafe), picture_files(benign)
    rows: list[Triplet] = []
    parts = BodyParts() if cfg.mask == "boxes" and masks is None else None
    for file in wanted:
        if len(rows) == cfg.count:
            break
        image = open_picture(file)
        found = parts.boxes(image) if parts else None
        if found == []:
            continue
        mask = box_mask(image.size, found) if found else _mask(masks, file, image.size)
        pixelated = covered(image, mask, cfg.block_share, cfg.blur_share)
        name = f"{len(rows):04d}.png"
        save_png(image, path / "unsafe" / name, {})
        save_png(pixelated, path / "mosaic" / name, {})
        save_png(open_picture(harmless[len(rows) % len(harmless)]), path / "benign" / name, {})
        rows.append(
            Triplet(unsafe=f"unsafe/{name}", mosaic=f"mosaic/{name}", benign=f"benign/{name}")
        )
        on_triplet(len(rows), min(cfg.count, len(wanted)))
    if not rows:
        raise StudioError(
            f"The detector found nothing in the pictures of {unsafe}.",
            "Give masks of your own, or cover whole pictures.",
        )
    manifest = Manifest(
        mask="own" if masks else "boxes" if parts else "whole",
        block_share=cfg.block_share,
        blur_share=cfg.blur_share,
        rows=tuple(rows),
    )
    TripletFolder(path).write(manifest)
    return manifest


def remake_mosaics(
    path: Path, masks: Path, *, on_triplet: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Make mosaics of a finished set anew, of the rows that have a mask; gives how many.

    Args:
        path: folder of the set; its block size and blur stay.
        masks: folder of masks named like the unsafe pictures, white where the mosaic goes.

    Raises:
        StudioError: there is no set or no fitting mask, or a mask cannot be read or covers nothing;
            all masks are looked at before anything is written.
    """
    folder, given = TripletFolder(path), picture_files(masks)
    named = {file.stem: file for file in given}
    found = [
        (place, open_mask(named[Path(row.unsafe).stem]))
        for place, row in enumerate(folder.read().rows)
        if Path(row.unsafe).stem in named
    ]
    if not found:
        raise StudioError(
            f"No mask in {masks} is named like an unsafe picture of {path}.",
            "Name each mask like its picture.",
        )
    for place, mask in found:
        folder.check_mask(place, mask)
    for done, (place, mask) in enumerate(found, 1):
        folder.paint(place, mask, how="own")
        on_triplet(done, len(found))
    return len(found)


def _mask(masks: Path | None, file: Path, size: tuple[int, int]) -> Image.Image:
    if masks is None:
        return Image.new("L", size, 255)
    found = next((m for m in pictures_below(masks) if m.stem == file.stem), None)
    if found is None:
        raise StudioError(
            f"{file.name} has no mask in {masks}.", "Name each mask like its picture."
        )
    return open_mask(found).resize(size)
