"""Continuations that copy their prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hormesis.evaluate.text_metrics.marks import words_of
from hormesis.evaluate.text_metrics.registry import text_metric

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations

_WORDS = 5


@text_metric("copied continuations", more_is_better=False, breaks=True)
def copied(generations: Generations) -> np.ndarray:
    """Five words of the prompt in a row."""
    found = np.zeros(generations.tokens.shape[:3], dtype=bool)
    for place, (prompt, strengths) in enumerate(zip(generations.prompts, generations.texts, strict=True)):
        runs = _runs(prompt)
        found[place] = [[not runs.isdisjoint(_runs(text)) for text in samples] for samples in strengths]
    return found


def _runs(text: str) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[start : start + _WORDS]) for start in range(len(words) - _WORDS + 1)}
