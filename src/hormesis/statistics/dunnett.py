"""Which shares may be the best, and whether there is a dip: tests with a spread pooled over all shares.

With two or three seeds a t-test of one difference has one or two degrees of freedom. The residual spread of the whole
panel has (shares - 1)(seeds - 1), if noise is about normal and as large at every share; both tests here use it, and
Dunnett's distribution (1955) of the largest of k comparisons with one share:

    P(max_i (z_i - z_0) / (√2 s) ≤ d) = ∫∫ Φ(z + √2 d s)^k φ(z) dz dF(s).

- *The set of shares that may be best* (Gupta 1965, doi 10.1080/00401706.1965.10490251): those whose mean is at most
  d s √(2 / n) above the least of the others. It holds the true best with a chance of at least 95 %.
- *A dip*: some share between the ends lies below both of them, T = max_s min(t(s against lowest), t(s against
  highest)). The hardest case without a dip is a fall to a flat floor, where only the second comparison says
  anything, so T is judged by Dunnett's distribution for shares - 2 comparisons: at most 5 % false findings, however
  the curve without a dip looks (an intersection-union test, Berger 1982).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from hormesis.statistics.panel import Panel

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def dunnett_distribution(bound: float, comparisons: int, freedom: int) -> float:
    """P(the largest of ``comparisons`` t statistics against one common mean ≤ ``bound``), equal n, one-sided."""
    quantiles, masses = (_NODES + 1) / 2, _WEIGHTS / 2
    common = special.ndtri(quantiles)[:, None]
    spread = np.sqrt(special.chdtri(freedom, 1 - quantiles) / freedom)[None, :]
    inner = special.ndtr(common + math.sqrt(2) * bound * spread) ** comparisons
    return float(masses @ inner @ masses)


@cache
def dunnett_quantile(comparisons: int, freedom: int, confidence: float = 0.95) -> float:
    """Dunnett's one-sided critical value."""
    found = optimize.brentq(lambda d: dunnett_distribution(d, comparisons, freedom) - confidence, 0.0, 1e3, xtol=1e-6)
    return float(found)


def may_be_best(panel: Panel, confidence: float = 0.95) -> NDArray[np.bool_]:
    """Which shares of a complete panel may have the lowest value: bool [shares]; all of them with a single seed."""
    means, count = panel.means, len(panel.shares)
    if panel.freedom < 1:
        return np.ones(count, dtype=bool)
    allowed = dunnett_quantile(count - 1, panel.freedom, confidence) * panel.spread * math.sqrt(2 / len(panel.seeds))
    best_other = np.array([np.delete(means, place).min() for place in range(count)])
    return np.asarray(means - best_other <= allowed)


def fall_test(panel: Panel) -> float:
    """p that no share is lower than the lowest share (Dunnett, one-sided); NaN with a single seed or share."""
    if panel.freedom < 1:
        return math.nan
    return 1 - dunnett_distribution(float(_below(panel, 0)[1:].max()), len(panel.shares) - 1, panel.freedom)


def dip_test(panel: Panel) -> float:
    """p that no share between lies below both ends; NaN with a single seed, or fewer than three shares."""
    if panel.freedom < 1 or len(panel.shares) < 3:
        return math.nan
    under = np.minimum(_below(panel, 0), _below(panel, -1))[1:-1]
    return 1 - dunnett_distribution(float(under.max()), len(under), panel.freedom)


def _below(panel: Panel, reference: int) -> NDArray[np.float64]:
    """t statistics of how far each share lies below the one of index ``reference``."""
    error = panel.spread * math.sqrt(2 / len(panel.seeds))
    return np.asarray((panel.means[reference] - panel.means) / max(error, 1e-300))
