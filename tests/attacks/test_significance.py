"""Rates and paired tests against closed forms."""

from __future__ import annotations

import math

import pytest
from scipy.stats import binom, norm

from hormesis.attacks import mcnemar, rate_of
from hormesis.errors import HormesisError


@pytest.mark.parametrize(("successes", "n"), [(0, 7), (3, 20), (19, 20), (50, 100)])
def test_wilson_is_the_closed_form(successes: int, n: int) -> None:
    found = rate_of([True] * successes + [False] * (n - successes))
    z, p = norm.ppf(0.975), successes / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    wide = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (found.value, found.n) == (p, n)
    assert found.low == pytest.approx(middle - wide, abs=1e-12)
    assert found.high == pytest.approx(middle + wide, abs=1e-12)


def test_mcnemar_is_the_exact_binomial_of_the_differing_pairs() -> None:
    first = [True] * 9 + [False] * 2 + [True] * 5 + [False] * 4
    second = [False] * 9 + [True] * 2 + [True] * 5 + [False] * 4
    found = mcnemar(first, second)
    assert (found.only_first, found.only_second) == (9, 2)
    assert found.p == pytest.approx(2 * binom.cdf(2, 11, 0.5))
    assert mcnemar(first, first).p == 1.0
    assert math.isnan(rate_of([]).value)
    with pytest.raises(HormesisError, match="same prompts"):
        mcnemar(first, first[1:])
