"""All rows, and how many there are of each kind; `python -m tests.bad_input.corpus` prints them."""

from collections import Counter

from studio import limits
from tests.bad_input import (
    folders,
    lists,
    names,
    packs,
    pictures,
    presets,
    rated,
    settings,
    weights,
)  # fmt: skip
from tests.bad_input.row import Bad

CORPUS: tuple[Bad, ...] = (
    *packs.PACKS, *names.ALL, *settings.ALL, *lists.ALL, *presets.ALL, *pictures.ALL,
    *weights.ALL, *folders.ALL, *rated.ALL,
)  # fmt: skip
LIMITS = {
    "YAML_MB": "a pack, preset, stack, protocol or detector, MB",
    "YAML_DEPTH": "lists within lists in it",
    "YAML_NODES": "names, values and lists in it; an alias counts as what it stands for",
    "PROMPT_LIST_MB": "a list of prompts, MB",
    "RATINGS_MB": "a file of ratings, MB",
    "PICTURE_MB": "a picture, MB",
    "PICTURE_PIXELS": "pixels of a picture",
    "UPLOAD_MB": "one file given to the page, MB",
    "WEIGHTS_HEADER_MB": "the header of a .safetensors file, MB",
    "CONFIG_MB": "a config of a model's part, MB",
    "WORDS_MB": "the vocabulary of a tokenizer, MB",
    "CONFIG_LIST": "numbers in one list of a config",
    "VECTORS_MB": "learned prompt vectors, MB, packed or unpacked",
    "NAME_LETTERS": "letters of a concept, another name, a kept phrase, a person's name",
    "PROMPT_LETTERS": "letters of a prompt that is drawn",
    "TEXT_LETTERS": "letters of any other text; of a row in a list of prompts",
    "ID_LETTERS": "letters of the id of a pack, preset or stack",
    "MESSAGE_LETTERS": "letters of a message; its middle is left out",
    "CONCEPTS": "concepts that one pack removes",
    "PHRASES": "phrases that one pack keeps",
    "PROBES": "probe prompts of one pack",
    "COLUMN_TERMS": "adapters in one column, stacks of stacks included",
    "PICTURES": "pictures of one drawing; a grid has 400 at most",
    "QUESTIONS": "prompts of each kind that a judge is asked",
    "TRIPLETS": "triplets of one set",
    "PROCESSES": "processes that share an evaluation",
    "SEED": "the largest seed",
}


def table() -> str:
    """The kinds as a table of Markdown: how many inputs, and by which doors they come."""
    counts = Counter(row.kind for row in CORPUS)
    rows = ["| kind | inputs | doors |", "| --- | ---: | --- |"]
    for kind, count in counts.items():
        doors = dict.fromkeys(door for row in CORPUS if row.kind == kind for door in row.doors)
        rows.append(f"| {kind} | {count} | {', '.join(doors)} |")
    tried = sum(len(row.doors) for row in CORPUS)
    return "\n".join([*rows, f"| **all** | **{len(CORPUS)}** | tried {tried} times |"])


def limits_table() -> str:
    """The limits as a table of Markdown."""
    rows = [f"| {getattr(limits, name):,} | {of} | `{name}` |" for name, of in LIMITS.items()]
    return "\n".join(["| at most | of | in `studio/limits.py` |", "| ---: | --- | --- |", *rows])


if __name__ == "__main__":
    print(table(), limits_table(), sep="\n\n")
