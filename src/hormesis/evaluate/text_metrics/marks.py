"""For the metrics that mark single continuations by their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations


def marked(generations: Generations, test: Callable[[str], bool]) -> np.ndarray:
    """Which continuations pass ``test``, bool [prompts, strengths, samples]."""
    found = [[[test(text) for text in samples] for samples in prompt] for prompt in generations.texts]
    return np.array(found, dtype=bool).reshape(generations.tokens.shape[:3])


def words_of(text: str) -> list[str]:
    """What white space parts, case folded: so models with different tokenizers compare."""
    return text.casefold().split()
