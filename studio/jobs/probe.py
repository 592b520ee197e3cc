"""`python -m studio.jobs.probe [FOLDER ...]`: what torch finds here, and which weights can be read.

A process of its own, so that whoever asks needs no torch. One line of JSON out.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

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


def weights(place: Path) -> dict[str, Any]:
    """The weights of a folder or file: how many, and what is wrong with which."""
    files = [place] if place.is_file() else sorted(place.rglob("*.safetensors"))
    bad = {file.name: why for file in files if (why := unreadable(file))}
    return {"files": len(files), "bad": bad}


def main() -> int:
    """Print what there is."""
    found = devices() | {"models": {text: weights(Path(text)) for text in sys.argv[1:]}}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
