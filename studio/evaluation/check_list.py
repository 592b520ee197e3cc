"""Which pictures of an evaluation people should look at: disputed ones, and a random sample."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from studio import durable
from studio.evaluation.protocol import FLOOR

FILE = "check.json"
MOST = 100  # of either kind
Answers = dict[str, dict[str, bool]]  # picture -> detector -> whether it shows what was asked


@dataclass(frozen=True)
class CheckList:
    """Paths relative to the evaluation's folder.

    Attributes:
        sample: drawn at random from all pictures; what is measured on it holds for all.
        disputed: pictures of which two detectors say different things.
    """

    sample: tuple[str, ...]
    disputed: tuple[str, ...]

    def mixed(self) -> list[str]:
        """Both, each picture once, in an order that does not tell them apart."""
        pictures = sorted({*self.sample, *self.disputed})
        return [pictures[i] for i in np.random.default_rng(0).permutation(len(pictures))]


def detector_answers(folder: Path) -> Answers:
    """What the detectors said of each picture of an evaluation's folder."""
    found: Answers = {}
    for file in sorted((Path(folder) / "answers").glob("*.jsonl")):
        slug = file.name.rsplit(".", 2)[0]
        if slug != FLOOR:  # the original with other seeds is nobody's result
            for line in file.read_text(encoding="utf-8").split("\n")[:-1]:
                row = json.loads(line)
                found[f"pictures/{slug}/{row['row']:05d}.png"] = dict(row["seen"])
    return found


def choose(answers: Mapping[str, Mapping[str, bool]], most: int = MOST) -> CheckList:
    """A random sample of at most `most` pictures, and at most as many disputed ones."""
    rng = np.random.default_rng(0)
    disputed = [picture for picture, seen in answers.items() if len({*seen.values()}) > 1]

    def draw(pictures: list[str]) -> tuple[str, ...]:
        picked = rng.permutation(len(pictures))[:most]
        return tuple(pictures[i] for i in sorted(picked))

    return CheckList(draw(sorted(answers)), draw(sorted(disputed)))


def read_check_list(folder: Path) -> CheckList | None:
    """The list that was kept in a folder; None where there is none."""
    try:
        found = json.loads((Path(folder) / FILE).read_text(encoding="utf-8"))
        return CheckList(tuple(found["sample"]), tuple(found["disputed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_list(folder: Path) -> CheckList:
    """The list of a finished evaluation, chosen once and kept."""
    found = read_check_list(folder)
    if found is None:
        found = choose(detector_answers(folder))
        durable.write_text(Path(folder) / FILE, json.dumps(asdict(found), indent=1))
    return found
