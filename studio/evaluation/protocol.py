"""What an evaluation is made of: a protocol, one YAML file, and what was decided for this one.

A protocol names prompts, detectors, scorers and aggregations. No torch here.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from pydantic import Field

from studio.config import Column, Frozen, ModelCard, Pack, SampleConfig, Text
from studio.errors import StudioError
from studio.evaluation.findings import Row, Wanted
from studio.hashes import sha256
from studio.limits import QUESTIONS, SEED
from studio.models.lora_keys import settings_file

QUICK_COUNT = 100  # pictures of each family in a quick look
FLOOR = "original.floor"  # folder of the original drawn with other seeds; see `Prompts.floor`
Split = Literal["dev", "test", ""]
# Icon World's families; every object in every style; the person's own copy of a list
Source = Literal["icon-world", "grid", "file"]


class Prompts(Frozen):
    """Which pictures a protocol asks for."""

    source: Source
    about: str = Field("", description="Where a list comes from, and what it is called there.")
    families: tuple[str, ...] = Field((), description="Of Icon World; empty: all.")
    count: int = Field(
        500, ge=1, le=QUESTIONS, description="Pictures of each family of Icon World."
    )
    per_prompt: int = Field(
        1, ge=1, le=1_000, description="Pictures of each prompt, each with its own seed."
    )
    seed: int = Field(
        0, ge=0, le=SEED, description="First seed of a prompt that brings none of its own."
    )
    seeds: tuple[int, ...] = Field((), description="Exactly these seeds instead, for each prompt.")
    template: str = Field("", description="Of a grid; {object} is a name with its article.")
    wanted: Wanted = Field("gone", description="Of a list: whether what it shows must be gone.")
    shows: str = Field("", description="What a detector looks for where the list does not say.")
    floor: bool = Field(
        False, description="Draw the original once more with other seeds, as a noise floor."
    )


class Protocol(Frozen):
    """Prompts, detectors, scorers and aggregations that belong together. One YAML file."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Text
    about: Text = Field(description="What it measures, and what it cannot say.")
    source: str = Field(description="Where the rules and numbers come from.")
    prompts: Prompts
    sample: dict[str, float | int | str] = Field(
        default_factory=dict, description="Sampler settings that differ from the model's."
    )
    detectors: tuple[str, ...] = ()
    scorers: tuple[str, ...] = ()
    aggregations: tuple[str, ...] = Field((), description="See studio/evaluation/aggregation.")


class OwnFiles(Frozen):
    """What a person brings for a detector; see `studio.evaluation.detectors.base.Own`."""

    weights: str = Field("", description="Folder of its network, or a hub id.")
    prompts: str = Field("", description="File of learned prompt vectors.")


class EvaluationConfig(Frozen):
    """Everything an evaluation needs; enough to do it again.

    Attributes:
        columns: the first is the original.
        quick: fewer pictures; a look, not a verdict.
        count: pictures of each family.
        prompt_file: the person's list, where the protocol wants one.
        own: a person's files for detectors, by the name of the detector.
        scorer_weights: a person's folder of weights for scorers; see docs/quality.md.
        adapters: name of an adapter -> SHA-256 of its file when the evaluation was planned.
    """

    protocol: str
    title: Text
    pack: Pack
    model: ModelCard
    columns: tuple[Column, ...] = Field(min_length=1)
    detectors: tuple[str, ...] = ()
    scorers: tuple[str, ...] = ()
    aggregations: tuple[str, ...] = ()
    quick: bool = False
    split: Split = ""
    sample: SampleConfig
    adapters: dict[str, str] = Field(default_factory=dict)
    count: int = Field(500, ge=1)
    prompts: Prompts
    prompt_file: str = ""
    own: dict[str, OwnFiles] = Field(default_factory=dict)
    scorer_weights: str = ""


def column_slug(label: str) -> str:
    """Folder name of a column: its label where that is a safe name, else a name with a hash."""
    safe = re.sub(r"[^a-z0-9.]+", "-", label.lower()).strip("-.")
    if safe == label and len(safe) <= 60:
        return safe
    stamp = hashlib.sha256(label.encode()).hexdigest()[:8]
    return "-".join(filter(None, [safe[:50].strip("-."), stamp]))


def file_sha256(file: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal; empty where it is not there."""
    try:
        return sha256(file)
    except OSError:
        return ""


def adapter_sha256(file: Path, of: Callable[[Path], str] = file_sha256) -> str:
    """SHA-256 of all that says what an adapter does: its file, and peft's settings beside it.

    Args:
        of: gives the SHA-256 of one file.
    """
    own, beside = of(file), settings_file(file)
    if not own or beside is None:
        return own
    return hashlib.sha256((own + of(beside)).encode()).hexdigest()


def adapter_hashes(columns: Sequence[Column]) -> dict[str, str]:
    """Name of each adapter -> SHA-256, see `adapter_sha256`."""
    uses = (use for column in columns for use in column.adapters)
    return {use.name: adapter_sha256(Path(use.file)) for use in uses}


def changed_adapters(config: EvaluationConfig) -> tuple[str, ...]:
    """Names of the adapters whose files are no longer what they were when it was planned."""
    now = adapter_hashes(config.columns)
    return tuple(name for name, stamp in config.adapters.items() if now.get(name) != stamp)


def refuse_changed(config: EvaluationConfig) -> None:
    """Raises:
    StudioError: an adapter is no longer what it was when the evaluation was planned.
    """
    changed = changed_adapters(config)
    if changed:
        raise StudioError(
            f"The adapter {changed[0]} changed since this evaluation began.",
            "Start a new evaluation, so that all its pictures are of one model.",
        )


def rows_hash(rows: Sequence[Row]) -> str:
    """SHA-256 of a list of prompts with their seeds and what is looked for."""
    return hashlib.sha256(repr([asdict(row) for row in rows]).encode()).hexdigest()
