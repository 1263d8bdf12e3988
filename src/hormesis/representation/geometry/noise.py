"""How much noise a direction survives: isotropic noise of growing size is added to the activations.

Noise N(0, σ²I) on x is noise N(0, σ²) on v · x for a unit v, so the expected AUROC is exact, without drawing any:

    AUROC(σ) = mean over pairs (i present, j absent) of Φ((s_i − s_j) / (√2 σ)).

σ is counted in multiples of the activations' scale, the root mean square over features of their standard deviation over
texts, so that models are comparable whatever the size of their stream. The *half-life* is the level at which AUROC − ½
has fallen to half of what it is without noise. For two normal classes at distance Δ of standard deviation τ,
AUROC(σ) = Φ(Δ / √(2 (τ² + σ²))).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

LEVELS = (0.5, 1.0, 2.0, 4.0)
"""Multiples of the scale that are reported."""
_GRID = np.concatenate([[0.0], np.geomspace(1 / 64, 64, 37)])
_MOST_TEXTS = 300
"""Of each kind: all pairs are compared at every level."""


@dataclass(frozen=True)
class Fragility:
    """AUROC at each of :data:`LEVELS`, and the half-life with its 95 % interval over texts."""

    areas: tuple[float, ...]
    half_life: float
    """In multiples of the scale; NaN if the direction separates nothing, infinite if 64 is not enough."""
    low: float
    high: float
    texts: int


def activation_scale(features: NDArray[np.float64]) -> float:
    """√(mean over features of the variance over texts).

    :param features: [texts, width].
    """
    return float(np.sqrt(features.var(0).mean()))


def noisy_areas(
    present: NDArray[np.float64], absent: NDArray[np.float64], sigmas: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[levels, present, absent]: the chance of each pair to stand in the right order."""
    difference = present[:, None] - absent[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = difference / (np.sqrt(2) * sigmas[:, None, None])
    pairs: NDArray[np.float64] = ndtr(np.where(np.isnan(standard), 0.0, standard))
    return pairs


def fragility(
    scores: NDArray[np.float64], truth: NDArray[np.bool_], scale: float, *, resamples: int = 200, seed: int = 0
) -> Fragility:
    """Of held-out scores along a *unit* direction.

    :param scores: [texts].
    :param truth: [texts], True where the concept is present.
    :param scale: :func:`activation_scale` of the same activations.
    """
    random = np.random.default_rng(seed)
    present, absent = (random.permutation(scores[kind])[:_MOST_TEXTS] for kind in (truth, ~truth))
    pairs = noisy_areas(present, absent, _GRID * scale)
    areas = pairs.mean((1, 2))
    counts = [random.multinomial(n, np.full(n, 1 / n), size=resamples) / n for n in (len(present), len(absent))]
    drawn = np.stack([np.einsum("ba,ba->b", counts[0] @ level, counts[1]) for level in pairs])
    found = [_half_life(curve) for curve in drawn.T]
    known = [value for value in found if not np.isnan(value)]
    low, high = np.quantile(known, [0.025, 0.975], method="nearest") if known else (np.nan, np.nan)
    return Fragility(
        tuple(float(np.interp(level, _GRID, areas)) for level in LEVELS),
        _half_life(areas),
        float(low),
        float(high),
        len(present) + len(absent),
    )


def _half_life(areas: NDArray[np.float64]) -> float:
    """Where the excess over ½ first falls to half of that at level 0; interpolated on the grid."""
    excess = areas - 0.5
    if excess[0] <= 0:
        return float("nan")
    below = np.flatnonzero(excess <= excess[0] / 2)
    if not len(below):
        return float("inf")
    last = int(below[0])
    above, under = excess[last - 1] - excess[0] / 2, excess[0] / 2 - excess[last]
    return float(_GRID[last - 1] + (_GRID[last] - _GRID[last - 1]) * above / (above + under))
