"""How pictures are drawn, as fields: the same for comparisons and grids."""

from typing import Any, get_args

import gradio as gr

from studio.config import SampleConfig, Sampler
from studio.services.compare import sampled
from studio.ui.common import Studio, whole


class SamplerForm:
    """Steps, guidance and sampler, within a row."""

    def __init__(self, studio: Studio) -> None:
        word = studio.words
        first = SampleConfig()
        self.fields: list[Any] = [
            gr.Number(first.steps, label=word("sampler_steps"), precision=0, minimum=1),
            gr.Number(first.guidance, label=word("guidance"), minimum=1),
            gr.Dropdown(
                [(name.upper(), name) for name in get_args(Sampler)],
                value=first.sampler,
                label=word("sampler"),
                elem_id="sampler",
            ),
        ]


def values(sample: SampleConfig) -> list[Any]:
    """What the fields say of these settings."""
    return [sample.steps, sample.guidance, sample.sampler]


def filled(base: SampleConfig, steps: float, guidance: float, sampler: str) -> SampleConfig:
    """The settings that the fields describe; StudioError when one is out of range."""
    return sampled(base, steps=whole(steps), guidance=guidance or 0, sampler=sampler)
