"""The command that measures what is gone and what was kept, by a protocol."""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.cli.naming import EVALUATION, named
from studio.cli.numbers import positive, processes
from studio.cli.quality import score_line
from studio.cli.warning import tell_cut, warn_of_foreign
from studio.config import AdapterUse, Column, ModelCard, Pack
from studio.errors import StudioError
from studio.evaluation.aggregation import Aggregate
from studio.evaluation.protocol import OwnFiles
from studio.presets import check
from studio.protocols import load_protocols
from studio.records import Rate, State, Status
from studio.services.columns import column, pack_concepts, run_adapter
from studio.services.evaluations import Evaluations
from studio.services.runs import Runs
from studio.words import duration, rate_text

POLL_SECONDS = 0.5


def evaluate_options(new: argparse.ArgumentParser) -> None:
    """Tell argparse what `evaluate` takes."""
    new.add_argument(
        "target", metavar="PACK_OR_RUN", nargs="?", help="a run is measured against its original"
    )
    new.add_argument("--protocol", default="icon-world", help="see protocols; default icon-world")
    new.add_argument(
        "--column",
        action="append",
        help="measure these against the original, see compare; may be given several times",
    )
    new.add_argument("--quick", action="store_true", help="fewer pictures; a look, not a verdict")
    new.add_argument("--split", choices=["test", "dev"], default="test", help="dev is for tuning")
    new.add_argument("--prompts", type=positive, help="pictures of each family of prompts")
    new.add_argument("--prompt-file", type=Path, help="your copy of a protocol's list")
    new.add_argument(
        "--detector", action="append", help="instead of the protocol's; may be given several times"
    )
    new.add_argument(
        "--weights",
        action="append",
        default=[],
        metavar="DETECTOR=PATH",
        help="folder of a detector's network, or a hub id",
    )
    new.add_argument("--learned-prompts", type=Path, help="prompt vectors of q16, see detectors")
    new.add_argument(
        "--scorer", action="append", help="instead of the protocol's; may be given several times"
    )
    new.add_argument("--scorer-weights", type=Path, help="folder with CLIP, AlexNet or Inception")
    new.add_argument(
        "--processes", type=processes, default=1, help="that share the pictures, through torchrun"
    )
    new.add_argument("--resume", metavar="ID", help="go on with a stopped evaluation")
    new.add_argument("--stop", metavar="ID", help="ask an evaluation to end; what there is stays")


def evaluate(args: argparse.Namespace) -> dict[str, Any]:
    """Start an evaluation, or go on with one, and follow it to its end; Ctrl+C asks it to stop."""
    args.stop = args.stop and named(args, args.stop, EVALUATION)
    args.resume = args.resume and named(args, args.resume, EVALUATION)
    args.target = args.target and named(args, args.target)
    evaluations = Evaluations(args.runs_dir)
    if args.stop:
        evaluations.stop(args.stop)
        return _answer(args, evaluations, args.stop, evaluations.wait(args.stop, 60))
    if args.resume:
        evaluations.resume(args.resume, args.processes)
        chosen = args.resume
    elif args.target:
        chosen = _start(args, evaluations)
    else:
        raise StudioError(
            "Nothing is named that could be evaluated.", "Name a pack or a run, or give --resume."
        )
    status = _follow(evaluations, chosen)
    if status.state in (State.FAILED, State.INTERRUPTED):
        raise StudioError(status.what, status.way_out)
    return _answer(args, evaluations, chosen, status)


def protocols(args: argparse.Namespace) -> dict[str, Any]:
    """List the protocols."""
    found = load_protocols()
    if not args.json:
        for protocol in found.values():
            print(f"{protocol.id:14} {protocol.title.en}")
    return {"protocols": [protocol.model_dump(mode="json") for protocol in found.values()]}


def _start(args: argparse.Namespace, evaluations: Evaluations) -> str:
    runs = Runs(args.runs_dir)
    pack, model, own = _target(runs, args.target)
    concepts = pack_concepts(pack)
    chosen = [column(runs, text, concepts) for text in args.column or []]
    config = evaluations.plan(
        args.protocol,
        chosen or own,
        pack,
        quick=args.quick,
        split=args.split,
        count=args.prompts,
        model=model,
        prompt_file=args.prompt_file,
        detectors=args.detector,
        scorers=args.scorer,
        own=_own(args),
        scorer_weights=args.scorer_weights,
    )
    warn_of_foreign(config.model, config.detectors)
    return evaluations.start(config, args.processes)


