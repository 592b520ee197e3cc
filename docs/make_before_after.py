"""`python docs/make_before_after.py`: the README's picture, from the example run's own samples."""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from studio.jobs.run_folder import RunFolder
from studio.lettering import write
from studio.services.runs import DEMO
from studio.world import ROOT

SIDE, GAP, HEAD, LEFT = 128, 8, 36, 124
LETTERS_PX = 15


def main() -> None:
    """Two rows, original and safeguarded; four probes that must go, four that must stay."""
    folder = RunFolder(DEMO)
    progress, probes = folder.read(), folder.config.pack.probes
    last = max(sample.step for sample in progress.samples)
    files = {(sample.step, sample.probe): sample.path for sample in progress.samples}
    targets = [place for place, probe in enumerate(probes) if probe.kind == "target"][:4]
    others = [place for place, probe in enumerate(probes) if probe.kind != "target"][:4]
    columns = targets + others
    width = LEFT + len(columns) * (SIDE + GAP) + GAP
    canvas = Image.new("RGB", (width, HEAD + 2 * (SIDE + GAP)), "#F6F5F1")
    pen = ImageDraw.Draw(canvas)
    for name, colour, start, places in (
        ("Should disappear", "#7A3E9D", 0, targets),
        ("Should stay", "#0B6E53", len(targets), others),
    ):
        left = LEFT + start * (SIDE + GAP)
        write(pen, (left, 8), name, LETTERS_PX, colour)
        right = left + len(places) * (SIDE + GAP) - GAP
        pen.line((left, HEAD - 5, right, HEAD - 5), fill=colour, width=2)
    for row, (name, step) in enumerate((("Original", 0), ("Safeguarded", last))):
        top = HEAD + row * (SIDE + GAP)
        write(pen, (12, top + SIDE // 2 - 8), name, LETTERS_PX, "#1B1C1F")
        for column, place in enumerate(columns):
            with Image.open(files[step, place]) as picture:
                canvas.paste(picture.resize((SIDE, SIDE)), (LEFT + column * (SIDE + GAP), top))
    canvas.save(ROOT / "assets" / "before-after.png", optimize=True)


if __name__ == "__main__":
    main()
