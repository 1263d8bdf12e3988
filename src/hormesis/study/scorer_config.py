"""What a user writes about scorers: what judges the continuations, and what labels documents for recipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from hormesis.corpus import Half, SourceConfig
from hormesis.evaluate import EncoderConfig
from hormesis.study.section import Section


class MicroworldScorerSection(Section):
    """The exact truth of the microworld."""

    kind: Literal["microworld"]


class FittedScorerSection(Section):
    """A scorer fitted on the rows set aside by ``held_out.scorer``, which no model is trained on."""

    nontoxic: tuple[SourceConfig, ...] = Field(
        default=(), description="more sources of non-toxic rows (of the same register), beside the clean one"
    )
    half: Half | None = Field(
        default=None, description="only this half of those rows: two scorers fitted on two halves share no text"
    )


class NgramScorerSection(FittedScorerSection):
    """An n-gram classifier."""

    kind: Literal["ngram"]


class EncoderScorerSection(FittedScorerSection):
    """Any Hugging Face encoder, fine-tuned into a classifier."""

    kind: Literal["encoder"]
    model: str = Field(description="its folder, or a hub id")
    tuning: EncoderConfig = EncoderConfig()


class HuggingFaceScorerSection(Section):
    """Any Hugging Face sequence classifier: a folder, or a hub id."""

    kind: Literal["huggingface"]
    model: str
    label: str | None = Field(default=None, description="the name of the toxic label, if it cannot be guessed")


ScorerSection = Annotated[
    MicroworldScorerSection | NgramScorerSection | EncoderScorerSection | HuggingFaceScorerSection,
    Field(discriminator="kind"),
]


def check_scorers(main: ScorerSection, scorers: Sequence[ScorerSection]) -> None:
    """Whether several scorers are several, and share no text that they were fitted on.

    :raises ValueError: they do not.
    """
    if scorers and scorers[0] != main:
        raise ValueError("give either `scorer` or `scorers`, whose first is the main one")
    for place, scorer in enumerate(scorers):
        for other in scorers[:place]:
            if is_one_model(scorer, other) or scorer == other:
                raise ValueError(f"the {scorer.kind} scorer is listed twice")
            if isinstance(scorer, FittedScorerSection) and isinstance(other, FittedScorerSection):
                halves = {scorer.half, other.half}
                if halves != {"first", "second"}:
                    raise ValueError(
                        f"the {other.kind} and the {scorer.kind} scorer are fitted on the same rows, so they err alike:"
                        " give one `half: first` and the other `half: second`"
                    )


def is_one_model(one: ScorerSection, other: ScorerSection) -> bool:
    """Whether two sections name the same scorer. Two fitted ones are not: each is fitted on rows of its own."""
    if isinstance(one, HuggingFaceScorerSection) and isinstance(other, HuggingFaceScorerSection):
        return one.model == other.model
    return one.kind == other.kind == "microworld"
