"""Stacks, protocols, presets and detectors that are none."""

from pathlib import Path

from tests.bad_input.files import no_files
from tests.bad_input.row import Bad, text

BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "holds no keys"),
    "a list": ("- a\n", "holds no keys"),
    "alias bomb": ("a: &a [x,x]\n" + "".join(
        f"k{n}: &k{n} [{','.join([('*a' if n == 0 else f'*k{n - 1}')] * 9)}]\n" for n in range(9)
    ), "stands for more than"),
    "python tag": ("id: !!python/object/apply:os.system ['ls']\n", "broken in line 1"),
    "key twice": ("id: a\nid: b\n", "stands twice"),
    "unknown key": ("id: a\ncolour: red\n", "nothing reads|lacks"),
    "number as key": ("1: 2\n", "name must be a text|lacks|nothing reads"),
    "too large": ("#" * 1_100_000, "1.1 MB"),
    "latin-1": (b"id: caf\xe9\n", "no UTF-8 text"),
    "id with dots": ("id: '../x'\n", "small letters|lacks"),
}  # fmt: skip
KINDS = {
    "stack": ("column file", "cli column file"),
    "detector": ("detector", "cli detector"),
    "protocol": ("protocol",),
    "guidance": ("guidance",),
    "method preset": ("method preset",),
}
TITLE = "title: {en: A, zh: 一}\n"
STACKS = {
    "column of nobody": ("id: a\ntitle: A\ncolumn: nobody\n", "neither a run nor a guidance"),
    "column of lists": ("id: a\ntitle: A\ncolumn: [demo-run]\n", "a text is needed"),
    "no column": ("id: a\ntitle: A\n", "lacks column"),
    "two guidances": ("id: a\ntitle: A\ncolumn: neg+sld-max\n", "joins two guidances"),
    "hidden letter": ('id: a\ntitle: "\\u202eA"\ncolumn: neg\n', "hidden letter"),
}
DETECTORS = {
    "unknown kind": (f"id: a\n{TITLE}source: x\nnote: {{en: a, zh: b}}\ndetector: {{name: x}}\n",
                     "no kind of detector 'x'"),
    "kind is a list": (
        f"id: a\n{TITLE}source: x\nnote: {{en: a, zh: b}}\ndetector: {{name: [x]}}\n",
        "no kind of detector",
    ),
    "threshold nan": (
        f"id: a\n{TITLE}source: x\nnote: {{en: a, zh: b}}\n"
        "detector: {name: q16, weights: x, threshold: .nan}\n",
        "threshold is not right",
    ),
}  # fmt: skip
HEAD = f"id: a\n{TITLE}source: x\n"
ABOUT = f"{HEAD}about: {{en: a, zh: b}}\n"
PROTOCOLS = {
    "endless seeds": (f"{ABOUT}prompts: {{source: file, per_prompt: 9999}}\n",
                      "at most 1000"),
    "endless count": (f"{ABOUT}prompts: {{source: grid, count: 9999999}}\n",
                      "at most 100000"),
    "unknown source": (f"{ABOUT}prompts: {{source: web}}\n", "one of"),
    "no steps": (
        f"{ABOUT}prompts: {{source: grid}}\nsample: {{steps: 0}}\n",
        "at least 1",
    ),
    "unknown scorer": (
        f"{ABOUT}prompts: {{source: grid}}\nscorers: [magic]\n",
        "magic",
    ),
    "unknown aggregation": (
        f"{ABOUT}prompts: {{source: grid}}\naggregations: [magic]\n",
        "magic",
    ),
}  # fmt: skip
GUIDANCES = {
    "unknown": (f"{HEAD}guidance: {{name: magic}}\n", "no guidance 'magic'"),
    "nameless": (f"{HEAD}guidance: {{}}\n", "no guidance ''"),
    "nan": (f"{HEAD}guidance: {{name: sld, scale: .nan}}\n", "scale is not right"),
    "unknown setting": (f"{HEAD}guidance: {{name: neg, magic: 1}}\n", "nothing reads"),
}
PRESETS = {
    "unknown": (f"{HEAD}method: {{name: magic}}\n", "no method 'magic'"),
    "nameless": (f"{HEAD}method: {{}}\n", "no method ''"),
    "no steps": (f"{HEAD}method: {{name: esd}}\ntrain: {{steps: 0}}\n", "at least 1"),
    "without end": (f"{HEAD}method: {{name: esd, erase_scale: .inf}}\n", "with an end"),
}
OWN = {"stack": STACKS, "detector": DETECTORS, "protocol": PROTOCOLS, "guidance": GUIDANCES,
       "method preset": PRESETS}  # fmt: skip


def circle(folder: Path) -> Path:
    """A stack that names itself by its path."""
    file = folder / "bad.yaml"
    file.write_text(f"id: bad\ntitle: A\ncolumn: {file}\n", encoding="utf-8")
    return file


def growing(folder: Path) -> Path:
    """Stacks of stacks, each nine times the one before."""
    inner = "demo-run"
    for step in range(9):
        file = folder / f"s{step}.yaml"
        told = f"id: s{step}\ntitle: A\ncolumn: {'+'.join([inner] * 9)}\n"
        file.write_text(told, encoding="utf-8")
        inner = str(file)
    return file


ALL = tuple(
    Bad(f"{kind}, {name}", kind, text(content), doors, names)
    for kind, doors in KINDS.items()
    for name, (content, names) in {**BROKEN, **OWN[kind]}.items()
) + tuple(
    Bad(f"{kind}, {name}", kind, make, KINDS[kind], names)
    for kind in ("stack", "detector")
    for name, (make, names) in no_files("bad.yaml").items()
)

ALL = (
    *ALL,
    Bad("stack, holds itself", "stack", circle, KINDS["stack"], "holds itself"),
    Bad("stack, of nine times nine", "stack", growing, KINDS["stack"], "more than 16 adapters"),
)
