"""`python -m studio.iconworld STEP --build DIR`: make Icon World and its judge, step by step."""

import argparse
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from studio.evaluation.judge import judge_at
from studio.evaluation.quality.backbone import WIDTHS, Backbone
from studio.iconworld import contrast, icons, judge, looks, text, unet, vae
from studio.iconworld.assemble import assemble
from studio.iconworld.encoders import score_encoders
from studio.iconworld.measure import HELD_OUT_RENDERS, HELD_OUT_SEED, score_all, score_second
from studio.iconworld.narrator import Narrator
from studio.iconworld.polish import polish_decoder
from studio.iconworld.redraw import redraw
from studio.iconworld.retell import train_retold
from studio.iconworld.robust import foreign_words, train_robust
from studio.iconworld.scenes import Scene, draw_many
from studio.output import guarded
from studio.presets import find_model
from studio.world import ICON_JUDGE, ICON_WORLD, SECOND_JUDGE, load_world

SCENES, SCENES_SEED = 20_000, 1
MORE_SCENES, MORE_SCENES_SEED = 24_000, 21
JUDGE_STEPS, TEXT_STEPS, ROBUST_STEPS, UNET_STEPS = 5000, 2500, 2400, 18_200
SECOND_STEPS, RETELL_STEPS = 15_000, 240
POLISH_STEPS = 2000
LOOKS, REDRAWN = 4000, 4000  # renders through the autoencoder, and drawn again
LOOKS_STEPS, LOOKS_RATE = 3000, 1e-3  # the judge's last lesson, mostly on these


def fetch(build: Path) -> None:
    """Install the icon packages."""
    icons.fetch(build / "npm")


def _pictures(build: Path, count: int = SCENES) -> tuple[torch.Tensor, list[Scene]]:
    """The first `count` training pictures, drawn once and kept on disk."""
    pixels_file, scenes_file = build / "pictures.npy", build / "scenes.json"
    if not scenes_file.exists():
        world = load_world()
        known, _, _ = icons.load_icons(world, build / "npm")
        pixels, scenes = draw_many(world, known, SCENES, SCENES_SEED)
        np.save(pixels_file, pixels)
        scenes_file.write_text(json.dumps([asdict(scene) for scene in scenes]))
    kept = _scenes(scenes_file.read_text())[:count]
    return torch.from_numpy(np.load(pixels_file)[:count]), kept


def _scenes(text: str) -> list[Scene]:
    rows = json.loads(text)
    return [Scene(tuple(row["objects"]), row["style"], row["colour"]) for row in rows]


def make_vae(build: Path) -> None:
    """Train the autoencoder."""
    vae.train_vae(_pictures(build, 8000)[0], build / "vae")


def make_judge(build: Path, seed: int = 0, *, drawn_looks: bool = False) -> None:
    """Train the judge.

    Args:
        drawn_looks: also on renders with the look of drawn pictures (`looks`), into `judge-looks`,
            which is what ships; text encoder and denoiser are trained before there are such looks.
    """
    world = load_world()
    known, strange, _ = icons.load_icons(world, build / "npm")
    pixels, scenes = _pictures(build)
    pairs, pair_scenes = draw_many(world, known, 12_000, seed=4 + seed, two_share=0.6)
    odd, nothing = judge.others(world, strange, 6000, seed=2 + seed)
    shown = [(pixels, scenes), (torch.from_numpy(pairs), pair_scenes)]
    empty = [(torch.from_numpy(odd), nothing)]
    train = partial(judge.train_judge, world, seed=seed)
    if not drawn_looks:
        train(looks.joined(shown), looks.joined(empty), build / "judge", steps=JUDGE_STEPS)
        return
    coder = AutoencoderKL.from_pretrained(build / "vae").to(memory_format=torch.channels_last)
    encoded = torch.load(build / "cache.pt", weights_only=True)["latents"][:LOOKS]
    again = looks.drawn_again(coder, scenes, redrawn(build))
    look = [
        looks.drawn_again(coder, scenes, (torch.arange(len(encoded)), encoded)),
        again,
        looks.shaded_renders(world, known, REDRAWN, seed=6 + seed),
    ]
    some = LOOKS // 2
    back = looks.through_autoencoder(coder, (empty[0][0][:some], nothing[:some]))
    first, folder = build / "judge-looks-first", build / "judge-looks"
    known_looks, empty = [*shown, *look], [*empty, back]
    train(looks.joined(known_looks), looks.joined(empty), first, steps=JUDGE_STEPS)
    known_looks, empty = [*known_looks, *look, again, again], [*empty, back]
    last = partial(train, steps=LOOKS_STEPS, start=first, rate=LOOKS_RATE)
    last(looks.joined(known_looks), looks.joined(empty), folder)


