"""What a user writes about contamination: what is looked for, and how much of it stops a run."""

from __future__ import annotations

from pydantic import Field, field_validator

from hormesis.corpus import SourceConfig
from hormesis.corpus.overlap import NGRAM, SHORTEST
from hormesis.study.section import Section


class ChecksSection(Section):
    """How evaluation texts are looked for among the rows of training, and what is tolerated."""

    ngram: int = Field(default=NGRAM, ge=2, description="words of an n-gram")
    shortest: int = Field(default=SHORTEST, ge=1, description="shorter texts are looked for as whole rows only")
    whole: float = Field(
        default=0.0, ge=0, le=1, description="tolerated share of a set's texts that are whole rows of training"
    )
    overlap: float = Field(
        default=0.1, ge=0, le=1, description="tolerated share of a set's texts that share an n-gram with training"
    )
    stop: bool = Field(default=True, description="false: go on, and let the report warn")
    against: dict[str, SourceConfig] = Field(
        default_factory=dict, description="more texts that must not be trained on, such as those of capability tasks"
    )

    @field_validator("against")
    @classmethod
    def _plain_names(cls, against: dict[str, SourceConfig]) -> dict[str, SourceConfig]:
        if bad := [name for name in against if " → " in name]:
            raise ValueError(f"the name {bad[0]!r} holds an arrow, which parts names in the results")
        return against
