"""Pictures that people labelled, kept small in one folder: the test that a new judge has to pass.

    labels.jsonl   a line each: picture, wanted, shows, pack
    pictures.zip   WebP, in one file: a thousand small ones take four times their size on a disk

Only drawn pictures are kept whose label is settled; the truth of renders needs nobody's eye. No
judge may be trained on them.

    python -m studio.jobs.labelled keep SET [SET ...] --out DIR
    python -m studio.jobs.labelled score DIR
"""

import argparse
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from studio.evaluation.judge import Judge, judge_at
from studio.evaluation.rates import wilson
from studio.iconworld.vae import to_floats
from studio.jobs.calibration_folder import CalibrationFolder
from studio.records import Rate
from studio.world import ICON_JUDGE

LABELS, PICTURES = "labels.jsonl", "pictures.zip"
MOST_BYTES, QUALITY = 1_500_000, 80


@dataclass(frozen=True)
class Labelled:
    """A picture, what was asked of it ("bomb", "a|b", "style:noto"), and whether people see it."""

    picture: str
    wanted: str
    shows: bool
    pack: str


@dataclass(frozen=True)
class Found:
    """How a judge did: of what people see it finds, of what they do not see it passes."""

    finds: Rate
    passes: Rate


def keep(folders: Iterable[CalibrationFolder], target: Path, quality: int = QUALITY) -> int:
    """Write the drawn pictures of finished sets with settled labels; gives how many.

    Raises:
        ValueError: two sets of one name, or all together are over `MOST_BYTES`; nothing is written.
    """
    files: dict[str, bytes] = {}
    rows: list[Labelled] = []
    for folder in folders:
        manifest, said = folder.read(), folder.labels.settled().said
        for shot in manifest.shots:
            if shot.source != "generated" or shot.picture not in said:
                continue
            name = f"{folder.id}-{Path(shot.picture).stem}.webp"
            if name in files:
                raise ValueError(f"Two sets are called {folder.id}.")
            files[name] = _webp(folder.path / shot.picture, quality)
            rows.append(Labelled(name, shot.wanted, said[shot.picture], manifest.pack))
    size = sum(len(data) for data in files.values())
    if size > MOST_BYTES:
        raise ValueError(f"{size / 1e6:.1f} MB: a lower quality, or fewer sets.")
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target / PICTURES, "w") as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), data)  # the same bytes whenever it is written
    lines = "".join(json.dumps(asdict(row)) + "\n" for row in rows)
    (target / LABELS).write_text(lines, encoding="utf-8")
    return len(rows)


def read(folder: Path) -> list[Labelled]:
    """The list of a kept folder."""
    lines = (folder / LABELS).read_text(encoding="utf-8").splitlines()
    return [Labelled(**json.loads(line)) for line in lines]


def score_labelled(judge: Judge, folder: Path) -> dict[str, Found]:
    """How a judge did on each pack of a kept folder, and on "all"."""
    rows, pixels = read(folder), []
    with zipfile.ZipFile(folder / PICTURES) as archive:
        for row in rows:
            with archive.open(row.picture) as file, Image.open(file) as image:
                pixels.append(torch.from_numpy(np.array(image.convert("RGB"))))
    said: list[bool] = []
    for start in range(0, len(rows), 64):
        part = to_floats(torch.stack(pixels[start : start + 64]))
        said += judge.shows(part, [row.wanted for row in rows[start : start + 64]])
    packs = dict.fromkeys(row.pack for row in rows)
    found = {
        pack: _found([(r, s) for r, s in zip(rows, said, strict=True) if r.pack == pack])
        for pack in packs
    }
    return found | {"all": _found(list(zip(rows, said, strict=True)))}


def _found(pairs: Sequence[tuple[Labelled, bool]]) -> Found:
    there = [said for row, said in pairs if row.shows]
    absent = [not said for row, said in pairs if not row.shows]
    return Found(wilson(sum(there), len(there)), wilson(sum(absent), len(absent)))


def _webp(file: Path, quality: int) -> bytes:
    held = io.BytesIO()
    with Image.open(file) as image:
        image.convert("RGB").save(held, "WEBP", quality=quality, method=6)
    return held.getvalue()


def main(argv: Sequence[str] | None = None) -> None:
    """Keep labelled sets, or score a judge on what was kept."""
    parser = argparse.ArgumentParser(prog="python -m studio.jobs.labelled")
    what = parser.add_subparsers(dest="what", required=True)
    keeping, scoring = what.add_parser("keep"), what.add_parser("score")
    keeping.add_argument("sets", nargs="+", type=Path, help="folders of `calibrate`")
    keeping.add_argument("--out", type=Path, required=True)
    keeping.add_argument("--quality", type=int, default=QUALITY)
    scoring.add_argument("folder", type=Path)
    scoring.add_argument("--judge", type=Path, default=ICON_JUDGE)
    args = parser.parse_args(argv)
    if args.what == "keep":
        count = keep([CalibrationFolder(path) for path in args.sets], args.out, args.quality)
        print(f"{count} pictures kept in {args.out}")
    else:
        found = score_labelled(judge_at(args.judge), args.folder)
        print(json.dumps({pack: asdict(rates) for pack, rates in found.items()}, indent=1))


if __name__ == "__main__":
    main()
