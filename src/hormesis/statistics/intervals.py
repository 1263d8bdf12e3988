"""Intervals of a mean over seeds: Student's t, and the percentile bootstrap.

The t interval holds its level for any number of seeds from two on, if the seeds' values are about normal. The
percentile bootstrap cannot leave the range of the seeds that it resamples: with two seeds it covers half of the time,
with three 79 %, with eight 89 % (``benchmarks/statistics.py``). It is given beside t because it assumes no shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

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
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 1) * array.std(ddof=1) / math.sqrt(n))
    return Interval(mean, mean - half, mean + half, n, STUDENT)


def bootstrap_interval(values: ArrayLike, confidence: float = 0.95, *, resamples: int = 2000) -> Interval:
    """The percentile interval of the mean over resampled values (scipy); equal input gives equal intervals."""
    array = np.asarray(values, dtype=np.float64)
    n = len(array)
    mean = float(array.mean()) if n else math.nan
    if n < 2:
        return Interval(mean, math.nan, math.nan, n, BOOTSTRAP)
    found = stats.bootstrap(
        (array,),
        np.mean,
        n_resamples=resamples,
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high), n, BOOTSTRAP)
