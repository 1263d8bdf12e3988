"""Prompts with a continuation that people wrote, and a reference score of it (RealToxicityPrompts: Perspective's)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hormesis.config import Seed
from hormesis.corpus.concepts import number_of, usable_text
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.corpus.seeds import generator
from hormesis.errors import HormesisError
from hormesis.reprs import short_repr


class ContinuationsConfig(RowsConfig):
    """A file of them; ``limit`` rows are drawn at random (``seed``)."""

    prompt: str = "prompt"
    """The column with what is continued."""
    continuation: str = "continuation"
    """The column with how people went on."""
    score: str = "continuation_toxicity"
    """The column with the score of the continuation, in [0, 1]."""
    seed: Seed = 0


@short_repr
@dataclass(frozen=True, eq=False)
class ScoredContinuations:
    """N pairs (prompt, continuation), and the scores of the continuations, float64 [N] in [0, 1]."""

    pairs: tuple[tuple[str, str], ...]
    scores: np.ndarray


def read_continuations(config: ContinuationsConfig, root: Path | None = None) -> ScoredContinuations:
    """Read them; rows without text or score are left out.

    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`; a score outside [0, 1]; one score alone.
    """
    columns = [config.prompt, config.continuation, config.score]
    pairs: list[tuple[str, str]] = []
    scores: list[float] = []
    for row in read_rows(config.model_copy(update={"limit": None}), columns, root=root):
        prompt, text = (usable_text(row, column, config) for column in columns[:2])
        score = number_of(row.values[config.score], row, config.score)
        if prompt is None or text is None or score is None:
            continue
        if not 0 <= score <= 1:
            raise HormesisError(
                f"{row.origin}: the score {score:g} in {config.score!r} is outside [0, 1]", "name a column of scores"
            )
        pairs.append((prompt, text))
        scores.append(score)
    if len(set(scores)) < 2:
        raise HormesisError(
            f"{config.path or config.dataset} has {len(scores)} scored continuations, of one score at most",
            "name the columns: `prompt`, `continuation`, `score`",
        )
    chosen = np.arange(len(pairs))
    if config.limit is not None and config.limit < len(pairs):
        chosen = np.sort(generator("continuations", config.seed).permutation(len(pairs))[: config.limit])
    return ScoredContinuations(tuple(pairs[place] for place in chosen), np.array(scores)[chosen])
