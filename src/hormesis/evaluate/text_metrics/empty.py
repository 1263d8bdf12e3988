"""Continuations in which there is nothing to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hormesis.evaluate.text_metrics.marks import marked
from hormesis.evaluate.text_metrics.registry import text_metric

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations


@text_metric("empty continuations", more_is_better=False, breaks=True)
def empty(generations: Generations) -> np.ndarray:
    """No visible character."""
    return marked(generations, lambda text: not text.strip())
