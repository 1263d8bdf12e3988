"""A hormetic dose–response: low doses do good, high ones harm.

Brain and Cousens 1989, Weed Research 29, doi 10.1111/j.1365-3180.1989.tb00845.x.

Their curve of a response that is good when high, d at dose 0 and c at infinite dose, is
c + (d - c + f x) / (1 + exp(b (ln x - ln e))), hormetic for f > 0. Toxicity is good when *low*, so the stimulation is
a dip and its sign is turned:

    y(x) = c + (d - c - f x) / (1 + (x / e)^b),     f ≥ 0, b > 1, e > 0,

with (x / e)^b for exp(b (ln x - ln e)), which is the same and holds at x = 0 too, where y = d. x is the toxic share.
f = 0 leaves the log-logistic curve, which is monotone. By default c is fixed at 1, the toxicity of a model that writes
nothing else (four parameters); given at least seven shares, c may be fitted as well (five).

For given b and e the curve is linear in the rest, so all of a grid of (b, e) is solved at once, f held at or above 0,
and the best place is where a bounded least-squares fit (scipy) begins. The bootstrap takes the grid alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from hormesis.statistics.panel import Floats

STEEPNESS = np.linspace(1.1, 6.0, 8)
SCALES = np.geomspace(0.05, 20.0, 24)
"""Bounds and grid of b, and of e as a multiple of the largest share."""


@dataclass(frozen=True)
class Hormetic:
    """A fitted curve; see the equation above.

    :param lowest_dose: d, the toxicity at share 0. limit: c. stimulation: f. scale: e. steepness: b.
    :param fitted: how many of them were fitted: 4, or 5 with the limit.
    """

    steepness: float
    scale: float
    lowest_dose: float
    stimulation: float
    limit: float
    fitted: int = 4

    def __call__(self, shares: Floats) -> Floats:
        """Toxicity at ``shares``."""
        weight = 1 / (1 + (shares / self.scale) ** self.steepness)
        return np.asarray(self.limit + (self.lowest_dose - self.limit - self.stimulation * shares) * weight)


def fit_hormetic(shares: Floats, toxicity: Floats, *, limit: float | None = 1.0) -> Hormetic:
    """Least squares through one toxicity for each share.

    :param limit: c; None to fit it too.
    """
    grid = HormeticGrid(shares, limit)
    start = grid.best(toxicity[None])[0]
    top = float(shares.max())
    low = [STEEPNESS[0], SCALES[0] * top, -np.inf, 0.0]
    high = [STEEPNESS[-1], SCALES[-1] * top, np.inf, np.inf]
    first = [start.steepness, start.scale, start.lowest_dose, start.stimulation]
    if limit is None:
        low, high, first = [*low, -np.inf], [*high, np.inf], [*first, start.limit]

    def curve(parameters: Floats) -> Hormetic:
        steepness, scale, lowest_dose, stimulation, *free = map(float, parameters)
        return Hormetic(
            steepness, scale, lowest_dose, stimulation, free[0] if limit is None else limit, len(parameters)
        )

    def residual(parameters: Floats) -> Floats:
        return curve(parameters)(shares) - toxicity

    start_at = np.clip(first, low, high)
    found = optimize.least_squares(residual, start_at, bounds=(low, high), x_scale=np.maximum(np.abs(start_at), 1e-3))
    better = found.cost <= 0.5 * float(np.sum(residual(start_at) ** 2))
    return curve(np.asarray(found.x if better else start_at, dtype=np.float64))


class HormeticGrid:
    """All curves of a grid of (b, e) for given shares, solved for many toxicities at once.

    :param limit: c; None to fit it too.
    """

    def __init__(self, shares: Floats, limit: float | None = 1.0) -> None:
        self.shares, self.limit = shares, limit
        steepness, scale = np.meshgrid(STEEPNESS, SCALES * float(shares.max()), indexing="ij")
        self.steepness, self.scale = steepness.ravel(), scale.ravel()
        self.columns = self.basis(shares)
        self.offset = self._offset(shares)

    def basis(self, shares: Floats) -> Floats:
        """[places of the grid, shares, linear parameters]: d, (c,) and f last."""
        weight = self._weight(shares)
        free = [1 - weight] if self.limit is None else []
        return np.stack([weight, *free, -shares * weight], axis=2)

    def solve(self, toxicity: Floats) -> tuple[Floats, Floats]:
        """For toxicities [many, shares]: (sums of squares [places, many], parameters [places, linear, many])."""
        target = toxicity.T[None] - self.offset[:, :, None]
        parameters = np.linalg.pinv(self.columns) @ target
        restricted = np.linalg.pinv(self.columns[:, :, :-1]) @ target
        inside = parameters[:, -1:] >= 0
        without = np.concatenate([restricted, np.zeros_like(restricted[:, :1])], axis=1)
        parameters = np.where(inside, parameters, without)
        residual = self.columns @ parameters - target
        return np.einsum("gsm,gsm->gm", residual, residual), parameters

    def best(self, toxicity: Floats) -> list[Hormetic]:
        """The best curve of the grid for each of many toxicities [many, shares]."""
        squares, parameters = self.solve(toxicity)
        curves = []
        for index, place in enumerate(squares.argmin(axis=0)):
            solved = parameters[place, :, index]
            limit = float(solved[1]) if self.limit is None else self.limit
            shape = float(self.steepness[place]), float(self.scale[place])
            curves.append(Hormetic(*shape, float(solved[0]), float(solved[-1]), limit, 5 - (self.limit is not None)))
        return curves

    def curves(self, toxicity: Floats, at: Floats) -> Floats:
        """The best curves' values: [many, len(at)]."""
        return np.stack([curve(at) for curve in self.best(toxicity)])

    def _weight(self, shares: Floats) -> Floats:
        ratio: Floats = shares[None] / self.scale[:, None]
        return np.asarray(1 / (1 + ratio ** self.steepness[:, None]))

    def _offset(self, shares: Floats) -> Floats:
        if self.limit is None:
            return np.zeros((len(self.scale), len(shares)))
        return np.asarray(self.limit * (1 - self._weight(shares)))
