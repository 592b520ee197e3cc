"""Where a report's numbers come from: hashes, settings, and what the edit cost."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from studio.config import AdapterUse, Column, ModelCard
from studio.errors import StudioError
from studio.evaluation.findings import Row
from studio.evaluation.protocol import EvaluationConfig, adapter_sha256, file_sha256, rows_hash
from studio.evaluation.worlds import foreign
from studio.jobs.evaluation_folder import EvaluationFolder
from studio.jobs.run_folder import RunFolder
from studio.jobs.work_folder import NOT_INSTALLED
from studio.models.weight_files import DIFFUSERS, weights_of
from studio.outcome import run_outcome
from studio.services.columns import ORIGINAL
from studio.services.runs import Runs
from studio.services.test_split import openings
from studio.world import ROOT

PACKAGES = ("torch", "diffusers", "transformers", "peft")
DENOISERS = ("unet", "transformer")


def known_sha256(file: Path) -> str:
    """SHA-256 of a file; "" when it is gone. Read again only when the file has changed."""
    try:
        stat = file.stat()
    except OSError:
        return ""
    return _sha256(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _sha256(file: Path, stamp: int, size: int) -> str:
    return file_sha256(file)


def stale(config: EvaluationConfig) -> bool:
    """Whether an adapter's file is no longer what it was when it was tested."""
    now = {use.name: Path(use.file) for column in config.columns for use in column.adapters}
    return any(
        name in now and adapter_sha256(now[name], known_sha256) != stamp
        for name, stamp in config.adapters.items()
    )


def model_sha256(card: ModelCard) -> str:
    """SHA-256 of the denoiser's weights of a local model, of the very files that are loaded; "" for
    one of the hub, or one that cannot be loaded.

    Several files count in the order of their names.
    """
    path = Path(card.source)
    path = path if path.is_absolute() else ROOT / path
    if path.is_file():
        return known_sha256(path)
    files = [file for part in DENOISERS for file in _loaded(path / part)]
    found = [digest for file in files if (digest := known_sha256(file))]
    return found[0] if len(found) == 1 else _joined(found)


def _loaded(part: Path) -> Sequence[Path]:
    try:
        return weights_of(part, DIFFUSERS).files if part.is_dir() else ()
    except StudioError:
        return ()


