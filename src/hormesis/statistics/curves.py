"""Dose–response curves to hold the hormetic one against, and which of them the data favour.

Every curve is fitted by least squares to the shares' means. Two criteria compare them:

- AICc (Hurvich and Tsai 1989) of all models' values, with the seeds' effects counted as parameters:
  N ln(RSS / N) + 2k + 2k(k + 1) / (N - k - 1), N = shares × seeds. Less is better; infinite when N ≤ k + 1.
- *Leave one seed out*: the mean squared error of a curve fitted to the other seeds, on the shape (values less their
  mean over shares) of the seed that was left out. It needs no count of parameters; NaN with one seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import interpolate, optimize

from hormesis.statistics.hormetic import fit_hormetic
from hormesis.statistics.panel import Floats, Panel

Fit = Callable[[Floats, Floats], tuple[Floats, int]]
"""(shares, toxicity by share) → (fitted toxicity by share, parameters)."""
MOST_KNOTS = 4


@dataclass(frozen=True)
class Comparison:
    """One kind of curve on one panel.

    :param parameters: of the curve alone.
    :param aicc: relative to the best of the kinds, which has 0.
    :param left_out: mean squared error on seeds left out.
    """

    name: str
    parameters: int
    aicc: float
    left_out: float


def natural_spline(shares: Floats, toxicity: Floats, at: Floats, *, knots: int = MOST_KNOTS) -> Floats:
    """The least-squares natural cubic spline with few knots at quantiles of the shares; [.., len(at)].

    :param toxicity: [.., shares].
    """
    places = np.quantile(shares, np.linspace(0, 1, min(knots, max(2, len(shares) - 1))))
    cardinal = interpolate.CubicSpline(places, np.eye(len(places)), bc_type="natural")
    solution = np.linalg.pinv(cardinal(shares)) @ np.moveaxis(np.atleast_2d(toxicity), -1, 0)
    return np.asarray((cardinal(at) @ solution).T.reshape(*toxicity.shape[:-1], len(at)))


def _constant(_: Floats, toxicity: Floats) -> tuple[Floats, int]:
    return np.full_like(toxicity, toxicity.mean()), 1


def _linear(shares: Floats, toxicity: Floats) -> tuple[Floats, int]:
    return np.asarray(np.polynomial.Polynomial.fit(shares, toxicity, 1)(shares)), 2


def _monotone(_: Floats, toxicity: Floats) -> tuple[Floats, int]:
    """Isotonic regression, rising or falling; its parameters are its levels (Meyer and Woodroofe 2000)."""
    fits = [optimize.isotonic_regression(toxicity, increasing=rising).x for rising in (True, False)]
    best = min(fits, key=lambda fit: float(np.sum((fit - toxicity) ** 2)))
    return np.asarray(best), len(np.unique(best))


def _spline(shares: Floats, toxicity: Floats) -> tuple[Floats, int]:
    return natural_spline(shares, toxicity, shares), min(MOST_KNOTS, max(2, len(shares) - 1))


def _hormetic(shares: Floats, toxicity: Floats) -> tuple[Floats, int]:
    fit = fit_hormetic(shares, toxicity)
    return fit(shares), fit.fitted


CURVES: Mapping[str, Fit] = {
    "constant": _constant,
    "linear": _linear,
    "monotone": _monotone,
    "natural spline": _spline,
    "hormetic": _hormetic,
}


def compare_curves(panel: Panel) -> tuple[Comparison, ...]:
    """Every kind of :data:`CURVES` on a complete panel; empty for fewer than three shares."""
    if len(panel.shares) < 3 or not panel.seeds:
        return ()
    found = []
    for name, fit in CURVES.items():
        fitted, parameters = fit(panel.shares, panel.means)
        found.append((name, parameters, _aicc(panel, fitted, parameters), _left_out(panel, fit)))
    least = min(score for *_, score, _ in found)
    return tuple(
        Comparison(name, parameters, score - least if math.isfinite(least) else math.nan, error)
        for name, parameters, score, error in found
    )


def _aicc(panel: Panel, fitted: Floats, parameters: int) -> float:
    count = panel.values.size
    estimated = parameters + len(panel.seeds) - 1 + 1  # the seeds' effects, and the noise
    if count <= estimated + 1:
        return math.inf
    squares = float(np.sum((panel.centred - fitted[:, None]) ** 2))
    fit = count * math.log(max(squares, 1e-300) / count)
    return fit + 2 * estimated + 2 * estimated * (estimated + 1) / (count - estimated - 1)


def _left_out(panel: Panel, fit: Fit) -> float:
    if len(panel.seeds) < 2:
        return math.nan
    errors = []
    for place in range(len(panel.seeds)):
        others = np.delete(panel.values, place, axis=1).mean(axis=1)
        fitted, _ = fit(panel.shares, others)
        own = panel.values[:, place]
        errors.append(float(np.mean((own - own.mean() - (fitted - fitted.mean())) ** 2)))
    return float(np.mean(errors))
