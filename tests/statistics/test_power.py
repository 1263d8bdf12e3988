"""The noncentral t against simulation and against the normal limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from hormesis.statistics import minimum_detectable_effect, power_of, seeds_needed, spread_interval
from tests.statistics.simulated import monte_carlo_error


@pytest.mark.parametrize("seeds", [2, 3, 8])
def test_the_power_is_that_of_simulated_t_tests(seeds: int) -> None:
    effect = minimum_detectable_effect(0.1, seeds)
    draws = np.random.default_rng(seeds).normal(effect, 0.1, (4000, seeds))
    found = np.mean(stats.ttest_1samp(draws, 0.0, axis=1).pvalue < 0.05)
    assert power_of(effect, 0.1, seeds) == pytest.approx(0.8, abs=1e-6)
    assert found == pytest.approx(0.8, abs=monte_carlo_error(0.8, 4000))


@pytest.mark.parametrize("seeds", [2, 5, 50])
def test_the_power_is_that_of_scipys_noncentral_t(seeds: int) -> None:
    critical = stats.t.ppf(0.975, seeds - 1)
    for shift in (0.1, 1.0, 5.0):
        law = stats.nct(seeds - 1, shift)
        wanted = law.sf(critical) + np.nan_to_num(law.cdf(-critical))
        assert power_of(shift / math.sqrt(seeds), 1.0, seeds) == pytest.approx(wanted, abs=1e-12)


def test_no_effect_is_found_at_the_level() -> None:
    assert power_of(0.0, 1.0, 6) == pytest.approx(0.05)


def test_many_seeds_need_what_the_normal_formula_says() -> None:
    normal = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2 / 0.05**2
    assert seeds_needed(0.05, 1.0) == pytest.approx(normal, rel=0.01)


def test_the_seeds_needed_are_the_fewest() -> None:
    needed = seeds_needed(-0.3, 0.4)
    assert needed is not None
    assert power_of(0.3, 0.4, needed) >= 0.8 > power_of(0.3, 0.4, needed - 1)
    assert seeds_needed(0.0, 1.0) is None
    assert seeds_needed(0.1, math.nan) is None


def test_the_interval_of_a_spread_covers() -> None:
    draws = np.random.default_rng(0).normal(0, 2.0, (1000, 6)).std(axis=1, ddof=1)
    covered = np.mean([low <= 2.0 <= high for low, high in (spread_interval(float(each), 5) for each in draws)])
    assert covered == pytest.approx(0.95, abs=monte_carlo_error(0.95, 1000))
