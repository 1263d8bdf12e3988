"""Looks together err as often as they say, and stop a study whose difference is there."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hormesis.errors import HormesisError
from hormesis.statistics import looks_at, nominal_levels
from tests.statistics.simulated import monte_carlo_error


def test_one_look_has_the_whole_level_and_pococks_looks_are_alike() -> None:
    assert nominal_levels([8]) == pytest.approx([0.05], abs=1e-4)
    assert nominal_levels([4, 8], shape=0.5) == pytest.approx([0.0294, 0.0294], abs=2e-4)  # Pocock 1977
    assert nominal_levels([4, 8, 12], shape=0.0) == pytest.approx(
        [0.0005, 0.0141, 0.0451], abs=2e-4
    )  # O'Brien, Fleming


def test_the_levels_are_those_of_the_multivariate_normal() -> None:
    looks = [4, 8, 12]
    fractions = np.array(looks) / 12
    correlation = np.sqrt(np.minimum.outer(fractions, fractions) / np.maximum.outer(fractions, fractions))
    bounds = stats.norm.isf(np.array(nominal_levels(looks)) / 2)
    within = stats.multivariate_normal(np.zeros(3), correlation, seed=0).cdf(bounds, lower_limit=-bounds)
    assert 1 - within == pytest.approx(0.05, abs=5e-4)


@pytest.mark.parametrize(("effect", "chance"), [(0.0, 0.05), (0.03, None)])
def test_all_looks_together_keep_the_level_and_find_what_is_there(effect: float, chance: float | None) -> None:
    drawn = np.random.default_rng(3).normal(effect, 0.02, (1500, 12))
    rate = float(np.mean([any(look.p <= look.level for look in looks_at(row, [4, 8, 12])) for row in drawn]))
    if chance is None:
        assert rate > 0.97
    else:
        assert rate <= chance + monte_carlo_error(chance, 1500)


def test_a_look_comes_when_its_seeds_are_there() -> None:
    drawn = np.random.default_rng(0).normal(0.0, 0.001, 9)
    found = looks_at(drawn, [4, 8, 12], margin=0.02)
    assert [look.seeds for look in found] == [4, 8]
    assert found[0].decided and found[0].alike < 0.001, "alike within the margin"
    assert found[0].difference.high - found[0].difference.low > found[1].difference.high - found[1].difference.low


@pytest.mark.parametrize("looks", [[], [1, 4], [8, 4], [4, 4]])
def test_looks_that_do_not_ascend_are_refused(looks: list[int]) -> None:
    with pytest.raises(HormesisError, match="must ascend"):
        nominal_levels(looks)
