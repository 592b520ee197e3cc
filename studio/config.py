"""What a run is made of: frozen records that refuse keys they do not know.

Labels, ranges and help of the page come from these fields, so they are written once.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from studio.limits import (
    CONCEPTS,
    ID_LETTERS,
    NAME_LETTERS,
    PHRASES,
    PROBES,
    PROMPT_LETTERS,
    SEED,
    TEXT_LETTERS,
)

Kind = Literal["target", "neighbour", "unrelated"]
Sampler = Literal["ddim", "euler", "dpm++", "unipc", "pndm"]
Precision = Literal["half", "single"]
Prediction = Literal["epsilon", "v_prediction"]
# cross-attention; its keys and values; self-attention; both attentions; those of residual blocks,
# self-attention and feed-forward; all but cross-attention, time embedding and output
Layers = Literal["cross", "cross-kv", "self", "both", "not-cross", "all-but-cross"]
# of these layers: a small adapter; all matrices; all parameters, as published
Weights = Literal["lora", "full", "whole"]


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=ID_LETTERS)]


def _one_line(name: Any) -> Any:
    """A name without blanks around it and without line breaks; they say nothing to a model."""
    return " ".join(name.split()) if isinstance(name, str) else name


Name = Annotated[str, Field(min_length=1, max_length=NAME_LETTERS), BeforeValidator(_one_line)]
# letters that steer a terminal, turn the direction of writing so that a name reads as another, or
# are halves that no file can hold
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class Frozen(BaseModel):
    """A record that cannot change and refuses unknown keys, hidden letters, numbers without end,
    and yes or no where a number belongs."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, str_max_length=TEXT_LETTERS
    )

    @field_validator("*", mode="before")
    @classmethod
    def _must_be_plain(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name or ""]
        if isinstance(value, bool) and field.annotation in (int, float):
            raise ValueError("a number is needed")
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str) and (hidden := HIDDEN.search(text)):
                raise ValueError(f"it holds the hidden letter U+{ord(hidden[0]):04X}")
        return value


class MethodConfig(Frozen):
    """Settings of one method alone; each method file extends this."""


