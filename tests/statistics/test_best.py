"""The set of shares that may be best covers the best; a dip is found where there is one and not where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hormesis.statistics import Panel, dip_test, fall_test, may_be_best
from hormesis.statistics.dunnett import dunnett_distribution, dunnett_quantile
from hormesis.statistics.panel import Floats
from tests.statistics.simulated import FALL_TO_A_FLOOR, FLAT, SHARES, SMILE, monte_carlo_error, panels

COUNT = 300


def test_dunnetts_distribution_is_the_multivariate_t() -> None:
    correlation = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    theirs = stats.multivariate_t(shape=correlation, df=8, seed=0).cdf(np.full(3, 1.7))
    assert dunnett_distribution(1.7, 3, 8) == pytest.approx(float(theirs), abs=2e-4)


def test_critical_values_are_those_of_the_tables() -> None:
    assert dunnett_quantile(1, 10) == pytest.approx(float(stats.t.ppf(0.95, 10)), abs=1e-3)
    assert dunnett_quantile(3, 10) == pytest.approx(2.34, abs=0.005)  # Dunnett 1955, table 1a


@pytest.mark.parametrize("seeds", [2, 3, 8])
def test_the_true_best_is_in_the_set(seeds: int) -> None:
    held = np.mean([may_be_best(panel)[2] for panel in panels(SMILE, seeds, 0.05, COUNT)])
    assert held >= 0.95 - monte_carlo_error(0.95, COUNT)


@pytest.mark.parametrize("seeds", [2, 3, 8])
@pytest.mark.parametrize("curve", [FLAT, FALL_TO_A_FLOOR, FALL_TO_A_FLOOR[::-1]], ids=["flat", "fall", "rise"])
def test_where_there_is_no_dip_few_are_found(curve: Floats, seeds: int) -> None:
    found = np.mean([dip_test(panel) < 0.05 for panel in panels(curve, seeds, 0.03, COUNT)])
    assert found <= 0.05 + monte_carlo_error(0.05, COUNT)


def test_the_hardest_case_uses_the_level_up() -> None:
    found = np.mean([dip_test(panel) < 0.05 for panel in panels(FALL_TO_A_FLOOR, 3, 0.03, COUNT)])
    assert found == pytest.approx(0.05, abs=monte_carlo_error(0.05, COUNT))


def test_a_planted_dip_is_found() -> None:
    assert np.mean([dip_test(panel) < 0.05 for panel in panels(SMILE, 3, 0.015, 60)]) > 0.9
    assert np.mean([fall_test(panel) < 0.05 for panel in panels(SMILE, 3, 0.015, 60)]) > 0.9


def test_a_single_seed_says_nothing() -> None:
    panel = Panel(SHARES, ("0",), SMILE[:, None])
    assert np.isnan(dip_test(panel))
    assert np.isnan(fall_test(panel))
    assert may_be_best(panel).all()
