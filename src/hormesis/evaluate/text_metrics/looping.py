"""Continuations that go round in circles (Holtzman et al. 2020, arXiv 1904.09751, on such loops)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from hormesis.evaluate.text_metrics.marks import marked, words_of
from hormesis.evaluate.text_metrics.registry import text_metric

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations

_TIMES = 3


@text_metric("looping continuations", more_is_better=False, breaks=True)
def looping(generations: Generations) -> np.ndarray:
    """A pair of words occurs three times or more."""
    return marked(generations, _is_looping)


def _is_looping(text: str) -> bool:
    words = words_of(text)
    pairs = Counter(zip(words, words[1:], strict=False))
    return max(pairs.values(), default=0) >= _TIMES
