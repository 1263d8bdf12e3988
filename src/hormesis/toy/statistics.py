"""Differences over seeds with intervals, and p-values that know how many of them were looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from hormesis.statistics.paired import hedges

MINIMUM_SEEDS = 5  # fewer differences than this give no interval worth drawing


@dataclass(frozen=True)
class Difference:
    """The mean of one value a seed, with a 95 % t-interval; all but ``n`` and ``mean`` are NaN for too few seeds.

    :ivar effect: mean / standard deviation over seeds (Cohen's d_z), small-sample corrected (Hedges).
    :ivar p_value: two-sided t-test against 0, not corrected for anything.
    """

    n: int
    mean: float
    low: float
    high: float
    effect: float
    p_value: float


def difference(values: Sequence[float] | NDArray[np.float64]) -> Difference:
    """Summarise one value a seed (a difference paired by seed, or a plain mean); NaN values are left out."""
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    n = len(array)
    mean = float(array.mean()) if n else math.nan
    deviation = float(array.std(ddof=1)) if n > 1 else 0.0
    if n < MINIMUM_SEEDS or deviation < 1e-12:
        return Difference(n, mean, math.nan, math.nan, math.nan, math.nan)
    result = stats.ttest_1samp(array, 0.0)
    low, high = result.confidence_interval(0.95)
    return Difference(n, mean, float(low), float(high), hedges(array), float(result.pvalue))


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Holm's adjusted p-values: the chance of even one false finding in the family is at most each of them.

    NaN stays NaN and is not counted.
    """
    adjusted = np.full(p_values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1.0)
    return adjusted


def benjamini_hochberg(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Benjamini and Hochberg's adjusted p-values (false discovery rate). NaN stays NaN and is not counted."""
    adjusted = np.full(p_values.shape, np.nan)
    known = np.isfinite(p_values)
    if known.any():
        adjusted[known] = stats.false_discovery_control(p_values[known], method="bh")
    return adjusted
