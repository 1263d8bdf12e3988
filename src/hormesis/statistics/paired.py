"""Shares against a reference share, paired by seed.

Mixtures are nested and initialisations shared within a seed, so the difference d of two shares is taken seed by seed:
its t interval, its standardised size (Hedges's d_z = J · mean(d) / sd(d), J = 1 - 3 / (4(n - 1) - 1)), and the exact
sign-flip permutation test (Fisher 1935): if a share changes nothing, each d is as likely with either sign. Over all
2^n patterns of signs the smallest two-sided p is 2^-(n-1): with two seeds .5, so no test of this kind can find
anything below six seeds at 5 %. Signs are flipped for all shares of a seed together, so the largest |t| over shares
gives p-values adjusted for having looked at all of them (Westfall and Young 1993).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hormesis.statistics.intervals import Interval, t_interval
from hormesis.statistics.panel import Floats, Panel

_MOST_EXACT = 12
_RANDOM_FLIPS = 1 << _MOST_EXACT


@dataclass(frozen=True)
class SignFlips:
    """p-values of a sign-flip test.

    :param p: two-sided, [comparisons].
    :param adjusted: the same, adjusted for all comparisons: [comparisons].
    :param smallest: the smallest p that so few seeds can give.
    """

    p: Floats
    adjusted: Floats
    smallest: float


@dataclass(frozen=True)
class PairedDifference:
    """One share minus the reference share, over seeds.

    :param student: mean and t interval.
    :param effect: Hedges's d_z; NaN for fewer than three seeds, or when no seed differs from another.
    :param p: exact two-sided sign-flip test; ``adjusted`` for all shares of the panel; ``smallest``: attainable.
    """

    share: float
    reference: float
    student: Interval
    effect: float
    p: float
    adjusted: float
    smallest: float


def sign_flip_test(differences: Floats) -> SignFlips:
    """Whether the mean of each row is 0.

    :param differences: one a seed, [comparisons, seeds]; columns are flipped as wholes. Exact up to 12 seeds, beyond
        that 4,096 random patterns (the observed one among them).
    """
    n = differences.shape[1]
    signs = _signs(n)
    length = np.sqrt(np.sum(differences**2, axis=1, keepdims=True))
    scaled = differences / np.where(length > 0, length, 1.0)  # Σ d² is the same for all signs: this orders as |t| does
    flipped = np.abs(scaled @ signs.T)  # [comparisons, patterns]; the first pattern is the observed one
    observed = flipped[:, :1] - 1e-12
    return SignFlips(
        np.mean(flipped >= observed, axis=1),
        np.mean(flipped.max(axis=0, keepdims=True) >= observed, axis=1),
        2.0 ** -(n - 1) if n <= _MOST_EXACT else 1 / _RANDOM_FLIPS,
    )


def paired_differences(panel: Panel, reference: int = 0) -> tuple[PairedDifference, ...]:
    """Each other share of a complete panel against the share of index ``reference`` (the lowest)."""
    others = [place for place in range(len(panel.shares)) if place != reference]
    if not others or not panel.seeds:
        return ()
    differences = panel.differences(reference)[others]
    flips = sign_flip_test(differences)
    return tuple(
        PairedDifference(
            float(panel.shares[place]),
            float(panel.shares[reference]),
            t_interval(row),
            hedges(row),
            float(flips.p[index]),
            float(flips.adjusted[index]),
            flips.smallest,
        )
        for index, (place, row) in enumerate(zip(others, differences, strict=True))
    )


def hedges(differences: Floats) -> float:
    """The standardised mean of paired differences, corrected for few of them; NaN below three or without spread."""
    n = len(differences)
    deviation = float(differences.std(ddof=1)) if n > 2 else 0.0
    if deviation < 1e-12:
        return math.nan
    return (1 - 3 / (4 * (n - 1) - 1)) * float(differences.mean()) / deviation


def _signs(n: int) -> Floats:
    """Patterns of signs [patterns, n], the unflipped one first."""
    if n <= _MOST_EXACT:
        bits: NDArray[np.int64] = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
        return np.asarray(1.0 - 2.0 * bits, dtype=np.float64)
    drawn = np.random.default_rng(0).integers(2, size=(_RANDOM_FLIPS, n))
    signs = np.asarray(2.0 * drawn - 1.0, dtype=np.float64)
    signs[0] = 1.0
    return signs