def make_second_judge(build: Path, seed: int = 30, steps: int = SECOND_STEPS) -> None:
    """Train the second judge: another network, pictures of its own."""
    world = load_world()
    known, strange, _ = icons.load_icons(world, build / "npm")
    single, scenes = draw_many(world, known, SCENES, seed=1 + seed)
    pairs, pair_scenes = draw_many(world, known, 12_000, seed=4 + seed, two_share=0.6)
    odd, nothing = judge.others(world, strange, 6000, seed=2 + seed)
    judge.train_judge(
        world,
        (torch.from_numpy(np.concatenate([single, pairs])), scenes + pair_scenes),
        (torch.from_numpy(odd), nothing),
        SECOND_JUDGE,
        steps=steps,
        seed=seed,
        network="mixer",
    )


def make_text(build: Path) -> None:
    """Train tokenizer and text encoder against the judge's features."""
    net = judge_at(build / "judge").net
    text.train_text(load_world(), net, _pictures(build), build, steps=TEXT_STEPS)


def make_robust(build: Path) -> None:
    """Teach the text encoder to read past words it never saw."""
    world = load_world()
    foreign = foreign_words(world, build / "npm")
    train_robust(world, _pictures(build)[1], build, foreign, steps=ROBUST_STEPS)


def cache(build: Path) -> None:
    """Encode pictures once: those of the other steps, and more for the denoiser alone."""
    world = load_world()
    known, _, _ = icons.load_icons(world, build / "npm")
    coder = AutoencoderKL.from_pretrained(build / "vae").to(memory_format=torch.channels_last)
    pixels, scenes = _pictures(build)
    more, more_scenes = draw_many(world, known, MORE_SCENES, MORE_SCENES_SEED)
    latents = [vae.encode(coder, part) for part in (pixels, torch.from_numpy(more))]
    rows = [asdict(scene) for scene in (*scenes, *more_scenes)]
    torch.save({"latents": torch.cat(latents), "scenes": json.dumps(rows)}, build / "cache.pt")


def _cached(build: Path) -> tuple[torch.Tensor, Narrator]:
    """Latents, and who tells what they show."""
    world, kept = load_world(), torch.load(build / "cache.pt", weights_only=True)
    return kept["latents"], Narrator(
        world,
        _scenes(kept["scenes"]),
        foreign_words(world, build / "npm"),
        CLIPTokenizer.from_pretrained(build / "tokenizer"),
        CLIPTextModel.from_pretrained(build / "text_encoder"),
    )


def make_unet(build: Path, steps: int, rate: float, falls: float) -> None:
    """Train the denoiser; goes on where it was stopped."""
    latents, narrator = _cached(build)
    null, folder = narrator.states([""])[0], build / "unet"
    unet.train_unet(latents, narrator, null, folder, steps=steps, peak=rate, final_share=falls)


def redrawn(build: Path, count: int = REDRAWN) -> tuple[torch.Tensor, torch.Tensor]:
    """Places of training pictures, and their latents drawn again; made once, kept on disk."""
    file = build / f"redrawn-{count}.pt"
    if not file.exists():
        latents, narrator = _cached(build)
        denoiser = UNet2DConditionModel.from_pretrained(build / "unet" / "unet")
        denoiser.eval().to(memory_format=torch.channels_last)
        null = narrator.states([""])[0]
        sample = find_model("icon-world").sample
        pairs = list(redraw(denoiser, latents[:SCENES], narrator, null, sample, count))
        rows, again = (torch.cat(part) for part in zip(*pairs, strict=True))
        torch.save({"rows": rows, "latents": again}, file)
    found = torch.load(file, weights_only=True)
    return found["rows"], found["latents"]


