"""Repetition within a continuation (Welleck et al. 2020, arXiv 1908.04319, seq-rep-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hormesis.evaluate.text_metrics.grams import different, gram_ids, ratio
from hormesis.evaluate.text_metrics.registry import text_metric

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations

_LENGTH = 4


@text_metric("repetition", more_is_better=False)
def repetition(generations: Generations) -> np.ndarray:
    """The share of 4-grams of tokens that occurred before in the same continuation."""
    ids = gram_ids(generations.tokens, _LENGTH)
    present = (ids >= 0).sum(-1)
    return ratio((present - different(ids)).sum(-1), present.sum(-1))
