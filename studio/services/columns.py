"""Columns from what people write: "original", a run, a guidance, or several joined with +."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from studio.config import AdapterUse, Column, Pack, Stack, Token
from studio.errors import StudioError
from studio.files import is_name, place_of
from studio.jobs.run_folder import RunFolder
from studio.limits import COLUMN_TERMS
from studio.models.lora_keys import (
    FOLDER_FILES,
    adapter_file,
    looks_like_adapter,
    must_be_adapter,
)
from studio.models.weights import read_header
from studio.presets import TOKEN, check, read_yaml_file
from studio.safeguards import load_guidances
from studio.services.runs import Runs
from studio.services.tokens import Tokens

ORIGINAL = "original"
FILES = (".safetensors", ".yaml", ".yml")
WEIGHT = re.compile(r"\s*\*\s*[\d.]+$")
MOST_PLUSES, PATH_LETTERS = 16, 4096  # in the paths of one column
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)


def stacks_folder(runs: Runs) -> Path:
    """Where the person's own stacks lie."""
    return runs.root / "stacks"


def pack_concepts(pack: Pack) -> tuple[str, ...]:
    """What a guidance holds down for a pack: names of what it removes, and all learned words."""
    words = {token.name for token in pack.tokens}
    return tuple(
        name
        for concept in pack.remove
        for name in (concept.name, *(word for word in concept.synonyms if word in words))
    )


def column(
    runs: Runs, text: str, concepts: Sequence[str] = (), inside: tuple[str, ...] = ()
) -> Column:
    """A column: terms joined with +, each a run, an adapter file, a guidance, a stack or its file.

    Args:
        text: such as "original", "sld-max", "RUN", "RUN*0.5", "RUN+sld-medium", "my-stack.yaml".
        concepts: what a guidance holds down, unless a stack says otherwise.
        inside: ids of the stacks this text stands in.

    Raises:
        StudioError: a term is none of these, two guidances are joined, or a stack holds itself.
    """
    terms = _terms(text)
    found, used = Column(concepts=tuple(concepts)), load_guidances()
    for term in terms:
        if term == ORIGINAL and len(terms) == 1:
            return Column()
        own = stacks_folder(runs) / f"{term}.yaml" if is_name(term) else None
        if term.endswith((".yaml", ".yml")) or (own and own.exists()):
            stack = _stack(own if own and own.exists() else place_of(term))
            if stack.id in inside:
                raise StudioError(f"The stack {stack.id} holds itself.", "Take it out of itself.")
            within = (*inside, stack.id)
            inner = column(runs, stack.column, stack.concepts or concepts, within)
            found = _join(found, inner, text)
        elif term in used:
            found = _join(found, Column(guidance=used[term], concepts=found.concepts), text)
        else:
            use = _adapter(runs, term)
            found = _join(found, Column(adapters=(use,), tokens=_tokens(runs, use)), text)
    if not found.guidance:
        return found.model_copy(update={"concepts": ()})
    known = {token.name for token in found.tokens}
    missing = [word for word in found.concepts if TOKEN.fullmatch(word) and word not in known]
    own_words = tuple(Tokens(runs.root).token(word) for word in missing)
    return found.model_copy(update={"tokens": found.tokens + own_words})


def strengths(adapter: AdapterUse) -> tuple[Column, ...]:
    """The original, then an adapter weaker and stronger than it was trained."""
    return tuple(
        Column(adapters=(adapter.model_copy(update={"weight": weight}),)) if weight else Column()
        for weight in STRENGTHS
    )


