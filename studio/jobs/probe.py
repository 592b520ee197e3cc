"""`python -m studio.jobs.probe [FOLDER ...]`: what torch finds here, and which weights can be read.

A process of its own, so that whoever asks needs no torch. One line of JSON out.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from studio.files import fingerprint

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

GIGABYTE = 1e9


def devices() -> dict[str, Any]:
    """Build of torch and the devices it can use, memory in GB."""
    import torch

    cards = []
    if torch.cuda.is_available():
        for place in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(place)
            name = torch.cuda.get_device_name(place)
            cards.append({"name": name, "free": free / GIGABYTE, "total": total / GIGABYTE})
    return {
        "torch": torch.__version__,
        "cuda": torch.version.cuda or "",
        "cards": cards,
        "threads": torch.get_num_threads(),
    }


def unreadable(file: Path) -> str:
    """Why a safetensors file cannot be read; "" where its header is whole and fits its length."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt") as opened:
            return "" if opened.keys() else "it holds no weights"
    except (OSError, SafetensorError) as error:
        return (str(error).splitlines() or [type(error).__name__])[0][:120]


def refusal(place: Path) -> str:
    """Why a run could not load a model; "" where files, configs and headers tell nothing."""
    from studio.config import ModelCard, Text
    from studio.errors import StudioError
    from studio.models.loading import must_be_loadable

    try:
        name = Text(en=place.name, zh=place.name)
        must_be_loadable(ModelCard(id=place.name, title=name, source=str(place)))
    except StudioError as error:
        return error.what
    return ""


def judge_refusal() -> str:
    """Why the judge of Icon World cannot be asked; "": it can."""
    from studio.errors import StudioError
    from studio.evaluation.judge import judge_at
    from studio.world import ICON_JUDGE

    try:
        judge_at(ICON_JUDGE)
    except StudioError as error:
        return error.what
    except Exception as error:  # files of other people can break their reader anywhere
        return f"{type(error).__name__}: {error}"[:200]
    return ""


def weights(place: Path) -> dict[str, Any]:
    """The weights of a folder or file: how many, and what is wrong with which."""
    files = [place] if place.is_file() else _files(place)
    bad = {file.name: why for file in files if (why := unreadable(file))}
    return {"files": len(files), "bad": bad, "why": "" if bad or not files else refusal(place)}


def _files(place: Path) -> list[Path]:
    """The weights in a folder, links followed."""
    return [place / name for name, _, _ in fingerprint(place) if name.endswith(".safetensors")]


def main() -> int:
    """Print what there is."""
    found = devices() | {"judge": judge_refusal()}
    found |= {"models": {text: weights(Path(text)) for text in sys.argv[1:]}}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
