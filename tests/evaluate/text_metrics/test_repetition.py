"""Repetition, by hand."""

from __future__ import annotations

import math

from tests.evaluate.text_metrics.continuations import measured


def test_grams_that_occurred_before() -> None:
    found, of_nothing = measured("repetition")
    assert found == 1 / 3 and math.isnan(of_nothing)  # 1212 2121 1212
