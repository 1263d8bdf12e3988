"""Successes counted: the Wilson interval of one rate, and the exact paired test of two.

Wilson 1927 (doi 10.1080/01621459.1927.10502953); McNemar 1947 (doi 10.1007/BF02295996), exact: of the b + c prompts on
which two models differ, b is binomial with p = 1/2 if they are equally easy to attack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from hormesis.errors import HormesisError


@dataclass(frozen=True)
class Rate:
    """successes of n, with the 95 % Wilson interval. value: NaN of none."""

    value: float
    low: float
    high: float
    n: int


def rate_of(successes: Sequence[bool]) -> Rate:
    """The rate of True."""
    if not successes:
        nan = float("nan")
        return Rate(nan, nan, nan, 0)
    low, high = binomtest(sum(successes), len(successes)).proportion_ci(0.95, method="wilson")
    return Rate(sum(successes) / len(successes), float(low), float(high), len(successes))


@dataclass(frozen=True)
class PairedTest:
    """only_first, only_second: prompts on which one alone succeeded. p: two-sided."""

    only_first: int
    only_second: int
    p: float


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> PairedTest:
    """Compare successes on the same prompts, in the same order.

    :raises HormesisError: they are not of equal number.
    """
    if len(first) != len(second):
        raise HormesisError(
            f"{len(first)} and {len(second)} outcomes are not on the same prompts", "attack both models on all prompts"
        )
    b = sum(one and not other for one, other in zip(first, second, strict=True))
    c = sum(other and not one for one, other in zip(first, second, strict=True))
    return PairedTest(b, c, float(binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0)
