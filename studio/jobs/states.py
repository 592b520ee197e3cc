"""Saved states of a run, from which it goes on bit for bit: the last two, each with its checksum.

states/00120.safetensors   all tensors of a `Snapshot`
states/00120.json          written after it: step, checksums, the settings' own, numbers, metrics

A state counts when its JSON is there and everything in it holds, so a kill between the two files
leaves the state before. Nothing is pickled.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from studio import durable
from studio.config import TrainConfig
from studio.errors import StudioError
from studio.hashes import sha256
from studio.jobs.run_folder import RunFolder
from studio.models.tensor_files import pieces
from studio.training.state import Snapshot

KEPT = 2
LATER = (
    "accumulate", "schedule", "warm_up", "optimiser", "beta1", "beta2", "weight_decay", "clip",
)  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """A state as it was read back.

    Attributes:
        metrics: bytes of `metrics.jsonl` that belong to it.
        threads: of torch, which decide in which order numbers are added up.
    """

    snapshot: Snapshot
    metrics: int
    threads: int


class States:
    """The states of one run."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._about = folder.path / "states"
        decided = folder.config.model_dump(
            mode="json", exclude={"preset"}
        )  # a name decides nothing
        decided["train"] = _as_before(decided["train"])
        self._settings = _digest(decided)

    def save(self, snapshot: Snapshot) -> None:
        """Keep a state, and only the one before it."""
        self._about.mkdir(exist_ok=True)
        name = f"{snapshot.step:05d}"
        seal = hashlib.sha256()

        def sealed_pieces() -> Iterator[bytes | memoryview]:
            for piece in pieces(snapshot.tensors, {}):
                seal.update(piece)
                yield piece

        durable.write_bytes(self._about / f"{name}.safetensors", sealed_pieces())
        body = {
            "step": snapshot.step,
            "tensors": seal.hexdigest(),
            "settings": self._settings,
            "metrics": self._folder.metrics.stat().st_size,
            "threads": torch.get_num_threads(),
            "numbers": snapshot.numbers,
        }
        sealed = {"sha256": _digest(body), "state": body}
        durable.write_text(self._about / f"{name}.json", json.dumps(sealed))
        for old in self._names()[KEPT:]:
            self._drop(old)

    def newest(self) -> Saved | None:
        """The newest state that holds; None where none was saved.

        Raises:
            StudioError: there are some, and none of them can be used.
        """
        reasons: list[str] = []
        for name in self._names():
            found = self._read(name)
            if isinstance(found, Saved):
                return found
            reasons.append(f"{name}.json: {found}")
            self._folder.log(f"The state {name} cannot be used: {found}.")
        if reasons:
            raise StudioError(
                f"None of the saved states of {self._folder.id} can be used: {reasons[0]}.",
                "Start a new run with the same settings; adapter and pictures of this one stay.",
            )
        return None

    def forget(self, after: int | None = None) -> None:
        """Drop the states after a step; all without one."""
        for name in self._names():
            if after is None or int(name) > after:
                self._drop(name)
        if after is None and self._about.is_dir():
            for left in self._about.iterdir():
                left.unlink()
            self._about.rmdir()

    def _names(self) -> list[str]:
        """Of all states, newest first."""
        return sorted((file.stem for file in self._about.glob("[0-9]*.json")), reverse=True)

    def _drop(self, name: str) -> None:
        for ending in ("json", "safetensors"):  # first what says that the other one counts
            (self._about / f"{name}.{ending}").unlink(missing_ok=True)

    def _read(self, name: str) -> Saved | str:
        """A state, or why it cannot be used."""
        try:
            sealed = json.loads((self._about / f"{name}.json").read_text(encoding="utf-8"))
            body = sealed["state"]
            if sealed["sha256"] != _digest(body):
                return "its checksum is not right"
            if body["settings"] != self._settings:
                return "the settings of the run were changed"
            file = self._about / f"{name}.safetensors"
            if body["tensors"] != sha256(file):
                return "its checksum is not right"
            snapshot = Snapshot(body["step"], load_file(file), body["numbers"])
            return Saved(snapshot, body["metrics"], body["threads"])
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError):
            return "it cannot be read"


def _as_before(train: dict[str, Any]) -> dict[str, Any]:
    """Training settings without those of later versions that change nothing."""
    fields = TrainConfig.model_fields
    return {k: v for k, v in train.items() if k not in LATER or v != fields[k].default}


def _digest(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode())