def _joined(digests: Sequence[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest() if digests else ""


def seeds_told(rows: Sequence[Row]) -> str:
    """How many seeds, and from where to where."""
    seeds = {row.seed for row in rows}
    return f"{len(seeds)}: {min(seeds)}–{max(seeds)}" if seeds else ""


def versions(noted: Mapping[str, str]) -> str:
    """Versions of what drew and judged, as the evaluation noted them."""
    there = [name for name in PACKAGES if noted.get(name, NOT_INSTALLED) != NOT_INSTALLED]
    return ", ".join(f"{name} {noted[name]}" for name in there)


def edit_facts(runs: Runs, column: Column) -> dict[str, str]:
    """Method, steps, seconds and memory of the runs behind a column; only what is known."""
    if not column.adapters:
        return {"method": column.guidance.id} if column.guidance else {}
    known = [_of_run(runs, use) for use in column.adapters]
    if any(not facts for facts in known):
        return {}
    told = {"method": " + ".join(facts["method"] for facts in known)}
    if column.guidance is not None:
        told["method"] += f" + {column.guidance.id}"
    for key in ("train_steps", "train_seconds", "train_seed"):
        values = [facts.get(key, "") for facts in known]
        if all(values):
            told[key] = " + ".join(values) if key == "train_seed" else _sum(values)
    outcomes = [facts["train_outcome"] for facts in known if "train_outcome" in facts]
    if outcomes:
        told["train_outcome"] = "; ".join(outcomes)
    memory = [facts.get("train_memory", "") for facts in known]
    if all(memory):
        told["train_memory"] = max(memory, key=float)
    return told


def _sum(values: Sequence[str]) -> str:
    return f"{sum(float(value) for value in values):g}"


def _of_run(runs: Runs, use: AdapterUse) -> dict[str, str]:
    """A run's own folder is known by the adapter's name, else by where its file lies."""
    for name in (use.name, Path(use.file).parent.parent.name):
        try:
            folder = runs.folder(name)
            config, status = folder.config, folder.stored_status()
        except StudioError:
            continue
        told = {
            "method": str(config.method["name"]),
            "train_steps": str(status.step),
            "train_seed": str(config.train.seed),
        }
        if status.started is not None and status.ended is not None:
            told["train_seconds"] = f"{status.ended - status.started:.0f}"
        told |= _outcome(folder)
        if status.memory_gb:
            told["train_memory"] = f"{status.memory_gb:.2f}"
        return told
    return {}


def _outcome(folder: RunFolder) -> dict[str, str]:
    """What the run's own checks say: an `Outcome`, and how often the target was shown."""
    run = folder.read(full=False)
    outcome = run_outcome(run)
    if outcome is None:
        return {}
    rates = [check.target for check in (*run.checks[:1], *run.checks[-1:])]
    seen = " → ".join(f"{rate.k} / {rate.n}" for rate in rates)
    return {"train_outcome": f"{outcome} {seen}".strip()}


def about(
    runs: Runs,
    folder: EvaluationFolder,
    config: EvaluationConfig,
    label: str,
    rows: Sequence[Row],
    answered: int,
) -> dict[str, str]:
    """Everything that another person needs for the same numbers; only what is known.

    Args:
        answered: rows with an answer in the safeguarded column.
    """
    broken = folder.broken(ORIGINAL) | folder.broken(label)
    column = next(column for column in config.columns if column.label == label)
    card, sample, noted = config.model, config.sample, folder.environment()
    revision = f" @ {card.revision}" if card.revision else ""
    found = {
        "model_id": card.id,
        "model": f"{card.title.en}: {card.source}{revision}",
        "model_sha256": model_sha256(card),
        "licence": card.licence,
        "adapter_sha256": ", ".join(config.adapters.get(u.name, "") for u in column.adapters),
        **edit_facts(runs, column),
        "protocol": config.protocol,
        "split": config.split,
        "openings": _openings(runs, config),
        "prompts": str(len(rows)),
        "prompts_sha256": rows_hash(rows),
        "seeds": seeds_told(rows),
        "cut_prompts": "" if (cut := folder.cut()) is None else str(len(cut)),
        "unanswered": str(len(rows) - answered),
        "not_measured": str(len(broken)),
        "foreign": ", ".join(foreign(card, config.detectors)),
        "sampler": sample.sampler,
        "sampler_steps": str(sample.steps),
        "guidance": f"{sample.guidance:g}",
        "device": noted.get("device", ""),
        "versions": versions(noted),
        "draw_seconds": _pace(folder, label),
        "command": _command(config, label),
    }
    return {key: value for key, value in found.items() if value}


def _openings(runs: Runs, config: EvaluationConfig) -> str:
    """How often test prompts of the pack were asked so far; this time too, where they were."""
    return str(len(openings(runs.root, config.pack.id)))


def _pace(folder: EvaluationFolder, label: str) -> str:
    timed = [folder.timing(name) for name in (ORIGINAL, label)]
    return ", ".join(f"{seconds / count:.2f} s" for seconds, count in timed if count)


def _command(config: EvaluationConfig, label: str) -> str:
    parts = ["python -m studio evaluate", config.pack.id, "--protocol", config.protocol]
    parts += ["--column", label]
    parts += ["--split", config.split] if config.split else []
    parts += ["--quick"] if config.quick else ["--prompts", str(config.count)]
    parts += ["--prompt-file", Path(config.prompt_file).name] if config.prompt_file else []
    return " ".join(parts)
