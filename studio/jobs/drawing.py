"""What a drawing job is; read by the page's side and the drawer's side, no torch."""

from studio.config import Frozen, ModelCard, SampleConfig


class Picture(Frozen):
    """One picture to draw; strength 0 is the original."""

    prompt: str
    seed: int
    strength: float
    file: str


class DrawJob(Frozen):
    """Pictures of one model, with or without one adapter."""

    model: ModelCard
    sample: SampleConfig
    pictures: tuple[Picture, ...]
    adapter: str | None = None
    adapter_name: str = ""
