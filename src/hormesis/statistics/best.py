"""Which shares may be the best, are alike within a margin, or form a dip: paired t-tests that share no spread.

Noise is not equally large at every share (steered models of a high share vary more), and the shares of one seed are
correlated, for their mixtures are nested. So every comparison here is of two shares, seed by seed: the differences of
two shares are as many independent draws as there are seeds, whatever the two spreads are, and their t-test holds its
level for about normal noise. Families of comparisons are adjusted by Bonferroni's inequality, which assumes nothing
about how they go together. The price is power: two seeds show next to nothing, three little.

- *The set of shares that may be best* (after Gupta 1965, doi 10.1080/00401706.1965.10490251): those that no other
  share lies below at a two-sided 5 % / (shares - 1), so that a share left out has a paired interval beside 0. It holds
  the true best with a chance of at least 97.5 %; of two equal shares, either is named alone in at most 5 %.
- *Alike*: two one-sided tests (Schuirmann 1987) say that a difference is less than a margin in both directions. That
  several shares are alike is said if every two of them are, each at 5 % (an intersection-union test, Berger 1982).
- *A dip*: some share between the ends lies below both of them; for each the larger of the two p counts, and the
  smallest over shares is adjusted for all that lie between.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hormesis.statistics.panel import Floats, Panel


def below(differences: Floats, shift: float = 0.0) -> Floats:
    """One-sided p of paired t-tests that the mean of each row lies below ``shift``.

    :param differences: [comparisons, seeds].
    :return: [comparisons]; NaN for fewer than two seeds.
    """
    seeds = differences.shape[1]
    if seeds < 2:
        return np.full(len(differences), math.nan)
    mean, error = differences.mean(axis=1) - shift, differences.std(axis=1, ddof=1) / math.sqrt(seeds)
    # Without any spread the sign decides.
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 1e-12, mean / error, np.sign(np.where(np.abs(mean) > 1e-12, mean, 0.0)) * np.inf)
    return np.asarray(special.stdtr(seeds - 1, np.nan_to_num(t, nan=0.0, posinf=np.inf, neginf=-np.inf)))


def may_be_best(panel: Panel, confidence: float = 0.95) -> NDArray[np.bool_]:
    """Which shares of a complete panel may have the lowest value: bool [shares]; all of them with a single seed."""
    count = len(panel.shares)
    if count < 2 or len(panel.seeds) < 2:
        return np.ones(count, dtype=bool)
    level = (1 - confidence) / 2 / (count - 1)
    return np.array([not (below(np.delete(panel.differences(i), i, axis=0)) < level).any() for i in range(count)])


def alike(panel: Panel, shares: Sequence[int], margin: float) -> float:
    """p that every two of these shares differ by less than ``margin``; NaN for fewer than two seeds or shares.

    :param shares: their indices.
    :param margin: in the panel's unit, above 0.
    """
    if len(panel.seeds) < 2 or len(shares) < 2:
        return math.nan
    pairs = np.stack([panel.values[one] - panel.values[other] for one, other in combinations(shares, 2)])
    return float(max(below(pairs, margin).max(), below(-pairs, margin).max()))


def fall_test(panel: Panel) -> float:
    """p that no share is lower than the lowest share; NaN with a single seed or share."""
    if len(panel.seeds) < 2 or len(panel.shares) < 2:
        return math.nan
    p = below(panel.differences()[1:])
    return float(min(1.0, len(p) * p.min()))


def dip_test(panel: Panel) -> float:
    """p that no share between lies below both ends; NaN with a single seed, or fewer than three shares."""
    if len(panel.seeds) < 2 or len(panel.shares) < 3:
        return math.nan
    p = np.maximum(below(panel.differences(0)[1:-1]), below(panel.differences(len(panel.shares) - 1)[1:-1]))
    return float(min(1.0, len(p) * p.min()))


def trend_test(panel: Panel) -> float:
    """Two-sided p that the outcome does not go with the share: a t-test of the slopes, one a seed.

    The shares of a seed are correlated, so its values are no more than one observation of a slope. NaN for fewer than
    two shares or seeds.
    """
    if len(panel.shares) < 2 or len(panel.seeds) < 2:
        return math.nan
    slopes = (panel.shares - panel.shares.mean()) @ panel.values
    one_sided = float(below(slopes[None])[0])
    return 2 * min(one_sided, 1 - one_sided)
