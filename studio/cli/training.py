"""Commands that train, and make what training needs."""

import argparse
import sys
import time
from typing import Any

from studio.cli.models import chosen_model
from studio.cli.waiting import turn_of, waiting_text
from studio.cli.warning import look_into, tell_cut
from studio.config import RunConfig
from studio.errors import StudioError
from studio.jobs.queue_tables import Work
from studio.methods import weights_of
from studio.outcome import run_outcome, told_outcome
from studio.presets import changed_settings, check, find_model, overlaps
from studio.records import Progress, State
from studio.safeguards import find_method_preset
from studio.services.runs import Runs
from studio.words import duration, rate_text


def train(args: argparse.Namespace) -> dict[str, Any]:
    """Train a run and follow it to its end; Ctrl+C asks it to stop."""
    studio = Runs(args.runs_dir)
    pack = studio.pack(args.pack)
    config = studio.plan(
        pack,
        chosen_model(args),
        preset=args.preset,
        method={"name": args.method} if args.method else None,
        overrides={"steps": args.steps, "seed": args.seed},
    )
    for phrase, name in overlaps(config.pack):
        print(
            f"Note: the kept phrase {phrase!r} contains the removed name {name!r}. "
            "The model may lose it too.",
            file=sys.stderr,
        )
    for text in find_method_preset(args.preset).differs if args.preset else ():
        print(f"Note: {args.preset} differs from the released code: {text.en}", file=sys.stderr)
    if args.dry_run:
        note = look_into(config.model)
        names = ", ".join(concept.name for concept in config.pack.remove)
        plan = (
            f"Would train {config.method['name'].upper()} on {config.model.title.en}: {names}; "
            f"{config.train.steps} steps, batch {config.train.batch}, {rank_of(config)}, "
            f"seed {config.train.seed}. {settings_line(config)}"
        )
        print(plan, file=sys.stderr if args.json else sys.stdout)
        return {"plan": config.model_dump(mode="json"), "note": note}
    print(settings_line(config), file=sys.stderr)
    began = time.monotonic()
    run_id = studio.start(config)
    progress = follow(studio, run_id)
    status = progress.status
    if status.state in (State.FAILED, State.INTERRUPTED):
        raise StudioError(status.what, status.way_out)
    path = str(studio.folder(run_id).path)
    seconds = round(time.monotonic() - began, 1)
    if not args.json:
        print(f"{status.state}: {status.step} steps in {duration(seconds)}. {path}")
    what, way_out = told_outcome(progress)
    if what:
        print(f"{what} {way_out}", file=sys.stderr if args.json else sys.stdout)
    return {
        "run": path,
        "steps": status.step,
        "seconds": seconds,
        "state": str(status.state),
        "outcome": str(run_outcome(progress) or ""),
        "told": f"{what} {way_out}".strip(),
    }


def settings_line(config: RunConfig) -> str:
    """Which settings a run takes, in words."""
    if config.preset:
        preset = find_method_preset(config.preset)
        said = f"Settings: {preset.title.en} ({preset.id}), then those of the pack."
    else:
        said = "Settings: the method's own, then those of model and pack; no preset suits them."
    changed = changed_settings(config)
    return f"{said} Changed by hand: {', '.join(changed)}." if changed else said


def rank_of(config: RunConfig) -> str:
    """How much of the layers is trained, in words."""
    return f"rank {config.train.rank}" if weights_of(config) == "lora" else "all weights"


def follow(studio: Runs, run_id: str) -> Progress:
    """Say how far a run is until it ends; Ctrl+C asks it to stop."""
    said = ""
    while True:
        try:
            progress = studio.progress(run_id)
            line = progress_line(progress)
            if line != said:
                print(line, file=sys.stderr, flush=True)
                said = line
            if not progress.status.state.alive:
                return progress
            time.sleep(0.5)
        except KeyboardInterrupt:
            print("Asked to stop; what there is will be kept.", file=sys.stderr)
            studio.stop(run_id)


def progress_line(progress: Progress) -> str:
    """How far a run is, on one line."""
    status = progress.status
    parts = [f"{status.state} {status.step}/{status.total}"]
    if progress.behind:
        parts.append(waiting_text(progress.behind))
    if status.to_prepare and not status.step:
        parts.append(f"{status.prepared}/{status.to_prepare} triplets")
    if status.seconds_per_step and status.seconds_left is not None:
        parts.append(f"{status.seconds_per_step:.2f} s/step, {duration(status.seconds_left)} left")
    if progress.checks:
        check = progress.checks[-1]
        parts.append(f"still shows {rate_text(check.target)}, kept {rate_text(check.unrelated)}")
    return " | ".join(parts)


def triplets(args: argparse.Namespace) -> dict[str, Any]:
    """Draw or pair triplets, or make mosaics of a finished set anew."""
    from studio.methods.safegen import SafegenConfig
    from studio.services.triplets import draw_triplets, pair_triplets

    if args.set:
        return _remake(args)
    given = {"block_share": args.block_share, "blur_share": args.blur_share}
    values = {key: value for key, value in given.items() if value is not None}
    values |= {"count": args.count, "mask": args.mask}
    settings = check(SafegenConfig, values, "Settings")

    if args.unsafe or args.benign or args.masks:
        if not (args.unsafe and args.benign):
            raise StudioError(
                "Own pictures need both --unsafe and --benign.", "Give a folder for each."
            )
        made = pair_triplets(
            args.unsafe, args.benign, settings, args.out, masks=args.masks, on_triplet=_count
        )
    else:
        if not args.pack:
            raise StudioError("No pack is named.", "Name one, such as icon-weapons.")
        pack = Runs(args.runs_dir).pack(args.pack)
        model = chosen_model(args) or find_model(pack.model)
        with turn_of(args, Work.TRIPLETS, pack.title, args.out):
            made = draw_triplets(model, pack, settings, args.out, seed=args.seed, on_triplet=_count)
    print(file=sys.stderr)
    tell_cut(made.cut_prompts)
    if not args.json:
        print(f"{len(made.rows)} triplets in {args.out}")
    told = {"cut_prompts": made.cut_prompts} if made.cut_prompts else {}
    return {"triplets": str(args.out), "count": len(made.rows), "mask": made.mask, **told}


def _remake(args: argparse.Namespace) -> dict[str, Any]:
    from studio.services.triplets import remake_mosaics

    others = (args.pack, args.model, args.unsafe, args.benign, args.block_share, args.blur_share)
    if args.masks is None or any(value is not None for value in others):
        raise StudioError(
            "--set makes mosaics of a finished set anew, from --masks alone.",
            "Give --masks and leave the other options out, or make a new set with --out.",
        )
    count = remake_mosaics(args.set, args.masks, on_triplet=_count)
    print(file=sys.stderr)
    if not args.json:
        print(f"{count} mosaics in {args.set}")
    return {"triplets": str(args.set), "count": count, "mask": "own"}


def _count(done: int, total: int) -> None:
    print(f"\r{done}/{total} triplets", end="", file=sys.stderr, flush=True)
