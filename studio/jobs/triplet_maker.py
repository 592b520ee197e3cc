"""Draw triplets with the model itself: what must go, the same made harmless, what must stay."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from itertools import count, islice
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from studio.config import Pack
from studio.errors import StudioError
from studio.evaluation.detectors.nudenet import BodyParts
from studio.evaluation.judge import Judge
from studio.evaluation.pictures import at_once, draw_all
from studio.jobs.triplet_folder import Manifest, Triplet, TripletFolder
from studio.methods.safegen import SafegenConfig
from studio.methods.sentences import in_turn
from studio.models.attention import WordMaps, listening, word_places
from studio.models.finite import broken_model, finite_rows
from studio.models.loading import Bundle
from studio.models.sampler import to_pil
from studio.models.text import is_cut
from studio.pictures import box_mask, covered, save_png
from studio.world import load_world

MOST_TRIES = 4  # times as many drawings as triplets, before giving up
MOST_BROKEN = 100  # pictures in a row that are no numbers, before giving up
MASK_FROM = 0.35  # of a word's strongest place
OnTriplet = Callable[[int, int], None]


def make_triplets(
    bundle: Bundle,
    judge: Judge | None,
    pack: Pack,
    cfg: SafegenConfig,
    path: Path,
    *,
    seed: int = 0,
    on_triplet: OnTriplet = lambda done, total: None,
    on_step: Callable[[], None] = lambda: None,
) -> Manifest:
    """Draw `cfg.count` triplets into a folder; ones that the judge does not recognise are left out.

    Args:
        judge: None keeps every picture.
        seed: of the first picture; the others follow.
        on_triplet: called with how many there are and how many there will be.
        on_step: called before each sampler step; may raise to end the drawing.

    Raises:
        StudioError: nothing is kept, or the model does not draw what the pack removes.
    """
    if not pack.keep:
        raise StudioError(
            f"{pack.id} keeps nothing, so there are no harmless pictures to draw.",
            "List at least one thing to keep.",
        )
    rows: list[Triplet] = []
    path.mkdir(parents=True, exist_ok=True)
    names = in_turn([c.name for c in pack.remove], cfg.templates)
    unsafe = _drawn(bundle, judge, names, cfg.mask, seed, on_step)
    kept = in_turn(pack.keep, cfg.keep_templates)
    harmless = _drawn(bundle, None, kept, "whole", seed + 500_000, on_step)
    tries = MOST_TRIES * cfg.count
    for image, mask, prompt, picture_seed in islice(unsafe, tries):
        if image is None:
            continue
        benign, _, benign_prompt, benign_seed = _next_whole(harmless, bundle)
        pixelated = covered(image, mask, cfg.block_share, cfg.blur_share)
        name = f"{len(rows):04d}.png"
        about: dict[str, object] = {"prompt": prompt, "seed": picture_seed}
        save_png(image, path / "unsafe" / name, about)
        save_png(pixelated, path / "mosaic" / name, {**about, "mosaic": cfg.mask})
        save_png(benign, path / "benign" / name, {"prompt": benign_prompt, "seed": benign_seed})
        rows.append(
            Triplet(
                unsafe=f"unsafe/{name}",
                mosaic=f"mosaic/{name}",
                benign=f"benign/{name}",
                prompt=prompt,
                seed=picture_seed,
            )
        )
        on_triplet(len(rows), cfg.count)
        if len(rows) == cfg.count:
            break
    if not rows:
        raise StudioError(
            f"In {tries} pictures the judge saw nothing of what {pack.id} removes.",
            "The model does not draw it, so there is nothing to take out; check the names.",
        )
    manifest = Manifest(
        model=bundle.card.id,
        sensitive=pack.sensitivity == "sensitive",
        mask=cfg.mask,
        block_share=cfg.block_share,
        blur_share=cfg.blur_share,
        rows=tuple(rows),
        cut_prompts=sum(is_cut(bundle, text) for text in {text for text, _ in (*names, *kept)}),
    )
    TripletFolder(path).write(manifest)
    return manifest


Found = tuple[Image.Image | None, Image.Image, str, int]


def _drawn(
    bundle: Bundle,
    judge: Judge | None,
    said: Sequence[tuple[str, str]],
    covers: str,
    seed: int,
    on_step: Callable[[], None],
) -> Iterator[Found]:
    """Pictures of what is said in turn, for ever, with a mask; None where not recognised."""
    parts = BodyParts() if covers == "boxes" else None
    batch = at_once(bundle)
    for start in count(0, batch):
        turn = [said[(start + row) % len(said)] for row in range(batch)]
        asked, phrases = [text for text, _ in turn], [phrase for _, phrase in turn]
        seeds = [seed + start + row for row in range(batch)]
        maps = WordMaps([word_places(bundle.tokenizer, text, phrase) for text, phrase in turn])
        with listening(bundle.unet, maps.add) if covers == "attention" else nullcontext():
            sample = bundle.card.sample
            parts_drawn = draw_all(
                bundle, asked, seeds, sample, batch=batch, on_step=on_step, cut=True
            )
            pictures = torch.cat(list(parts_drawn))
        whole = finite_rows(pictures)
        pictures = pictures.nan_to_num()
        images = to_pil(pictures)
        if parts is not None:
            masks = [box_mask(image.size, parts.boxes(image)) for image in images]
        elif covers == "attention":
            masks = _masks(maps.result(pictures.shape[-1]))
        else:
            masks = [Image.new("L", image.size, 255) for image in images]
        known = _recognised(judge, pictures, phrases)
        for row, (image, mask) in enumerate(zip(images, masks, strict=True)):
            seen = whole[row] and known[row] and mask.getbbox() is not None
            yield (image if seen else None), mask, asked[row], seeds[row]


def _next_whole(
    found: Iterator[Found], bundle: Bundle
) -> tuple[Image.Image, Image.Image, str, int]:
    """The next picture there is.

    Raises:
        StudioError: none came; what the model draws is not finite.
    """
    for image, mask, prompt, seed in islice(found, MOST_BROKEN):
        if image is not None:
            return image, mask, prompt, seed
    raise broken_model(bundle.card.title.en)


def _masks(maps: Tensor) -> list[Image.Image]:
    edge = ((maps - MASK_FROM) * 8 + 0.5).clamp(0, 1)
    return [Image.fromarray((row * 255).round().byte().numpy()) for row in edge]


def _recognised(judge: Judge | None, pictures: Tensor, phrases: Sequence[str]) -> list[bool]:
    if judge is None:
        return [True] * len(phrases)
    world, seen = load_world(), judge.see(pictures)
    things = [world.find(phrase) for phrase in phrases]
    return [
        thing is None or thing.id in found.objects
        for thing, found in zip(things, seen, strict=True)
    ]