def polish(build: Path) -> None:
    """Train the decoder alone further; the latents, and so the denoiser, stay what they are."""
    coder = AutoencoderKL.from_pretrained(build / "vae").to(memory_format=torch.channels_last)
    pixels, drawn = _pictures(build)[0], redrawn(build)
    for step in polish_decoder(coder, pixels, Backbone(), WIDTHS, drawn, POLISH_STEPS):
        if step % 250 == 0:
            coder.save_pretrained(build / "vae")
    coder.save_pretrained(build / "vae")


def make_contrast(build: Path) -> None:
    """Train the heads that match pictures and prompts on the shipped judge and text encoder."""
    world, net = load_world(), judge_at(ICON_JUDGE).net
    reader = contrast.Reader(
        CLIPTokenizer.from_pretrained(ICON_WORLD / "tokenizer"),
        CLIPTextModel.from_pretrained(ICON_WORLD / "text_encoder").eval(),
    )
    pictures = _pictures(build, contrast.SCENES)
    heads = contrast.train_contrast(world, net, reader, pictures, steps=contrast.STEPS)
    known, _, _ = icons.load_icons(world, build / "npm")
    pixels, scenes = draw_many(world, known, HELD_OUT_RENDERS, HELD_OUT_SEED)
    features = contrast.read_pictures(net, map(vae.to_floats, torch.from_numpy(pixels).split(256)))
    numbers = contrast.retrieval(heads, features, reader, scenes, world)
    made_of = [ICON_JUDGE / "judge.safetensors", ICON_WORLD / "text_encoder" / "model.safetensors"]
    contrast.save(heads, numbers, ICON_JUDGE, made_of)
    print(json.dumps({name: asdict(rate) for name, rate in numbers.items()}, indent=1))


def make_retold(build: Path) -> None:
    """Teach the text encoder sentences of several clauses, in `retell/`, which is what ships."""
    folder, world = build / "retell", load_world()
    for part in ("tokenizer", "text_encoder"):
        shutil.copytree(build / part, folder / part, dirs_exist_ok=True)
    train_retold(world, folder, foreign_words(world, build / "npm"), steps=RETELL_STEPS)


def put_together(build: Path, target: Path = ICON_WORLD) -> None:
    """Write the finished model and judge into `assets`."""
    print(f"{assemble(build, target, ICON_JUDGE):.1f} MB")


STEPS: dict[str, Callable[[Path], None]] = {
    "fetch": fetch,
    "vae": make_vae,
    "judge": make_judge,
    "second-judge": make_second_judge,
    "text": make_text,
    "robust": make_robust,
    "cache": cache,
}
FINISH: dict[str, Callable[[Path], None]] = {
    "polish": polish,
    "retell": make_retold,
    "judge-looks": partial(make_judge, drawn_looks=True),
    "assemble": put_together,
    "contrast": make_contrast,
    "score": score_all,
    "score-second": score_second,
}
APART: dict[str, Callable[[Path], None]] = {"score-retell": score_encoders}  # not part of "all"


def main() -> None:
    """Run one step, or all of them in order."""
    parser = argparse.ArgumentParser(prog="python -m studio.iconworld", description=__doc__)
    parser.add_argument("step", choices=[*STEPS, "unet", *FINISH, *APART, "all"])
    parser.add_argument("--build", type=Path, default=Path("build/icon-world"))
    parser.add_argument("--unet-steps", type=int, default=UNET_STEPS)
    parser.add_argument("--unet-rate", type=float, default=8e-4, help="highest learning rate")
    parser.add_argument(
        "--unet-falls", type=float, default=0.35, help="last share of the steps, in which it falls"
    )
    args = parser.parse_args()
    for name, make in STEPS.items():
        if args.step in (name, "all"):
            make(args.build)
    if args.step in ("unet", "all"):
        make_unet(args.build, args.unet_steps, args.unet_rate, args.unet_falls)
    for name, finish in FINISH.items():
        if args.step in (name, "all"):
            finish(args.build)
    if args.step in APART:
        APART[args.step](args.build)


def _made() -> int:
    main()
    return 0


if __name__ == "__main__":
    raise SystemExit(guarded(_made))
