"""Continuations that are not text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hormesis.evaluate.text_metrics.marks import marked
from hormesis.evaluate.text_metrics.registry import text_metric

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations


@text_metric("continuations that are not text", more_is_better=False, breaks=True)
def not_text(generations: Generations) -> np.ndarray:
    """Fewer than half of the visible characters are letters or digits; a byte that is no UTF-8 counts as visible."""
    return marked(generations, _is_not_text)


def _is_not_text(text: str) -> bool:
    visible = [character for character in text if not character.isspace()]
    return bool(visible) and 2 * sum(character.isalnum() for character in visible) < len(visible)
