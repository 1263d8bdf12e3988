"""Distinct-n, by hand."""

from __future__ import annotations

import math

import pytest

from tests.evaluate.text_metrics.continuations import measured


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("distinct_1", 3 / 9), ("distinct_2", 3 / 7), ("distinct_3", 3 / 5)],  # 1 2 3; 12 21 23; 121 212 123
)
def test_different_grams_among_all_samples_of_a_prompt(metric: str, expected: float) -> None:
    found, of_nothing = measured(metric)
    assert found == expected and math.isnan(of_nothing)