class Text(Frozen):
    """A text that a person reads, in both languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def of(self, lang: str) -> str:
        """The text in a language, "en" or "zh"."""
        return self.zh if lang == "zh" else self.en


class Concept(Frozen):
    """Something to remove, under all the names it goes by."""

    name: Name
    synonyms: tuple[Name, ...] = Field((), max_length=PHRASES)


class Token(Frozen):
    """A word that was learned, not found in a dictionary; see docs/decisions/0009."""

    name: str = Field(pattern=r"^<[a-z0-9][a-z0-9-]*>$", description="How prompts write it.")
    run: str = Field(
        "", pattern=r"^[\w.-]*$", description="Id of the run that learns it, among the same runs."
    )
    file: str = Field("", description="A textual-inversion .safetensors file, where no run is.")


class Probe(Frozen):
    """A prompt that is drawn again and again while a run trains."""

    prompt: str = Field(min_length=1, max_length=PROMPT_LETTERS)
    seed: int = Field(0, ge=0, le=SEED)
    kind: Kind
    shows: str = Field("", description="What the judge looks for; an object id of Icon World.")


class Pack(Frozen):
    """A concept pack: what to remove, what must stay, how to see it. One YAML file."""

    id: Id
    version: int = Field(1, ge=1)
    title: Text
    description: Text
    author: str = "Safeguard Studio"
    licence: str = "Apache-2.0"
    sensitivity: Literal["none", "sensitive"] = Field(
        "none", description="Pictures of a sensitive pack are blurred until somebody reveals them."
    )
    shows: Text | None = Field(None, description="What a blurred picture may show.")
    model: str = Field("icon-world", description="Id of the model card it was made for.")
    remove: tuple[Concept, ...] = Field(min_length=1, max_length=CONCEPTS)
    keep: tuple[Name, ...] = Field((), max_length=PHRASES)
    tokens: tuple[Token, ...] = Field(
        (),
        max_length=CONCEPTS,
        description="Learned words that stand among names and synonyms, such as <round-one>.",
    )
    probes: tuple[Probe, ...] = Field((), max_length=PROBES)
    method: dict[str, Any] = Field(
        default_factory=lambda: {"name": "sdd"}, description="Name and settings of the method."
    )
    overrides: dict[str, Any] = Field(
        default_factory=dict, description="Training settings that differ from the model's."
    )


class TrainConfig(Frozen):
    """How long and how hard to train."""

    steps: int = Field(500, ge=1, le=20_000, description="Optimiser steps.")
    lr: float = Field(2e-4, gt=0, le=1, description="Highest learning rate.")
    rank: int = Field(8, ge=1, le=256, description="Rank of the LoRA; alpha equals it.")
    batch: int = Field(4, ge=1, le=256, description="Latents per step.")
    accumulate: int = Field(1, ge=1, le=256, description="Batches whose gradients make one step.")
    schedule: Literal["cosine", "constant"] = Field(
        "cosine", description="How the rate goes: along a cosine to a tenth, or always the same."
    )
    warm_up: int = Field(10, ge=0, le=20_000, description="Steps in which the rate rises first.")
    optimiser: Literal["adamw", "adam"] = Field(
        "adamw", description="adam adds the weight decay to the gradient; adamw does not."
    )
    beta1: float = Field(0.9, ge=0, lt=1, description="Memory of the gradient.")
    beta2: float = Field(0.999, ge=0, lt=1, description="Memory of the gradient's square.")
    weight_decay: float = Field(0.0, ge=0, le=1, description="Pull of the weights towards 0.")
    clip: float = Field(1.0, ge=0, description="Longest gradient; 0: of any length.")
    seed: int = Field(0, ge=0, le=SEED, description="Seed of everything that is random in the run.")
    check_every: int = Field(100, ge=1, description="Steps between two checks by the judge.")
    save_every: int = Field(200, ge=1, description="Steps between two checkpoints.")


class SampleConfig(Frozen):
    """How pictures are drawn, the same for original and safeguarded."""

    steps: int = Field(25, ge=1, le=1000, description="Steps of the sampler.")
    guidance: float = Field(7.5, ge=1, le=50, description="Scale of classifier-free guidance.")
    sampler: Sampler = Field("ddim", description="How one step follows from another.")


class ModelCard(Frozen):
    """A base model: where it is and how it wants to be used."""

    id: str
    title: Text
    source: str = Field(description="Folder, .safetensors file, or hub id.")
    revision: str | None = Field(None, description="Pinned revision of a hub model.")
    licence: str = ""
    size_px: int | None = Field(None, description="Side of its pictures; None: from the model.")
    judge: str | None = Field(None, description="Judge that knows this model's world.")
    precision: Precision = Field(
        "half", description="Of its weights on a GPU; on a CPU they are always single."
    )
    prediction_type: Prediction | None = Field(
        None, description="What its denoiser answers with; None: as its own files say."
    )
    sample: SampleConfig = SampleConfig()
    train: dict[str, Any] = Field(
        default_factory=dict, description="Training settings that suit it."
    )
    train_for: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Training settings that suit it with a method, by name."
    )


class AdapterUse(Frozen):
    """An adapter and how strongly it acts."""

    name: str = Field(min_length=1, description="What the picture's label says.")
    file: str
    weight: float = Field(1.0, gt=0, le=2, description="1 as trained.")


class GuidancePreset(Frozen):
    """A guidance with its numbers. One YAML file."""

    id: Id
    title: Text
    source: str = Field(description="Where the numbers come from.")
    guidance: dict[str, Any]


class MethodPreset(Frozen):
    """A method with settings that belong together. One YAML file."""

    id: Id
    title: Text
    source: str = Field(description="Where the numbers come from.")
    suits: tuple[str, ...] = Field(
        (), description="Ids of models on which these settings are the method's default."
    )
    for_tokens: bool = Field(False, description="Suits only packs of learned words.")
    method: dict[str, Any]
    train: dict[str, Any] = Field(default_factory=dict, description="Training settings.")
    differs: tuple[Text, ...] = Field(
        (), description="What still differs from the released code of a method as published."
    )


class Column(Frozen):
    """What is active while a picture is drawn; nothing at all is the original model."""

    adapters: tuple[AdapterUse, ...] = ()
    guidance: GuidancePreset | None = None
    concepts: tuple[str, ...] = Field((), description="What the guidance holds down.")
    tokens: tuple[Token, ...] = Field((), description="Learned words it understands, from files.")

    @property
    def label(self) -> str:
        """Exactly what is active, in the words of the command line."""
        parts = [
            use.name if use.weight == 1 else f"{use.name}*{use.weight:g}" for use in self.adapters
        ]
        if self.guidance is not None:
            parts.append(self.guidance.id)
        return "+".join(parts) or "original"


class Stack(Frozen):
    """Adapters with weights and a guidance under one name. One small YAML file."""

    id: Id
    title: Name
    column: str = Field(description="Runs and guidances joined with +, such as RUN*0.8+sld-max.")
    concepts: tuple[str, ...] = Field((), description="What the guidance holds down.")


class RunConfig(Frozen):
    """Everything a run needs; enough to do it again."""

    pack: Pack
    model: ModelCard
    method: dict[str, Any]
    train: TrainConfig
    sample: SampleConfig
    preset: str = Field("", description="Preset that was chosen, or suited; empty: none.")
