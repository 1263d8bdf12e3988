"""How long continuations are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hormesis.evaluate.text_metrics.registry import text_metric

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations


@text_metric("mean length")
def length(generations: Generations) -> np.ndarray:
    """The mean tokens of a continuation."""
    mean: np.ndarray = (generations.tokens >= 0).sum(-1).mean(-1)
    return mean
