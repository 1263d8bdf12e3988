"""What a user writes about scorers: what judges the continuations, and what labels documents for recipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from hormesis.config import OneOf
from hormesis.evaluate.scorers import SCORERS, FittedScorerKind, ScorerKind

ScorerSection = Annotated[ScorerKind, OneOf(SCORERS, "kind", lambda kind: kind)]


def check_scorers(main: ScorerKind, scorers: Sequence[ScorerKind]) -> None:
    """Whether several scorers are several, and share no text that they were fitted on.

    :raises ValueError: they do not.
    """
    if scorers and scorers[0] != main:
        raise ValueError("give either `scorer` or `scorers`, whose first is the main one")
    for place, scorer in enumerate(scorers):
        for other in scorers[:place]:
            if scorer.is_same_model(other) or scorer == other:
                raise ValueError(f"the {scorer.kind} scorer is listed twice")
            if isinstance(scorer, FittedScorerKind) and isinstance(other, FittedScorerKind):
                halves = {scorer.half, other.half}
                if halves != {"first", "second"}:
                    raise ValueError(
                        f"the {other.kind} and the {scorer.kind} scorer are fitted on the same rows, so they err alike:"
                        " give one `half: first` and the other `half: second`"
                    )
