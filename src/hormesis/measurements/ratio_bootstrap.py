"""Percentile bootstrap intervals for averages, over units (prompts, documents) and over seeds × units.

All averages here are ratios of sums, Σ a / Σ b: b is 1 for a mean over prompts and 0 where a score failed,
the number of tokens for a token-weighted cross-entropy, of bytes for bits a byte. A resample is a vector of
counts, so all resamples of all averages of a table are a few matrix products, and they share their resamples.
``scipy.stats.bootstrap`` handles one statistic of one way of sampling: it has no crossed resampling and
gathers every resample in memory (averages × resamples × units); the tests hold this file against it where
both apply.

*Crossed.* Models of several seeds answer the same prompts: seeds and prompts are two crossed samples, so both
are resampled, independently (the pigeonhole bootstrap: Owen 2007, doi 10.1214/07-AOAS122, which proves it
mildly conservative). With few seeds the interval cannot say more than they do: below about five, the part of
it that comes from seeds is too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr

_BLOCK = 2**24
"""Numbers in the largest temporary array."""


@short_repr
@dataclass(frozen=True)
class Intervals:
    """Averages with their intervals; each array is float64 [averages], n int64 [averages].

    value: Σ a / Σ b, NaN where Σ b is 0. low, high: percentile interval, NaN where there is one unit or none.
    n: units with b > 0, over all seeds.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray


def bootstrap(
    numerators: np.ndarray,
    denominators: np.ndarray,
    *,
    resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Intervals:
    """Intervals of Σ numerators / Σ denominators.

    :param numerators: a, [averages, seeds, units]; ignored where b is 0. Units of equal index are the same
        prompt.
    :param denominators: b ≥ 0, the same shape.
    :param seed: of the resampling; equal input gives equal intervals.
    :raises HormesisError: shapes differ.
    """
    if numerators.shape != denominators.shape or numerators.ndim != 3:
        raise HormesisError(
            f"shapes {numerators.shape} and {denominators.shape} are not both [averages, seeds, units]",
            "pool models over the same prompts only, and give one row of them for each seed",
        )
    averages, seeds, units = numerators.shape
    weights = np.asarray(denominators, dtype=np.float64)
    sums = np.where(weights > 0, numerators, 0.0)
    total = weights.sum((1, 2))
    n = (weights > 0).sum((1, 2))
    with np.errstate(invalid="ignore"):
        value = sums.sum((1, 2)) / np.where(total > 0, total, np.nan)
    generator = np.random.default_rng(seed)
    drawn = np.empty((resamples, averages))
    # Blocks of a fixed size would change the random numbers with the number of averages: the size depends on
    # units alone.
    step = max(1, _BLOCK // max(1, units) // 8)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        unit_counts = _counts(generator, size, units)
        seed_counts = _counts(generator, size, seeds)
        top, bottom = (_resampled(array, unit_counts, seed_counts) for array in (sums, weights))
        drawn[start : start + size] = top / np.where(bottom > 0, bottom, np.nan)
    low, high = np.full(averages, np.nan), np.full(averages, np.nan)
    known = n > 1
    if known.any():
        tail = (1 - confidence) / 2
        low[known], high[known] = np.nanquantile(drawn[:, known], [tail, 1 - tail], axis=0)
    return Intervals(value, low, high, n)


def _counts(generator: np.random.Generator, resamples: int, units: int) -> np.ndarray:
    """How often each unit is in each resample: float64 [resamples, units], rows summing to ``units``."""
    if units == 1:
        return np.ones((resamples, 1))
    places = generator.integers(units, size=(resamples, units))
    places += np.arange(resamples)[:, None] * units
    counted = np.bincount(places.ravel(), minlength=resamples * units)
    return counted.reshape(resamples, units).astype(np.float64)


def _resampled(array: np.ndarray, unit_counts: np.ndarray, seed_counts: np.ndarray) -> np.ndarray:
    """Σ over seeds and units of ``array`` times both counts: [resamples, averages]."""
    averages, seeds, units = array.shape
    over_units = unit_counts @ array.reshape(averages * seeds, units).T
    sums: np.ndarray = np.einsum("ras,rs->ra", over_units.reshape(-1, averages, seeds), seed_counts)
    return sums
