"""Concept packs that are none."""

from collections.abc import Callable
from pathlib import Path

from tests.bad_input.files import archive, no_files
from tests.bad_input.row import Bad, text

GOOD = """
id: mine
title: {en: Mine, zh: 我的}
description: {en: A pack., zh: 一个包。}
remove:
  - {name: bomb, synonyms: [grenade]}
keep: [spoon]
probes:
  - {prompt: a bomb, seed: 1, kind: target, shows: bomb}
method: {name: sdd}
overrides: {steps: 4}
"""
DOORS = ("load_pack", "cli train", "page import")


def _bomb() -> str:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, before in zip("bcdefghij", "abcdefghi", strict=True):
        rows.append(f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]")
    return "\n".join(rows)


def _merges() -> str:
    rows = ["a: &a {k: 1}"]
    for one, before in zip("bcdefghij", "abcdefghi", strict=True):
        rows.append(f"{one}: &{one} {{<<: [{', '.join([f'*{before}'] * 9)}]}}")
    return "\n".join(rows)


def _with(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


# id: (text, what the message says)
TEXTS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "holds no keys"),
    "blanks": ("  \n\n", "holds no keys"),
    "only a comment": ("# nothing\n", "holds no keys"),
    "a list": ("- a\n- b\n", "holds no keys"),
    "one word": ("bomb", "holds no keys"),
    "a number": ("42", "holds no keys"),
    "null": ("null", "holds no keys"),
    "two documents": (GOOD + "---\n" + GOOD, "broken"),
    "tabs": ("id:\n\tmine: 1\n", "broken in line 2"),
    "open bracket": ("id: [mine\n", "broken"),
    "open quote": ('id: "mine\n', "broken"),
    "colon in a value": ("id: mine: yours\n", "broken in line 1"),
    "percent directive": ("%YAML 9.9\n---\nid: mine\n", "broken"),
    "alias bomb": (_bomb(), "stands for more than"),
    "merge bomb": (_merges(), "stands for more than"),
    "alias of itself": ("id: &a [*a]\n", "stands for nothing, or for itself"),
    "alias of nothing": ("id: *nobody\n", "broken"),
    "merge with itself": ("a: &a\n  <<: *a\n", "stands for nothing, or for itself"),
    "deep lists": ("id: " + "[" * 500 + "]" * 500, "go deeper than"),
    "very deep lists": ("id: " + "[" * 300_000, "broken"),
    "deep mappings": ("{a: " * 900 + "1" + "}" * 900, "go deeper than"),
    "deep dashes": ("- " * 100_000, "go deeper than"),
    "too many values": ("keep: [" + "a, " * 60_000 + "]", "stands for more than"),
    "key twice": (GOOD + "id: other\n", "the key id stands twice"),
    "inner key twice": (_with("{en: Mine,", "{en: Mine, en: Yours,"), "the key en stands twice"),
    "python object": ("id: !!python/object:os.system [ls]\n", "broken in line 1"),
    "python apply": ("id: !!python/object/apply:os.system ['ls']\n", "broken in line 1"),
    "python name": ("id: !!python/name:os.system\n", "broken in line 1"),
    "python tuple": ("id: !!python/tuple [a]\n", "broken in line 1"),
    "own tag": ("id: !mine x\n", "broken in line 1"),
    "binary tag": ("id: !!binary '%%%'\n", "id is not right|lacks"),
    "binary value": (_with("id: mine", "id: !!binary /w=="), "no text of letters"),
    "impossible date": ("id: 2024-13-45\n", "value is not possible"),
    "a date as id": (_with("id: mine", "id: 2024-01-02"), "id is not right"),
    "endless digits": (_with("seed: 1", "seed: " + "9" * 6000), "value is not possible"),
    "set": ("id: !!set {a, b}\n", "lacks|not right|broken"),
    "numbers as keys": (GOOD + "1: 2\n", "1 is not right: its name must be a text|nothing reads"),
    "null as key": (GOOD + "null: 2\n", "its name must be a text|nothing reads"),
    "list as key": (GOOD + "? [a, b]\n: 2\n", "broken"),
    "unknown key": (GOOD + "colour: red\n", "nothing reads: colour"),
    "misspelled key": (_with("keep:", "kep:"), "Did you mean 'keep'"),
    "huge key": (GOOD + f'"{"k" * 900}": 1\n', "nothing reads"),
    "no id": (_with("id: mine\n", ""), "lacks id"),
    "no title": (_with("title: {en: Mine, zh: 我的}\n", ""), "lacks title"),
    "one language": (_with(", zh: 我的", ""), "lacks title.zh"),
    "title is a text": (_with("{en: Mine, zh: 我的}", "Mine"), "title is not right: keys with"),
    "empty title": (_with("en: Mine", "en: ''"), "must not be empty"),
    "removes nothing": (
        _with("  - {name: bomb, synonyms: [grenade]}", "  []"),
        "removes nothing",
    ),
    "removes null": (
        _with("remove:\n  - {name: bomb, synonyms: [grenade]}", "remove:"),
        "a list is needed",
    ),
    "removes a text": (
        _with("  - {name: bomb, synonyms: [grenade]}", "  bomb"),
        "a list is needed",
    ),
    "removes words": (_with("{name: bomb, synonyms: [grenade]}", "bomb"), "keys with values"),
    "empty name": (_with("name: bomb", "name: ''"), "must not be empty"),
    "name is null": (_with("name: bomb", "name: null"), "a text is needed"),
    "name is a number": (_with("name: bomb", "name: 12"), "a text is needed"),
    "name is yes": (_with("name: bomb", "name: yes"), "a text is needed"),
    "name is a list": (_with("name: bomb", "name: [a]"), "a text is needed"),
    "endless name": (_with("name: bomb", "name: " + "b" * 5000), "at most 200 letters"),
    "synonyms are a text": (_with("[grenade]", "grenade"), "a list is needed"),
    "no is a boolean": (_with("[spoon]", "[no, off]"), "put it in quotation marks"),
    "keeps a text": (_with("[spoon]", "spoon"), "keep is not right: a list is needed"),
    "keeps keys": (_with("[spoon]", "{a: b}"), "a list is needed"),
    "keeps nothing at all": (_with("[spoon]", "['']"), "must not be empty"),
    "keeps what goes": (_with("[spoon]", "[Bomb]"), "both removes and keeps 'Bomb'"),
    "keeps a synonym": (_with("[spoon]", "[GRENADE]"), "both removes and keeps 'GRENADE'"),
    "many concepts": (
        _with("  - {name: bomb, synonyms: [grenade]}", "  - {name: b}\n" * 1001),
        "at most 1000 entries",
    ),
    "id with a slash": (_with("id: mine", "id: ../mine"), "small letters, digits"),
    "id with blanks": (_with("id: mine", "id: my pack"), "small letters, digits"),
    "id of big letters": (_with("id: mine", "id: MINE"), "small letters, digits"),
    "id with a line end": (_with("id: mine", 'id: "mine\\n"'), "small letters, digits"),
    "id is empty": (_with("id: mine", "id: ''"), "id is not right"),
    "id is dots": (_with("id: mine", "id: '..'"), "small letters, digits"),
    "endless id": (_with("id: mine", "id: " + "m" * 300), "at most 64 letters"),
    "escape sequence": (_with("name: bomb", r'name: "\e[31mbomb"'), "hidden letter U[+]001B"),
    "zero byte": (_with("name: bomb", r'name: "bo\0mb"'), "hidden letter U[+]0000"),
    "bell": (_with("en: Mine", r'en: "\a"'), "hidden letter U[+]0007"),
    "raw control letter": (_with("name: bomb", "name: b\x07mb"), "broken"),
    "turned direction": (_with("name: bomb", r'name: "bmob\u202e"'), "hidden letter U[+]202E"),
    "raw turned direction": (_with("[spoon]", "[\u202enoops]"), "hidden letter U[+]202E"),
    "right-to-left mark": (_with("grenade", r'"\u200fgrenade"'), "hidden letter U[+]200F"),
    "isolate": (_with("prompt: a bomb", r'prompt: "\u2066a"'), "hidden letter U[+]2066"),
    "seed is a word": (_with("seed: 1", "seed: one"), "seed is not right: a whole number"),
    "seed is half": (_with("seed: 1", "seed: 1.5"), "a whole number is needed"),
    "seed below 0": (_with("seed: 1", "seed: -1"), "at least 0"),
    "seed too large": (_with("seed: 1", "seed: 99999999999999999999"), "at most 9007199254740991"),
    "seed is yes": (_with("seed: 1", "seed: yes"), "a number is needed"),
    "seed is nan": (_with("seed: 1", "seed: .nan"), "a whole number|an end"),
    "unknown kind": (_with("kind: target", "kind: enemy"), "one of 'target'"),
    "probe without prompt": (_with("prompt: a bomb, ", ""), "lacks probes.0.prompt"),
    "long probe": (_with("prompt: a bomb", "prompt: " + "a " * 3000), "at most 2000 letters"),
    "unknown method": (_with("name: sdd}", "name: magic}"), "no method 'magic'"),
    "method is a text": (_with("{name: sdd}", "sdd"), "method is not right: keys with values"),
    "unknown setting": (_with("name: sdd}", "name: sdd, magic: 1}"), "nothing reads: magic"),
    "setting below": (_with("name: sdd}", "name: sdd, rollouts: 0}"), "at least 1"),
    "setting without end": (_with("name: sdd}", "name: sdd, keep_weight: .inf}"), "with an end"),
    "setting is nan": (_with("name: sdd}", "name: sdd, keep_weight: .nan}"), "an end|at least"),
    "number as a key of a method": (_with("name: sdd}", "name: sdd, 1: 2}"), "method"),
    "template without place": (_with("name: sdd}", "name: sdd, templates: [a]}"), "needs one {}"),
    "many templates": (
        _with("name: sdd}", "name: sdd, templates: [" + ", ".join(["'{}'"] * 101) + "]}"),
        "at most 100 entries",
    ),
    "no steps": (_with("steps: 4", "steps: 0"), "at least 1"),
    "endless steps": (_with("steps: 4", "steps: 999999999"), "at most 20000"),
    "steps are a word": (_with("steps: 4", "steps: many"), "a whole number"),
    "steps are yes": (_with("steps: 4", "steps: true"), "a number is needed"),
    "rate is nan": (_with("steps: 4", "lr: .nan"), "lr is not right"),
    "rate without end": (_with("steps: 4", "lr: .inf"), "lr is not right"),
    "rate below 0": (_with("steps: 4", "lr: -1"), "more than 0"),
    "overrides a list": (_with("{steps: 4}", "[4]"), "keys with values"),
    "unknown override": (_with("steps: 4", "stpes: 4"), "Did you mean 'steps'"),
    "version 0": (GOOD + "version: 0\n", "at least 1"),
    "sensitivity": (GOOD + "sensitivity: very\n", "one of 'none'"),
    "shows is a text": (GOOD + "shows: x\n", "shows is not right: keys with values"),
    "half of utf-16": (GOOD.encode("utf-16")[:-1], "no UTF-8 text"),
    "utf-16 without mark": (GOOD.encode("utf-16-le"), "no UTF-8 text"),
    "utf-32": (GOOD.encode("utf-32"), "no UTF-8 text"),
    "latin-1": (_with("name: bomb", "name: café").encode("utf-8").replace(b"\xc3\xa9", b"\xe9"),
                "no UTF-8 text"),
    "gbk": ("title: 我的".encode("gbk"), "no UTF-8 text"),
    "half a letter": ("id: \ud800", "no UTF-8 text"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0", "no UTF-8 text"),
    "zeros": (b"\0" * 1000, "no UTF-8 text"),
    "json of a list": ("[1, 2]", "holds no keys"),
    "html": ("<html><body>404</body></html>", "holds no keys|broken"),
    "too large": (GOOD + "#" * 1_100_000, "1.1 MB"),
    "10 MB text": (_with("name: bomb", "name: " + "b" * 10_000_000), "10.0 MB"),
    "zip out of the folder": (archive("../evil.yaml", "pack.yaml"), "zip archive"),
    "zip with a root path": (archive("/tmp/evil.yaml"), "zip archive"),
    "zip with a link": (archive("link", "link/pack.yaml", link=True), "zip archive"),
    "zip with backslashes": (archive("..\\evil.yaml"), "zip archive"),
}  # fmt: skip
HEAVY = {"alias bomb", "merge bomb", "very deep lists", "10 MB text"}


def _no_file(name: str, make: Callable[[Path], Path], names: str) -> Bad:
    doors = ("load_pack", "cli train")  # the page hands over files alone
    return Bad(f"pack, {name}", "pack", make, doors, names)


PACKS = tuple(
    Bad(f"pack, {name}", "pack", text(content), DOORS, names, heavy=name in HEAVY)
    for name, (content, names) in TEXTS.items()
) + tuple(_no_file(name, *row) for name, row in no_files("bad.yaml").items())
