"""Which columns a filled form of Compare asks for."""

from studio.config import AdapterUse, Column, Pack
from studio.presets import check
from studio.safeguards import load_guidances
from studio.services.columns import column, once, pack_concepts, run_adapter, strengths
from studio.services.runs import Runs


def steered(lang: str) -> list[tuple[str, str]]:
    """The guidances as (title, id)."""
    return [(preset.title.of(lang), name) for name, preset in load_guidances().items()]


def chosen_columns(
    runs: Runs, run_id: str, pack: Pack, strength: float, more: list[str], view: str
) -> tuple[Column, ...]:
    """The original, the run at this strength, then whatever else; or a strip of strengths.

    Raises:
        StudioError: the run has no adapter yet, or something else is no column.
    """
    whole = run_adapter(runs, run_id)
    if view == "strengths":
        return strengths(whole)
    chosen = [Column()]
    if strength:
        weighted = check(AdapterUse, {**whole.model_dump(), "weight": strength}, "Settings")
        chosen.append(Column(adapters=(weighted,)))
    chosen += [column(runs, text, pack_concepts(pack)) for text in more or []]
    return once(chosen)