def _own(args: argparse.Namespace) -> dict[str, OwnFiles]:
    weights = dict(text.partition("=")[::2] for text in args.weights)
    found = {name: check(OwnFiles, {"weights": path}, name) for name, path in weights.items()}
    if args.learned_prompts:
        old = found.get("q16", OwnFiles())
        found["q16"] = old.model_copy(update={"prompts": str(args.learned_prompts.resolve())})
    return found


def _target(runs: Runs, name: str) -> tuple[Pack, ModelCard | None, list[Column]]:
    """A run's pack, model and adapter, or a pack, whose model alone is measured."""
    try:
        folder = runs.folder(name)
    except StudioError as no_run:
        try:
            return runs.pack(name), None, []
        except StudioError as error:
            if not error.what.startswith("There is no pack"):
                raise
            raise StudioError(f"{name!r} is neither a run nor a pack.", error.way_out) from no_run
    use: AdapterUse = run_adapter(runs, folder.id)
    return folder.config.pack, folder.config.model, [Column(adapters=(use,))]


def _follow(evaluations: Evaluations, evaluation_id: str) -> Status:
    folder, said = evaluations.folder(evaluation_id), ""
    while True:
        try:
            status = folder.status()
            line = progress_line(status)
            if line != said:
                print(line, file=sys.stderr, flush=True)
                said = line
            if not status.state.alive:
                return status
            time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            print("Asked to stop; what there is will be kept.", file=sys.stderr)
            folder.ask_stop()


def progress_line(status: Status) -> str:
    """How far an evaluation is, on one line."""
    parts = [f"{status.state} {status.step}/{status.total} pictures"]
    if status.seconds_left is not None:
        parts.append(f"{duration(status.seconds_left)} left")
    return ", ".join(parts)


def _answer(
    args: argparse.Namespace, evaluations: Evaluations, evaluation_id: str, status: Status
) -> dict[str, Any]:
    folder = evaluations.folder(evaluation_id)
    config, found, cut = folder.config, evaluations.aggregates(evaluation_id), folder.cut()
    scores = {label: folder.scores(label) for label in found}
    if not args.json:
        print(f"{status.state}: {status.step} of {status.total} pictures. {folder.path}")
        tell_cut(len(cut or ()))
        if config.quick:
            print("A quick look, not a verdict.")
        for label, numbers in found.items():
            print(label)
            if broken := folder.broken(label):
                print(f"  not measured: {len(broken)} pictures came out as no numbers (NaN)")
            for number in numbers:
                print(f"  {number.name:32} {aggregate_text(number)}")
            for score in scores[label]:
                print(f"  {score_line(score)}")
        if status.state is not State.DONE:
            print(f"Go on with: python -m studio evaluate --resume {folder.id}")
    return {
        "evaluation": str(folder.path),
        "state": str(status.state),
        "pictures": status.step,
        "total": status.total,
        "protocol": config.protocol,
        "quick": config.quick,
        "split": config.split,
        "sample": config.sample.model_dump(),
        "detectors": [asdict(profile) for profile in folder.profiles()],
        "cut_prompts": None if cut is None else len(cut),
        "columns": {
            label: {
                "not_measured": len(folder.broken(label)),
                "aggregates": [{**asdict(n), "cannot": n.cannot.en} for n in numbers],
                "scores": [asdict(score) for score in scores[label]],
                "seconds_per_picture": _pace(*folder.timing(label)),
            }
            for label, numbers in found.items()
        },
    }


def _pace(seconds: float, pictures: int) -> float | None:
    return round(seconds / pictures, 3) if pictures else None


def aggregate_text(number: Aggregate) -> str:
    """A number of a protocol as people read it."""
    if number.value is None:
        return f"not measured: needs {number.needs}" if number.needs else "not measured"
    if number.k is not None:
        return rate_text(Rate(number.k, number.n, number.value, number.low, number.high))
    spread = "" if number.spread is None else f" ± {100 * number.spread:.1f}, spread of the draws"
    within = ""
    if number.low is not None and number.high is not None:
        within = f"{100 * number.low:.1f}-{100 * number.high:.1f}, "
    return f"{100 * number.value:.1f} %{spread} ({within}{number.n} {number.unit})"
