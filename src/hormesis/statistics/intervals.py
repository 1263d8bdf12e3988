"""Intervals of a mean over seeds: Student's t, and the percentile bootstrap.

The t interval holds its level for any number of seeds from two on, if the seeds' values are about normal. The
percentile bootstrap cannot leave the range of the seeds that it resamples: with two seeds it covers half of the time,
with three 79 %, with eight 89 % (``benchmarks/statistics.py``). It is given beside t because it assumes no shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

FEW = 5
"""Below so many seeds an interval rests on an assumption more than on the data: say so."""
STUDENT = "95 % t over seeds"
BOOTSTRAP = "95 % bootstrap over seeds"


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % interval; ``low`` and ``high`` are NaN for fewer than two values.

    :param kind: ``STUDENT`` or ``BOOTSTRAP``.
    """

    value: float
    low: float
    high: float
    n: int
    kind: str

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside; False where there is no interval."""
        return self.low > 0 or self.high < 0


def t_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Mean ± t · s / √n, with n - 1 degrees of freedom."""
    array = np.asarray(values, dtype=np.float64)
    n = len(array)
    mean = float(array.mean()) if n else math.nan
    if n < 2:
        return Interval(mean, math.nan, math.nan, n, STUDENT)
    half = float(special.stdtrit(n - 1, 0.5 + confidence / 2) * array.std(ddof=1) / math.sqrt(n))
    return Interval(mean, mean - half, mean + half, n, STUDENT)


def bootstrap_interval(values: ArrayLike, confidence: float = 0.95, *, resamples: int = 2000) -> Interval:
    """The percentile interval of the mean over resampled values; equal input gives equal intervals.

    To the bit what ``scipy.stats.bootstrap`` gives; by hand, for importing :mod:`scipy.stats` takes longer than all
    else that a recommendation needs.
    """
    array = np.asarray(values, dtype=np.float64)
    n = len(array)
    mean = float(array.mean()) if n else math.nan
    if n < 2:
        return Interval(mean, math.nan, math.nan, n, BOOTSTRAP)
    drawn = np.random.default_rng(0).integers(0, n, (resamples, n))
    means = np.sort(array[drawn].mean(axis=-1))
    tail = (1 - confidence) / 2
    return Interval(mean, _quantile(means, tail), _quantile(means, 1 - tail), n, BOOTSTRAP)


def _quantile(values: NDArray[np.float64], share: float) -> float:
    """Of sorted values, between neighbours in proportion (type 7 of Hyndman and Fan 1996)."""
    place = share * len(values) + (1 - share) - 1
    below, part = int(place // 1), place % 1
    return float((1 - part) * values[below] + part * values[below + 1])
