"""Names that lead out of their folder, belong to nobody, or hold what no name should."""

from tests.bad_input.row import Bad, value

# id: (text, what the message says); for whatever is chosen by name
TEXTS: dict[str, tuple[str, str]] = {
    "empty": ("", "There is no|Nothing is named"),
    "blank": ("   ", "There is no"),
    "unknown": ("nobody", "There is no"),
    "dot": (".", "There is no"),
    "parent": ("..", "There is no|is no run of this studio"),
    "parent's file": ("../config.yaml", r"no such file|There is no|cannot be read|holds no keys"),
    "up and away": ("../../../../etc", "There is no"),
    "root": ("/", "There is no"),
    "a root path": ("/etc/passwd", "There is no"),
    "windows path": ("..\\..\\secret", "There is no"),
    "inner slash": ("runs/../../secret", "There is no"),
    "slash behind": ("nobody/", "There is no"),
    "zero byte": ("no\0body", "There is no|is no path"),
    "line end": ("nobody\n", "There is no"),
    "escape sequence": ("\x1b[31mred", "There is no"),
    "turned direction": ("\u202enobody", "There is no"),
    "half a letter": ("\ud800", "There is no"),
    "too long for a disk": ("n" * 300, "There is no|is no path"),
    "10 MB": ("n" * 10_000_000, "There is no|is no path"),
    "stars": ("*", "There is no"),
    "a pattern": ("[a-z]*", "There is no"),
    "home": ("~root/x", "There is no"),
    "page code": ("<img src=x onerror=alert(1)>", "There is no"),
    "braces": ("{0.__class__}", "There is no"),
}
CHOSEN = {
    "pack name": ("find pack", "cli train name", "page choose pack"),
    "run id": ("run folder", "cli judge", "cli compare run", "page draw run", "page delete run"),
    "evaluation id": ("evaluation folder", "cli report", "cli resume"),
    "set of triplets": ("triplet set", "page triplets"),
}
NAMES = tuple(
    Bad(f"{kind}, {name}", kind, value(text), doors, names, heavy=name == "10 MB")
    for kind, doors in CHOSEN.items()
    for name, (text, names) in TEXTS.items()
    if text or kind != "set of triplets"  # no name is no choice there
)
# what people call their own packs and stacks
TITLES: dict[str, tuple[str, str]] = {
    "empty": ("", "has no name"),
    "blank": (" \n ", "has no name"),
    "endless": ("t" * 20_001, "at most 200 letters|at most 20000"),
    "10 MB": ("t" * 10_000_000, "at most"),
    "escape sequence": ("\x1b[31mred", "hidden letter U[+]001B"),
    "turned direction": ("mine\u202e", "hidden letter U[+]202E"),
    "half a letter": ("\ud800", "hidden letter"),
}
GIVEN = tuple(
    Bad(f"title of a {what}, {name}", "title", value(text), doors, names)
    for what, doors in (
        ("pack", ("save pack", "page save pack")),
        ("stack", ("save stack", "page save stack")),
    )
    for name, (text, names) in TITLES.items()
)
MODELS: dict[str, tuple[str, str]] = {
    "empty": ("", "no model"),
    "unknown": ("sd-9-9", "Did you mean|no model"),
    "zero byte": ("a\0b", "is no path"),
    "home of nobody": ("~nobody-here/model", "is no path"),
    "too long": ("m" * 5000, "is no path"),
    "three parts": ("a/b/c", "no model"),
    "escape sequence": ("\x1b[31m/x", "hidden letter|no model"),
    "half a letter": ("\ud800/x", "hidden letter|is no path|no model"),
}
MODEL_NAMES = tuple(
    Bad(f"model name, {name}", "model name", value(text),
        ("find model", "page model", *(("cli model",) if text else ())), names)
    for name, (text, names) in MODELS.items()
)  # fmt: skip
COLUMNS: dict[str, tuple[str, str]] = {
    "unknown": ("nobody", "neither a run nor a guidance"),
    "empty term": ("+", "neither a run nor a guidance"),
    "no weight": ("demo-run*x", "is no weight"),
    "weight 0": ("demo-run*0", "more than 0"),
    "weight below 0": ("demo-run*-1", "more than 0"),
    "weight nan": ("demo-run*nan", "weight is not right"),
    "weight without end": ("demo-run*inf", "weight is not right"),
    "weight 99": ("demo-run*99", "at most 2"),
    "two guidances": ("neg+sld-max", "joins two guidances"),
    "many adapters": ("+".join(["demo-run"] * 100_000), "more than 16 adapters"),
    "up and away": ("../../demo-run", "neither a run nor a guidance"),
    "10 MB": ("n" * 10_000_000, "neither a run nor a guidance|is no path"),
    "no such stack": ("nowhere.yaml", "no such file"),
    "endless stack name": ("n" * 300 + ".yaml", "is no path|no such file"),
}
COLUMN_TEXTS = tuple(
    Bad(f"column, {name}", "column", value(text), ("column", "cli column", "page column"), names)
    for name, (text, names) in COLUMNS.items()
)
ALL = (*NAMES, *GIVEN, *MODEL_NAMES, *COLUMN_TEXTS)
