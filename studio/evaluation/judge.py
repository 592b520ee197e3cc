"""Ask the judge of Icon World what a picture shows."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from studio.errors import StudioError
from studio.evaluation.mixer import MixerNetwork
from studio.evaluation.network import JudgeNetwork
from studio.models.whole import fill, tensors_of
from studio.world import ICON_JUDGE, ICON_WORLD_ID

THRESHOLD = 0.5
STYLE = "style:"
NETWORKS: dict[str, type[JudgeNetwork]] = {"residual": JudgeNetwork, "mixer": MixerNetwork}


@dataclass(frozen=True)
class Seen:
    """What the judge sees; no objects means its answer is "none of those I know"."""

    objects: tuple[str, ...]
    style: str
    colour: str


class Judge:
    """A network with the names of its answers."""

    def __init__(self, net: JudgeNetwork, about: dict[str, list[str]], judge_id: str) -> None:
        self.id = judge_id
        self.objects, self.styles = about["objects"], about["styles"]
        self.colours = about["colours"]
        self.net = net

    @torch.no_grad()
    def see(self, pictures: Tensor) -> list[Seen]:
        """What each picture shows; of a thing and "none", both likely, the likelier counts.

        Args:
            pictures: (B, 3, H, W), -1..1, any side.

        Raises:
            ValueError: one is not finite; nothing in it would look like "gone".
        """
        if not bool(torch.isfinite(pictures).all()):
            raise ValueError("a picture is not finite")
        objects, none, style, colour = self.net(pictures.float().cpu())
        there = objects.sigmoid() > none.sigmoid().clamp(min=THRESHOLD)
        return [
            Seen(
                tuple(name for name, seen in zip(self.objects, row.tolist(), strict=True) if seen),
                self.styles[int(s)],
                self.colours[int(c)],
            )
            for row, s, c in zip(there, style.argmax(1), colour.argmax(1), strict=True)
        ]

    def shows(self, pictures: Tensor, wanted: list[str]) -> list[bool]:
        """Whether each picture shows what is wanted of it: an object id, or "style:WORD"."""
        return [answers(seen, want) for seen, want in zip(self.see(pictures), wanted, strict=True)]


def answers(seen: Seen, wanted: str) -> bool:
    """Whether what was seen is what was wanted; "a|b" wants one of them.

    A style counts only on an object that is there.
    """
    if wanted.startswith(STYLE):
        return bool(seen.objects) and seen.style == wanted.removeprefix(STYLE)
    return any(name in seen.objects for name in wanted.split("|"))


@cache
def load_judge(name: str | None) -> Judge | None:
    """The judge of this name, or None when the model has none.

    Raises:
        StudioError: the judge's files are not there.
    """
    if name is None:
        return None
    if name != ICON_WORLD_ID:
        raise StudioError(
            f"There is no judge {name!r}.", "Write judge: icon-world, or leave the judge out."
        )
    return judge_at(ICON_JUDGE)


def judge_at(folder: Path) -> Judge:
    """The judge saved in a folder."""
    try:
        about = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
        network = NETWORKS[about.get("network", "residual")]
        net = network(len(about["objects"]), len(about["styles"]), len(about["colours"]))
        fill(net, tensors_of(folder / "judge.safetensors"), "judge.safetensors")
    except FileNotFoundError as error:
        raise StudioError(
            "The judge of Icon World is missing.", "Get assets/icon-world-judge again."
        ) from error
    return Judge(net.eval(), about, about["id"])
