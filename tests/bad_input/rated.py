"""What belongs to ratings and learned words: rounds by name, files of ratings, token files."""

from tests.bad_input.files import no_files
from tests.bad_input.names import TEXTS
from tests.bad_input.packs import GOOD
from tests.bad_input.row import Bad, text, value
from tests.bad_input.weights import EIGHT, LIES, file_of, tensor

HEAD = "rater,question,picture,label,shows\n"
ROW = "Ann,1,pictures/00000.png,Bomb,yes\n"
RATINGS: dict[str, tuple[str, str | bytes, str]] = {
    "empty": ("bad.csv", "", "holds no ratings"),
    "a head alone": ("bad.csv", HEAD, "holds no ratings"),
    "another ending": ("bad.xlsx", "x", "neither a CSV nor a Parquet"),
    "half of utf-16": ("bad.csv", (HEAD + ROW).encode("utf-16")[:-1], "no UTF-8 text"),
    "latin-1": ("bad.csv", HEAD.encode() + b"caf\xe9,1,a,b,yes\n", "no UTF-8 text"),
    "cells too many": ("bad.csv", HEAD + "a,b\n" + "c," * 9 + "\n", "cannot be read|row"),
    "open quotation mark": ("bad.csv", HEAD + '"Ann,1\n', "cannot be read|row|ratings"),
    "no rater": ("bad.csv", "picture,shows\na,yes\n", "lacks the column rater"),
    "unknown column": ("bad.csv", HEAD.strip() + ",colour\n" + ROW.strip() + ",red\n", "colour"),
    "picture outside": (
        "bad.csv", HEAD + "Ann,1,../../secret.txt,Bomb,yes\n", "this round has no picture",
    ),
    "rater with a formula": ("bad.csv", HEAD + "=1+1,1,pictures/00000.png,Bomb,yes\n", "row 2"),
    "rater with an escape sequence": (
        "bad.csv", HEAD + "\x1b[31m,1,pictures/00000.png,Bomb,yes\n", "row 2",
    ),
    "maybe": ("bad.csv", HEAD + "Ann,1,pictures/00000.png,Bomb,maybe\n", "neither yes nor no"),
    "unknown label": ("bad.csv", HEAD + "Ann,1,pictures/00000.png,Cake,yes\n", "no label Cake"),
    "twice": ("bad.csv", HEAD + ROW + ROW, "the same thing twice"),
    "no parquet": ("bad.parquet", b"PAR1", "cannot be read as ratings"),
    "half a parquet": ("bad.parquet", b"PAR1" + b"\0" * 100 + b"PAR1", "cannot be read as ratings"),
    "51 MB": ("bad.csv", "#" * 51_000_000, "51.0 MB"),
}  # fmt: skip
TOKENS: dict[str, tuple[bytes, str]] = {
    "nothing inside": (file_of({}), "holds no token"),
    "two words": (file_of({"a": tensor(), "b": tensor(place=(8, 16))}, EIGHT * 2), "no token"),
    "whole numbers": (file_of({"a": tensor("I64", (1,))}, EIGHT), "holds no token"),
    "three sides": (file_of({"a": tensor(sides=(1, 1, 2))}, EIGHT), "holds no token"),
    "not finite": (file_of({"a": tensor()}, b"\xff" * 8), "not finite"),
}
WORDS: dict[str, tuple[str, str]] = {
    "run outside": ("{name: <x>, run: ../../up}", "tokens.0.run is not right|small letters"),
    "no brackets": ("{name: x, run: a}", "tokens.0.name is not right"),
    "name a path": ("{name: <../x>, run: a}", "tokens.0.name is not right"),
    "a list": ("[x]", "keys with values"),
}
ALL = (
    *(
        Bad(f"rating round, {name}", "rating round", value(given),
            ("round", "cli agreement", "tokens of a round", "queue move", "cli queue"),
            f"{names}|cannot be moved|is no path")
        for name, (given, names) in TEXTS.items() if given.strip() and "/" not in given
        and name not in ("dot", "parent")
    ),
    *(
        Bad(f"rating round, {name}", "rating round", value(given), ("round", "cli agreement"),
            names)
        for name, (given, names) in TEXTS.items()
        if not (given.strip() and "/" not in given and name not in ("dot", "parent"))
    ),
    *(
        Bad(f"ratings, {name}", "ratings", text(data, file), ("ratings", "cli ratings"), names)
        for name, (file, data, names) in RATINGS.items()
    ),
    *(
        Bad(f"ratings, {name}", "ratings", make, ("ratings", "cli ratings"), names)
        for name, (make, names) in no_files("bad.csv").items()
    ),
    *(
        Bad(f"token, {name}", "token file", text(data, "bad.safetensors"), ("token",), names)
        for name, (data, names) in {**LIES, **TOKENS}.items()
    ),
    *(
        Bad(f"learned word, {name}", "pack", text(f"{GOOD}tokens: [{given}]\n"),
            ("load_pack", "cli train", "page import"), names)
        for name, (given, names) in WORDS.items()
    ),
    *(
        Bad(f"name of a run, {name}", "title", value(given), ("rename run", "page rename run"),
            names)
        for name, given, names in (
            ("empty", "", "needs a name"), ("blank", " \n", "needs a name"),
            ("escape sequence", "\x1b[31m", "hidden letter"),
            ("turned direction", "a\u202e", "hidden letter"),
            ("half a letter", "\ud800", "hidden letter"),
        )
    ),
)  # fmt: skip
