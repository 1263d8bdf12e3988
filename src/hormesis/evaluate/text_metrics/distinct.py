"""Distinct-n: different n-grams / n-grams of tokens, over a prompt's samples (Li et al. 2016, arXiv 1510.03055)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hormesis.evaluate.text_metrics.grams import different, gram_ids, ratio
from hormesis.evaluate.text_metrics.registry import text_metric

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations


@text_metric("distinct-1", more_is_better=True)
def distinct_1(generations: Generations) -> np.ndarray:
    """Of single tokens."""
    return _distinct(generations, 1)


@text_metric("distinct-2", more_is_better=True)
def distinct_2(generations: Generations) -> np.ndarray:
    """Of pairs."""
    return _distinct(generations, 2)


@text_metric("distinct-3", more_is_better=True)
def distinct_3(generations: Generations) -> np.ndarray:
    """Of threes."""
    return _distinct(generations, 3)


def _distinct(generations: Generations, length: int) -> np.ndarray:
    ids = gram_ids(generations.tokens, length)
    pooled = ids.reshape(*ids.shape[:2], -1)
    return ratio(different(pooled), (pooled >= 0).sum(-1))
