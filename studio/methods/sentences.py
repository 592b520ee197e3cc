"""The sentences in which a model draws what a method learns from."""

from collections.abc import Sequence

from pydantic import Field, field_validator

from studio.config import MethodConfig

MOST = 100


class SentencesConfig(MethodConfig):
    """Settings of every method for which the model draws; each extends this with its own."""

    templates: tuple[str, ...] = Field(
        ("{}",),
        min_length=1,
        max_length=MOST,
        description="Sentences around each concept; {} is its place.",
    )
    keep_templates: tuple[str, ...] = Field(
        ("{}",),
        min_length=1,
        max_length=MOST,
        description="Sentences around each kept phrase; {} is its place.",
    )

    @field_validator("templates", "keep_templates")
    @classmethod
    def _has_a_place(cls, templates: tuple[str, ...]) -> tuple[str, ...]:
        return with_a_place(templates)


def with_a_place(templates: tuple[str, ...]) -> tuple[str, ...]:
    """The sentences, each checked to have one {}; ValueError otherwise."""
    for template in templates:
        if template.count("{}") != 1:
            raise ValueError(f"{template!r} needs one {{}} where the concept goes")
    return templates


def in_sentences(phrases: Sequence[str], templates: Sequence[str]) -> list[str]:
    """Every phrase in every sentence, so that the phrases take turns within each sentence."""
    return [template.replace("{}", phrase) for template in templates for phrase in phrases]


def in_turn(phrases: Sequence[str], templates: Sequence[str]) -> list[tuple[str, str]]:
    """Each sentence with the phrase in it; phrases and sentences both change from row to row."""
    return [
        (templates[(place + turn) % len(templates)].replace("{}", phrase), phrase)
        for turn in range(len(templates))
        for place, phrase in enumerate(phrases)
    ]
