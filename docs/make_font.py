"""Cut the Chinese letters of pictures out of Noto Sans CJK SC: GB 2312 and signs, without layout.

    python docs/make_font.py NotoSansCJK-Regular.ttc

The collection is Debian's package fonts-noto-cjk, 1:20220127 (SIL Open Font License 1.1).
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

TARGET = Path(__file__).parents[1] / "assets" / "fonts" / "StudioNotoSC.otf"
NAME = "Studio Noto SC"
FULL = "Noto Sans CJK SC"
SIGNS = ((0x20, 0x7F), (0xA0, 0x100), (0x2000, 0x2070), (0x3000, 0x3100), (0xFF00, 0xFFF0))
DROPPED = ["vhea", "vmtx", "VORG", "GPOS", "GSUB", "BASE", "GDEF"]


def letters() -> set[int]:
    """Code points of GB 2312, and of signs beside it."""
    pairs = (bytes([high, low]) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    found = {ord(text) for pair in pairs if (text := pair.decode("gb2312", "ignore"))}
    return found.union(*(range(*part) for part in SIGNS))


def main() -> None:
    """Write the font."""
    fonts = TTCollection(sys.argv[1]).fonts
    font = next(font for font in fonts if font["name"].getDebugName(4) == FULL)
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13])
    options.drop_tables += DROPPED
    cut = subset.Subsetter(options)
    cut.populate(unicodes=letters() & font.getBestCmap().keys())
    cut.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            record.string = NAME.replace(" ", "") if record.nameID == 6 else NAME
    font.save(TARGET)
    print(TARGET.name, TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
