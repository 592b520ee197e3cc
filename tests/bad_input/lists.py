"""Prompt lists that are none, or hold what cannot be asked."""

import json

from tests.bad_input.files import archive, no_files
from tests.bad_input.row import Bad, text

READ = ("prompt list", "cli prompts", "cli judge list")
JUDGED = ("judged list", "cli judge list")
TEXTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "holds no prompts"),
    "line ends": ("\n\n\r\n", "holds no prompts"),
    "a byte order mark": (b"\xef\xbb\xbf", "holds no prompts"),
    "a header alone": ("prompt,seed\n", "holds no prompts"),
    "empty list": ("[]", "holds no prompts|no list of prompts"),
    "list of numbers": ("[1, 2, 3]", "no list of prompts"),
    "list of lists": ("[[1], [2]]", "no list of prompts"),
    "rows without prompt": ('[{"a": 1}]', "no list of prompts"),
    "broken JSON": ('[{"prompt": "a cat"', "breaks off"),
    "JSON with a comma too many": ('["a", ]x', "breaks off"),
    "deep JSON": ('[{"' + "a" * 3 + '":' + "[" * 100_000, "breaks off"),
    "open quotation mark": ('prompt,seed\n"a cat,1\na dog,2\n', "never closed"),
    "quote over 10 MB": ('prompt,seed\n"' + "a" * 10_000_000, "never closed|too long"),
    "half of utf-16": ("a cat\n".encode("utf-16")[:-1], "no UTF-8 text"),
    "latin-1": ("a café\n".encode("latin-1"), "no UTF-8 text"),
    "zero bytes": (b"a cat\0\n", "no UTF-8 text"),
    "png": (b"\x89PNG\r\n\x1a\n\0", "no UTF-8 text"),
    "parquet": (b"PAR1\0\0\0", "no UTF-8 text"),
    "zip": (archive("../prompts.csv"), "zip archive"),
    "git pointer": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
}  # fmt: skip
ROWS: dict[str, tuple[str, str]] = {
    "seed is a word": ("prompt,seed,shows\na bomb,x,bomb\n", "line 2: the seed is no whole number"),
    "seed below 0": ("prompt,seed,shows\na bomb,-1,bomb\n", "the seed is no whole number"),
    "seed too large": ("prompt,seed,shows\na bomb,999999999999999999,bomb\n", "the seed is no"),
    "guidance is nan": ("prompt,guidance,shows\na bomb,nan,bomb\n", "the guidance is no number"),
    "guidance without end": ("prompt,guidance,shows\na bomb,inf,bomb\n", "guidance is no number"),
    "empty prompt": ("prompt,seed,shows\n,1,bomb\n", "empty prompt"),
    "too many cells": ("prompt,shows\na bomb,bomb,c,d\n", "more cells than columns"),
    "prompt is a number": (json.dumps([{"prompt": 1}, {"prompt": "a"}]), "the prompt is no text"),
    "nearly too deep JSON": (
        '["a", ' + "[" * 980 + "]" * 980 + "]",
        "breaks off|the prompt is no text|no list of prompts",
    ),
    "row of 1 MB": ("a" * 1_000_000 + "\tbomb\n", "the row is too long"),
    "10 MB line": ("a bomb\tbomb\n" + "b" * 10_000_000 + "\tbomb\n", "the row is too long"),
    "unknown object": ("a bomb\tunicorn\n", "the judge knows no 'unicorn'"),
    "no object": ("a bomb\n", "the judge knows no ''"),
    "path as object": ("a bomb\t../../etc/passwd\n", "the judge knows no"),
    "escape sequence as object": ("a bomb\t\x1b[31m\n", "the judge knows no"),
    "refused": ("a nude child\tbomb\n", "A text was refused"),
}
HEAVY = {"deep JSON", "quote over 10 MB"}
ALL = (
    *(
        Bad(f"list, {name}", "prompt list", text(content, "bad.csv"), READ, names, name in HEAVY)
        for name, (content, names) in TEXTS.items()
    ),
    *(
        Bad(f"list, {name}", "prompt list", text(content, "bad.csv"), JUDGED, names)
        for name, (content, names) in ROWS.items()
    ),
    *(
        Bad(f"list, {name}", "prompt list", make, READ, names)
        for name, (make, names) in no_files("bad.csv").items()
    ),
)
