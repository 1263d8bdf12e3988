"""A stream of documents is scored, counted and bounded."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from hormesis.corpus import Document
from hormesis.corpus.recipes import (
    Filter,
    Mask,
    transformed,
)
from hormesis.errors import HormesisError
from tests.corpus.conftest import documents, invented
from tests.corpus.recipes.labelled import geese


def test_a_stream_is_scored_in_order_and_counted() -> None:
    stream = transformed(documents(3000), Filter(), geese)
    kept = list(stream)
    assert kept == [document for document in documents(3000) if "goose" not in document.text]
    everything = sum(len(text.encode()) for text in invented(3000))
    assert (stream.read_bytes, stream.kept_bytes) == (everything, sum(len(d.text.encode()) for d in kept))
    assert stream.kept == stream.kept_bytes / everything
    assert transformed([], Filter(), geese).kept == 1


def test_memory_does_not_grow_with_the_stream() -> None:
    def stream(number: int) -> Iterator[Document]:
        return (Document(f"the goose {i} crossed the river " * 20, "a") for i in range(number))

    def peak(number: int) -> int:
        tracemalloc.start()
        for _ in transformed(stream(number), Mask(unit="sentence"), geese):
            pass
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    assert peak(6000) < 1.3 * peak(1500)


def test_a_score_that_failed_is_not_made_up() -> None:
    def failing(batch: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.full(len(batch), np.nan)

    with pytest.raises(HormesisError, match="no score to 3 of 3 texts of the source 'invented'"):
        list(transformed(documents(3), Filter(), failing))
    with pytest.raises(ValueError, match="outside"):
        list(transformed(documents(3), Filter(), lambda batch: np.full(len(batch), 2.0)))
    with pytest.raises(ValueError, match="shape"):
        list(transformed(documents(3), Filter(), lambda batch: np.zeros(len(batch) + 1)))