def once(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Each column once, in order.

    Raises:
        StudioError: two that differ have one name, so nobody could tell their pictures apart.
    """
    found: dict[str, Column] = {}
    for one in columns:
        other = found.setdefault(one.label, one)
        if (other.adapters, other.guidance) != (one.adapters, one.guidance):
            raise StudioError(
                f"Two different columns are called {one.label}.",
                "Give one of the files or folders another name.",
            )
    return tuple(found.values())


def run_adapter(runs: Runs, run_id: str, weight: float = 1.0) -> AdapterUse:
    """The adapter of a run.

    Raises:
        StudioError: there is no such run, or it has no adapter yet.
    """
    return _adapter_of(runs.folder(run_id), weight)


def _adapter_of(folder: RunFolder, weight: float) -> AdapterUse:
    if not folder.adapter.exists():
        raise StudioError(
            "This run has no adapter yet.", "Wait for its first checkpoint, or choose another."
        )
    values = {"name": folder.id, "file": str(folder.adapter.resolve()), "weight": weight}
    return check(AdapterUse, values, folder.id)


def edit_seconds(runs: Runs, chosen: Column) -> float | None:
    """How long the runs behind a column trained; None where that is not known."""
    total = 0.0
    for use in chosen.adapters:
        try:
            status = runs.folder(use.name).stored_status()
        except StudioError:
            return None
        if status.started is None or status.ended is None:
            return None
        total += status.ended - status.started
    return round(total, 1)


def _terms(text: str) -> list[str]:
    """The parts between +; a + in the path of a file that is there joins nothing."""
    pieces = text.split("+", COLUMN_TERMS + MOST_PLUSES)
    found: list[str] = []
    while pieces:
        ends = range(len(pieces), 1, -1)
        whole = next((end for end in ends if _is_place("+".join(pieces[:end]))), 1)
        found.append("+".join(pieces[:whole]).strip())
        del pieces[:whole]
    return found


def _is_place(term: str) -> bool:
    text = term.strip()
    if not text.strip("+"):
        return False
    return any(
        os.path.exists(os.path.expanduser(path))
        and (path.endswith(FILES) or looks_like_adapter(path))
        for path in (text, WEIGHT.sub("", text))
        if path and len(path) <= PATH_LETTERS
    )


def _name_and_weight(term: str) -> tuple[str, str]:
    """An adapter and the weight behind its star; a star in the path of a file is none."""
    if "*" not in term or _names_file(term):
        return term, ""
    before, _, after = term.rpartition("*")
    if _names_file(before):
        return before, after
    name, _, weight = term.partition("*")
    return name, weight


def _names_file(text: str) -> bool:
    return looks_like_adapter(text) and os.path.exists(os.path.expanduser(text))


def _from_file(text: str, strength: float) -> AdapterUse:
    """An adapter from a file or folder, named after it; looked at before a drawer starts for it."""
    place = place_of(text)
    file = adapter_file(place)
    name = file.parent.name if file.name in FOLDER_FILES else file.stem
    if file.exists():
        must_be_adapter(file, read_header(file).tensors)
    values = {"name": name, "file": str(file.resolve()), "weight": strength}
    return check(AdapterUse, values, text)


def _adapter(runs: Runs, term: str) -> AdapterUse:
    name, weight = _name_and_weight(term)
    try:
        strength = float(weight) if weight else 1.0
    except ValueError:
        raise StudioError(
            f"{term!r} is no column: {weight!r} is no weight.", "Write a number after the star."
        ) from None
    if looks_like_adapter(name):
        return _from_file(name, strength)
    try:
        return _adapter_of(runs.at(name), strength)
    except StudioError as error:
        if error.what.startswith("There is no run"):
            known = ", ".join(load_guidances())
            raise StudioError(
                f"{name!r} is neither a run nor a guidance.",
                f"Choose a run, an adapter file, a stack file, original, or one of: {known}.",
            ) from error
        raise


def _join(first: Column, second: Column, text: str) -> Column:
    if first.guidance and second.guidance:
        raise StudioError(
            f"{text!r} joins two guidances.", "One picture can be steered by one guidance."
        )
    if len(first.adapters) + len(second.adapters) > COLUMN_TERMS:
        raise StudioError(
            f"{text!r} joins more than {COLUMN_TERMS} adapters.", "Take some of them out."
        )
    return Column(
        adapters=first.adapters + second.adapters,
        guidance=first.guidance or second.guidance,
        concepts=second.concepts if second.guidance else first.concepts,
        tokens=tuple({token.name: token for token in second.tokens + first.tokens}.values()),
    )


def _tokens(runs: Runs, use: AdapterUse) -> tuple[Token, ...]:
    """The learned words of an adapter's run, from the copies it keeps."""
    try:
        return runs.at(str(Path(use.file).parents[1])).tokens()
    except StudioError:  # an adapter from a file
        return ()


def _stack(file: Path) -> Stack:
    return check(Stack, read_yaml_file(file), file.name)
