"""Tests of shares hold their level under unequal spreads, heavy tails and own slopes of seeds; and find effects."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hormesis.statistics import Panel, alike, dip_test, fall_test, may_be_best, trend_test
from hormesis.statistics.best import below
from hormesis.statistics.panel import Floats
from tests.statistics.simulated import FALL_TO_A_FLOOR, FLAT, SHARES, SMILE, UNEQUAL, monte_carlo_error, panels

COUNT = 600
NOISES = pytest.mark.parametrize(
    ("noise", "tails"), [(0.03, np.inf), (UNEQUAL, np.inf), (UNEQUAL, 3.0)], ids=["equal", "unequal", "heavy"]
)
SEEDS = pytest.mark.parametrize("seeds", [2, 3, 8])


def test_the_p_of_a_pair_is_that_of_scipy() -> None:
    differences = np.random.default_rng(2).normal(0.1, 1.0, (3, 6))
    theirs = stats.ttest_1samp(differences, 0.2, axis=1, alternative="less").pvalue
    assert below(differences, 0.2) == pytest.approx(theirs)
    assert list(below(np.array([[0.1, 0.1], [-0.1, -0.1], [0.0, 0.0]]))) == [1.0, 0.0, 0.5]


@SEEDS
@NOISES
def test_the_true_best_is_in_the_set(seeds: int, noise: float | Floats, tails: float) -> None:
    held = np.mean([may_be_best(panel)[2] for panel in panels(SMILE, seeds, noise, COUNT, tails=tails)])
    assert held >= 0.95 - monte_carlo_error(0.95, COUNT)


@SEEDS
@NOISES
@pytest.mark.parametrize("shares", [2, 3, 6])
def test_where_all_shares_are_alike_none_is_named_and_the_lowest_has_no_privilege(
    seeds: int, noise: float | Floats, tails: float, shares: int
) -> None:
    noise = np.broadcast_to(noise, 6)[-shares:]
    sets = np.array([may_be_best(panel) for panel in panels(FLAT[:shares], seeds, noise, COUNT, tails=tails)])
    alone = sets[sets.sum(axis=1) == 1].sum(axis=0) / COUNT
    assert alone.sum() <= 0.05 + monte_carlo_error(0.05, COUNT)
    assert np.ptp(alone) <= 0.03, "as often one as another"


@SEEDS
@NOISES
@pytest.mark.parametrize("curve", [FLAT, FALL_TO_A_FLOOR, FALL_TO_A_FLOOR[::-1]], ids=["flat", "fall", "rise"])
def test_where_there_is_no_dip_few_are_found(curve: Floats, seeds: int, noise: float | Floats, tails: float) -> None:
    found = np.mean([dip_test(panel) < 0.05 for panel in panels(curve, seeds, noise, COUNT, tails=tails)])
    assert found <= 0.05 + monte_carlo_error(0.05, COUNT)


@SEEDS
@NOISES
def test_where_nothing_falls_few_falls_are_found(seeds: int, noise: float | Floats, tails: float) -> None:
    found = np.mean([fall_test(panel) < 0.05 for panel in panels(FLAT, seeds, noise, COUNT, tails=tails)])
    assert found <= 0.05 + monte_carlo_error(0.05, COUNT)


@SEEDS
def test_shares_that_differ_by_the_margin_are_rarely_called_alike(seeds: int) -> None:
    curve = np.array([0.30, 0.32, 0.30])
    found = np.mean([alike(panel, [0, 1, 2], 0.02) < 0.05 for panel in panels(curve, seeds, 0.01, COUNT)])
    assert found <= 0.05 + monte_carlo_error(0.05, COUNT)


def test_what_is_there_is_found_with_eight_seeds() -> None:
    smiles = panels(SMILE, 8, 0.02, 60)
    assert np.mean([dip_test(panel) < 0.05 for panel in smiles]) > 0.9
    assert np.mean([fall_test(panel) < 0.05 for panel in smiles]) > 0.9
    assert np.mean([may_be_best(panel).sum() <= 2 for panel in smiles]) > 0.9
    assert np.mean([alike(panel, [0, 3], 0.02) < 0.05 for panel in panels(FLAT, 8, 0.005, 60)]) > 0.9
    assert np.mean([trend_test(panel) < 0.05 for panel in panels(FLAT + SHARES, 8, 0.02, 60)]) > 0.9


@SEEDS
@pytest.mark.parametrize("slopes", [0.0, 0.1])
def test_a_trend_is_not_found_in_slopes_of_the_seeds_own(seeds: int, slopes: float) -> None:
    found = np.mean([trend_test(panel) < 0.05 for panel in panels(FLAT, seeds, 0.02, COUNT, slopes=slopes)])
    assert found == pytest.approx(0.05, abs=monte_carlo_error(0.05, COUNT))


def test_a_single_seed_says_nothing() -> None:
    panel = Panel(SHARES, ("0",), SMILE[:, None])
    assert np.isnan([dip_test(panel), fall_test(panel), trend_test(panel), alike(panel, [0, 1], 0.1)]).all()
    assert may_be_best(panel).all()
