"""Texts with reference scores of toxicity, such as the Perspective scores that ship with RealToxicityPrompts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field

from hormesis.corpus.concepts import number_of, usable_text
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.errors import HormesisError
from hormesis.reprs import short_repr


class ScoredTextsConfig(RowsConfig):
    """A file of texts with scores (RealToxicityPrompts: prompts and continuations, scored by Perspective)."""

    texts: dict[str, str] = Field(
        default_factory=lambda: {"prompt": "prompt_toxicity", "continuation": "continuation_toxicity"}, min_length=1
    )
    """Column of text → column with its score in [0, 1]."""
    name: str = "Perspective"
    """Who gave the scores."""


@short_repr
@dataclass(frozen=True, eq=False)
class ScoredTexts:
    """N texts and their reference scores, float64 [N] in [0, 1]."""

    texts: tuple[str, ...]
    scores: np.ndarray


def read_scored_texts(config: ScoredTextsConfig, root: Path | None = None) -> dict[str, ScoredTexts]:
    """The scored texts by their column; rows without text or score are left out.

    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`; a score outside [0, 1]; no text has a score.
    """
    texts: dict[str, list[str]] = {column: [] for column in config.texts}
    scores: dict[str, list[float]] = {column: [] for column in config.texts}
    for row in read_rows(config, [*config.texts, *config.texts.values()], root=root):
        for column, scored in config.texts.items():
            text, score = usable_text(row, column, config), number_of(row.values[scored], row, scored)
            if text is None or score is None:
                continue
            if not 0 <= score <= 1:
                raise HormesisError(
                    f"{row.origin}: the score {score:g} in {scored!r} is outside [0, 1]", "name a column of scores"
                )
            texts[column].append(text)
            scores[column].append(score)
    empty = [column for column in config.texts if not texts[column]]
    if empty:
        raise HormesisError(
            f"no text of {config.path or config.dataset} in {', '.join(empty)} has a score",
            "name the columns in `texts`, as TEXT: SCORE",
        )
    return {column: ScoredTexts(tuple(texts[column]), np.array(scores[column])) for column in config.texts}
