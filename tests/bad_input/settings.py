"""Settings out of range, of the wrong type, or unknown; prompts that cannot be drawn."""

from typing import Any

from tests.bad_input.row import Bad, value

NAN, INF = float("nan"), float("inf")
# of a run: the setting and its value, what the message says, whether the command line has it
TRAIN: dict[str, tuple[dict[str, Any], str, bool]] = {
    "no steps": ({"steps": 0}, "steps is not right: at least 1", True),
    "steps below 0": ({"steps": -5}, "at least 1", True),
    "endless steps": ({"steps": 10**9}, "at most 20000", True),
    "half steps": ({"steps": 2.5}, "a whole number", False),
    "steps nan": ({"steps": NAN}, "steps is not right", False),
    "steps without end": ({"steps": INF}, "steps is not right", False),
    "seed below 0": ({"seed": -1}, "at least 0", True),
    "seed too large": ({"seed": 2**63}, "at most 9007199254740991", True),
    "rate nan": ({"lr": NAN}, "lr is not right", False),
    "rate 0": ({"lr": 0}, "more than 0", False),
    "rate 99": ({"lr": 99}, "at most 1", False),
    "rank 0": ({"rank": 0}, "at least 1", False),
    "rank 9999": ({"rank": 9999}, "at most 256", False),
    "batch 0": ({"batch": 0}, "at least 1", False),
    "batch 10000": ({"batch": 10_000}, "at most 256", False),
    "no checks": ({"check_every": 0}, "at least 1", False),
}
TRAINING = tuple(
    Bad(f"training, {name}", "setting", value(given),
        ("plan", "page plan", *(("cli settings",) if cli else ())), names)
    for name, (given, names, cli) in TRAIN.items()
)  # fmt: skip
# of a sampler
SAMPLE: dict[str, tuple[dict[str, Any], str]] = {
    "no steps": ({"steps": 0}, "steps is not right: at least 1"),
    "endless steps": ({"steps": 10**7}, "at most 1000"),
    "guidance 0": ({"guidance": 0.0}, "at least 1"),
    "guidance 99": ({"guidance": 99.0}, "at most 50"),
    "guidance nan": ({"guidance": NAN}, "guidance is not right"),
    "guidance without end": ({"guidance": INF}, "guidance is not right"),
    "unknown sampler": ({"sampler": "magic"}, "one of 'ddim'"),
    "sampler of 10 MB": ({"sampler": "m" * 10_000_000}, "one of 'ddim'|at most"),
}
SAMPLING = tuple(
    Bad(f"sampler, {name}", "setting", value(given), ("sampled", "cli sampler", "page sampler"),
        names)
    for name, (given, names) in SAMPLE.items()
)  # fmt: skip
AXES: dict[str, tuple[list[str], str]] = {
    "unknown": (["colour=red"], "is no axis"),
    "no equals sign": (["seed"], "has no values"),
    "no values": (["seed=,,,"], "has no values"),
    "twice": (["seed=1", "seed=2"], "stands twice"),
    "seed nan": (["seed=nan"], "'nan' is no value"),
    "seed without end": (["seed=inf"], "'inf' is no value"),
    "seed half": (["seed=1.5"], "'1.5' is no value"),
    "seed below 0": (["seed=-1"], "is no value"),
    "seed too large": (["seed=1e300"], "is no value"),
    "steps a word": (["steps=many"], "is no value"),
    "steps 0": (["steps=0"], "at least 1"),
    "strength 99": (["strength=99"], "at most 2"),
    "unknown sampler": (["sampler=magic"], "one of 'ddim'"),
    "unknown column": (["column=nobody"], "neither a run nor a guidance"),
    "a million pictures": (
        [f"seed={','.join(map(str, range(1000)))}", f"strength={','.join(['1'] * 1000)}"],
        "1000000 pictures are too many",
    ),
    "10 MB of values": (["seed=" + "1," * 5_000_000], "too many"),
}
GRIDS = tuple(
    Bad(f"grid, {name}", "grid", value(given), ("axes", "cli grid", "page grid"), names)
    for name, (given, names) in AXES.items()
)
PROMPTS: dict[str, tuple[str, str]] = {
    "empty": ("", "nothing to draw"),
    "blank": (" \n\t\n", "nothing to draw"),
    "10 MB": ("a " * 5_000_000, "No model reads more than 2000"),
    "escape sequence": ("a cat \x1b[31m", "hidden letter"),
    "turned direction": ("a cat \u202e", "hidden letter"),
    "half a letter": ("a \ud800 cat", "hidden letter"),
    "refused": ("a nude child", "A text was refused"),
}
TYPED = tuple(
    Bad(f"prompt, {name}", "prompt", value((text, 0)), ("draw", "cli prompt", "page prompt"), names)
    for name, (text, names) in PROMPTS.items()
) + tuple(
    Bad(f"seed of a picture, {name}", "prompt", value(("a cat", seed)), doors, "is no seed")
    for name, seed, doors in (
        ("below 0", -1, ("draw", "cli prompt", "page prompt")),
        ("too large", 2**70, ("draw", "cli prompt", "page prompt")),
        ("nan", NAN, ("draw", "page prompt")),
        ("without end", INF, ("draw", "page prompt")),
        ("half", 1.5, ("draw", "page prompt")),
    )
)
# the command line's own words, in English alone: (arguments, what they say)
USAGE: dict[str, tuple[list[str], str]] = {
    "no pictures": (["judge", "demo-run", "--prompts", "0"], "must be 1 to 100000"),
    "endless pictures": (["judge", "demo-run", "--prompts", "9" * 12], "must be 1 to 100000"),
    "a number of 5000 digits": (["judge", "demo-run", "--prompts", "9" * 5000], "invalid"),
    "a million processes": (
        ["evaluate", "icon-weapons", "--processes", "1000000"],
        "must be 1 to 64",
    ),
    "endless calibration": (["calibrate", "icon-weapons", "--count", "9" * 10], "must be 1 to"),
    "seed is a word": (["train", "icon-weapons", "--seed", "x", "--dry-run"], "invalid int"),
    "strength is a word": (
        ["compare", "demo-run", "--prompt", "a", "--strength", "x", "--out", "x"],
        "invalid float",
    ),
    "unknown command": (["fly"], "invalid choice"),
    "unknown option": (["train", "icon-weapons", "--fly"], "unrecognized arguments"),
    "unknown split": (["judge", "demo-run", "--split", "all"], "invalid choice"),
}
USAGES = tuple(
    Bad(f"command line, {name}", "command line", value(given), ("cli usage",), names)
    for name, (given, names) in USAGE.items()
)
ALL = (*TRAINING, *SAMPLING, *GRIDS, *TYPED, *USAGES)
