"""A labeller, and documents that it scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from hormesis.corpus import Document
from hormesis.corpus.recipes import (
    DocumentTransform,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
scores = st.floats(0, 1)


def geese(batch: Sequence[str]) -> npt.NDArray[np.float64]:
    """A labeller that minds geese."""
    return np.array([min(1.0, 0.5 * text.count("goose")) for text in batch])


def one(transform: DocumentTransform, text: str, score: float) -> Document | None:
    return transform.transform(Document(text, "a"), [score] * len(transform.spans(text)))
