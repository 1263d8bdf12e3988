"""Intervals cover what they say, or are known not to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from hormesis.statistics import t_interval
from tests.statistics.simulated import monte_carlo_error


def test_the_t_interval_is_that_of_scipy() -> None:
    values = np.array([0.3, 0.25, 0.41, 0.2])
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    found = t_interval(values)
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high))


@pytest.mark.parametrize("seeds", [2, 3, 8])
def test_the_t_interval_covers_at_any_number_of_seeds(seeds: int) -> None:
    draws = np.random.default_rng(seeds).normal(1.0, 2.0, (1000, seeds))
    covered = np.mean([each.low <= 1.0 <= each.high for each in map(t_interval, draws)])
    assert covered == pytest.approx(0.95, abs=monte_carlo_error(0.95, 1000))


def test_one_value_has_no_interval() -> None:
    found = t_interval([0.3])
    assert found.value == 0.3
    assert math.isnan(found.low)
    assert not found.excludes_zero
