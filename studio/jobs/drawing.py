"""What a drawing job is; read by the page's side and the drawer's side, no torch."""

from collections.abc import Sequence

from studio.config import Column, Frozen, ModelCard, SampleConfig

CUT_SHOWN = 20
CUT = (
    "prompts are longer than the model reads; they are drawn from their first tokens, as the stock "
    "pipeline does"
)


class Picture(Frozen):
    """One picture to draw; `column` is its place in the job's columns."""

    prompt: str
    seed: int
    column: int
    file: str


class DrawJob(Frozen):
    """Pictures of one model, each with what its column says is active."""

    model: ModelCard
    sample: SampleConfig
    columns: tuple[Column, ...]
    pictures: tuple[Picture, ...]


def parameters(
    model: ModelCard, sample: SampleConfig, column: Column, prompt: str, seed: int
) -> dict[str, object]:
    """How a picture was drawn, as `studio.pictures.save_png` writes it into the file."""
    return {
        "prompt": prompt,
        "seed": seed,
        "steps": sample.steps,
        "cfg_scale": sample.guidance,
        "sampler": sample.sampler.upper(),
        "model": model.id,
        "active": column.label,
        "held_down": list(column.concepts) if column.guidance else [],
    }


def told_cut(rows: Sequence[object]) -> str:
    """Which rows have prompts of which a model reads only the start, for a log."""
    told = ", ".join(map(str, rows[:CUT_SHOWN])) + (" ..." if len(rows) > CUT_SHOWN else "")
    return f"{len(rows)} {CUT}: {told}."
