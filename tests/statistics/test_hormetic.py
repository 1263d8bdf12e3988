"""The hormetic curve is recovered, has the dose 0 that it says, and is no better than least squares allows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from hormesis.statistics import Hormetic, fit_hormetic
from hormesis.statistics.hormetic import HormeticGrid
from tests.statistics.simulated import SHARES, SMILE

TRUE = Hormetic(steepness=2.5, scale=0.4, lowest_dose=0.3, stimulation=3.0, limit=1.0)
FINE = np.linspace(0, 0.25, 101)


def test_dose_zero_is_what_it_is_called() -> None:
    assert TRUE(np.array([0.0]))[0] == pytest.approx(TRUE.lowest_dose)
    assert TRUE(np.array([1e9]))[0] == pytest.approx(TRUE.limit, abs=1e-3)


def test_it_is_brain_and_cousens_formula() -> None:
    x = SHARES[1:]
    denominator = 1 + np.exp(TRUE.steepness * (np.log(x) - np.log(TRUE.scale)))
    expected = TRUE.limit + (TRUE.lowest_dose - TRUE.limit - TRUE.stimulation * x) / denominator
    assert TRUE(x) == pytest.approx(expected)


def test_a_planted_dip_is_recovered() -> None:
    found = fit_hormetic(SHARES, TRUE(SHARES))
    assert found(SHARES) == pytest.approx(TRUE(SHARES), abs=1e-4)
    assert FINE[found(FINE).argmin()] == pytest.approx(FINE[TRUE(FINE).argmin()], abs=0.01)
    noisy = TRUE(SHARES) + np.random.default_rng(0).normal(0, 0.005, 6)
    fine = fit_hormetic(SHARES, noisy)(FINE)
    assert FINE[fine.argmin()] == pytest.approx(FINE[TRUE(FINE).argmin()], abs=0.04)


def test_what_only_rises_has_no_stimulation_and_no_dip() -> None:
    found = fit_hormetic(SHARES, 0.2 + SHARES)
    assert found(FINE).argmin() == 0
    assert found.stimulation == pytest.approx(0.0, abs=0.2)


def test_the_limit_can_be_fitted_too() -> None:
    shares = np.linspace(0, 1, 12)
    true = Hormetic(2.0, 0.3, 0.3, 1.5, 0.5)
    found = fit_hormetic(shares, true(shares), limit=None)
    assert found(shares) == pytest.approx(true(shares), abs=2e-3)
    assert found.fitted == 5


def test_the_grid_solves_the_bounded_problem_of_each_place() -> None:
    grid = HormeticGrid(SHARES)
    squares, parameters = grid.solve(np.stack([SMILE, SMILE[::-1], 0.2 + SHARES]))
    for place in (0, 57, len(grid.scale) - 1):
        for index, toxicity in enumerate((SMILE, SMILE[::-1], 0.2 + SHARES)):
            theirs = optimize.lsq_linear(
                grid.columns[place], toxicity - grid.offset[place], ([-np.inf, 0], np.inf), method="bvls"
            )
            assert squares[place, index] == pytest.approx(2 * theirs.cost, abs=1e-8)
            assert parameters[place, 1, index] >= 0
