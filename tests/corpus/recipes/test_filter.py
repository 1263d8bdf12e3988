"""Filtering: a threshold parts the documents."""

from __future__ import annotations

from hypothesis import given

from hormesis.corpus.recipes import (
    Filter,
)
from tests.corpus.recipes.labelled import one, scores


@given(scores, scores, scores)
def test_a_filter_is_monotone_in_its_threshold(score: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert one(Filter(threshold=low), "goose", score) is None or one(Filter(threshold=high), "goose", score)
    inverse = one(Filter(threshold=low, keep="above"), "goose", score)
    assert (inverse is None) != (one(Filter(threshold=low), "goose", score) is None), "each document is on one side"
