"""Intervals and corrections."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from hormesis.toy.statistics import benjamini_hochberg, difference, holm


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    found = [difference(rng.normal(0.3, 1.0, 12)) for _ in range(2000)]
    covered = np.mean([one.low <= 0.3 <= one.high for one in found])
    assert covered == pytest.approx(0.95, abs=0.015)


def test_the_test_is_scipys_and_the_interval_agrees_with_it() -> None:
    values = np.random.default_rng(1).normal(0.5, 1.0, 20)
    found = difference(values)
    assert found.p_value == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


def test_too_few_seeds_give_a_mean_but_no_interval() -> None:
    found = difference([0.1, math.nan, 0.3])
    assert found.n == 2 and found.mean == pytest.approx(0.2)
    assert math.isnan(found.low) and math.isnan(found.p_value)
    assert difference([]).n == 0


def test_holm_by_hand() -> None:
    adjusted = holm(np.array([0.01, 0.04, np.nan, 0.03]))
    np.testing.assert_allclose(adjusted, [0.03, 0.06, np.nan, 0.06])


def test_corrections_only_raise_p_values_and_holm_raises_most() -> None:
    p_values = np.random.default_rng(0).uniform(0, 0.2, 40)
    assert (benjamini_hochberg(p_values) >= p_values).all()
    assert (holm(p_values) >= benjamini_hochberg(p_values) - 1e-12).all()


def test_holm_keeps_its_promise_under_the_null() -> None:
    rng = np.random.default_rng(0)
    false_findings = np.mean([(holm(rng.uniform(size=50)) < 0.05).any() for _ in range(1000)])
    assert false_findings < 0.075
