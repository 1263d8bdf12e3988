"""The sign-flip test is exact, and knows how little a few seeds can say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hormesis.statistics import paired_differences, sign_flip_test
from tests.statistics.simulated import FLAT, SMILE, monte_carlo_error, panels


def test_it_is_the_permutation_test_of_scipy() -> None:
    differences = np.random.default_rng(3).normal(0.4, 1.0, (2, 7))
    found = sign_flip_test(differences)
    for row, p in zip(differences, found.p, strict=True):
        theirs = stats.permutation_test((row,), np.mean, permutation_type="samples", n_resamples=10**6)
        assert p == pytest.approx(theirs.pvalue)
    assert (found.adjusted >= found.p).all()


@pytest.mark.parametrize(("seeds", "smallest"), [(1, 1.0), (2, 0.5), (3, 0.25), (8, 1 / 128)])
def test_the_smallest_p_is_that_of_the_least_likely_pattern(seeds: int, smallest: float) -> None:
    found = sign_flip_test(np.arange(1.0, seeds + 1)[None])
    assert found.smallest == smallest
    assert found.p[0] == pytest.approx(smallest)


def test_no_more_than_five_in_a_hundred_families_hold_a_false_finding() -> None:
    found = [sign_flip_test(panel.differences()[1:]).adjusted.min() for panel in panels(FLAT, 8, 0.02, 400)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + monte_carlo_error(0.05, 400)


def test_a_share_is_compared_within_seeds() -> None:
    panel = panels(SMILE, 8, 0.005, 1, between=10.0)[0]
    found = {each.share: each for each in paired_differences(panel)}
    assert found[0.10].student.high < -0.08
    assert found[0.10].p == found[0.10].smallest
    assert found[0.10].effect < -5
    assert found[0.05].reference == 0.0
