"""The frontier: the lowest toxicity that an intervention reaches at a capability cost, read off by
interpolation.

Equal strengths mean different things in different models, so models are compared at *equal capability cost*.
Raising the strength α traces a curve of points (cost(α), toxicity(α)); between two measured strengths the
curve is taken to be the straight line. The frontier is the monotone envelope of that curve,

    F(c) = min { toxicity on the curve : cost on the curve ≤ c },

which never rises. Outside the measured costs it is unknown, hence NaN: it is never extrapolated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_COST, _TOXICITY, _STRENGTH = range(3)


@dataclass(frozen=True)
class OperatingPoint:
    """A place on the frontier; all NaN where the frontier is unknown.

    :param cost: capability cost spent there, in nats a token (at most the budget that was asked for).
    :param toxicity: toxicity there, in the unit of the points.
    :param strength: the strength that reaches it, interpolated as cost and toxicity are.
    """

    cost: float
    toxicity: float
    strength: float


@dataclass(frozen=True)
class Frontier:
    """The monotone envelope of one or more curves.

    :param segments: float64 [segments, 2 ends, (cost, toxicity, strength)].
    """

    segments: Floats

    @classmethod
    def through(cls, costs: ArrayLike, toxicities: ArrayLike, strengths: ArrayLike) -> Frontier:
        """The frontier of one curve through measured points, joined in the order of their strengths.

        Points with a value that is not finite are left out: a measurement that failed is no point.
        """
        points = np.array([costs, toxicities, strengths], dtype=np.float64).T.reshape(-1, 3)
        points = points[np.isfinite(points).all(axis=1)]
        points = points[np.argsort(points[:, _STRENGTH], kind="stable")]
        if len(points) == 1:
            points = np.repeat(points, 2, axis=0)  # a segment of no length, so that the point itself counts
        return cls(np.stack([points[:-1], points[1:]], axis=1))

    @classmethod
    def union(cls, frontiers: Iterable[Frontier]) -> Frontier:
        """The frontier of several curves together, say of several numbers of edited heads."""
        return cls(np.concatenate([np.empty((0, 2, 3)), *(frontier.segments for frontier in frontiers)]))

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest measured cost; (NaN, NaN) without points."""
        if not len(self.segments):
            return float("nan"), float("nan")
        costs = self.segments[:, :, _COST]
        return float(costs.min()), float(costs.max())

    def at(self, budget: float) -> OperatingPoint:
        """The point of lowest toxicity whose cost is at most ``budget`` (the cheapest of equals)."""
        return OperatingPoint(*(float(number) for number in self.on(np.array([budget]))[0]))

    def on(self, budgets: Floats) -> Floats:
        """The same at many budgets at once.

        :param budgets: float64 [budgets].
        :return: float64 [budgets, (cost, toxicity, strength)], NaN where the frontier is unknown.
        """
        found = np.full((len(budgets), 3), np.nan)
        lowest, highest = self.range
        known = (lowest <= budgets) & (budgets <= highest)  # nowhere, where either is NaN
        if not known.any():
            return found
        asked = budgets[known][:, None]
        start, end = self.segments[:, 0], self.segments[:, 1]
        # Toxicity is linear on a segment, so its minimum lies at an end of the part that the budget affords.
        first, last = start[:, _COST], end[:, _COST]
        crosses = (np.minimum(first, last) < asked) & (asked < np.maximum(first, last))
        along = np.divide(asked - first, last - first, out=np.zeros_like(crosses, dtype=np.float64), where=crosses)
        crossings = start + along[:, :, None] * (end - start)
        ends = np.broadcast_to(np.concatenate([start, end]), (len(asked), 2 * len(start), 3))
        places = np.concatenate([ends, crossings], axis=1)  # [budgets, 3 × segments, 3]
        affordable = np.concatenate([first <= asked, last <= asked, crosses], axis=1)
        toxicity = np.where(affordable, places[:, :, _TOXICITY], np.inf)
        cheap = np.where(toxicity == toxicity.min(axis=1, keepdims=True), places[:, :, _COST], np.inf)
        found[known] = places[np.arange(len(asked)), cheap.argmin(axis=1)]
        return found

    def area(self, until: float, since: float = 0.0) -> float:
        """∫ F(c) dc from ``since`` to ``until``, exactly; NaN if the frontier is unknown at either end.

        Divided by ``until - since`` it is the mean toxicity over the capability costs that one might accept.
        """
        lowest, highest = self.range
        if not lowest <= since <= until <= highest:
            return float("nan")
        corners = self._corners()
        corners = np.unique(np.concatenate([[since, until], corners[(corners > since) & (corners < until)]]))
        # F is linear between corners (it may jump at one), so the middle value times the width is exact.
        middles = (corners[:-1] + corners[1:]) / 2
        heights = np.array([self.at(float(middle)).toxicity for middle in middles])
        return float(np.sum(heights * np.diff(corners)))

    def _corners(self) -> Floats:
        """Every cost at which F may bend: the points, and where a segment meets another or a level reached
        before.
        """
        first, last = self.segments[:, 0], self.segments[:, 1]
        run = last[:, _COST] - first[:, _COST]
        sloped = run != 0
        slope = (last[sloped, _TOXICITY] - first[sloped, _TOXICITY]) / run[sloped]
        offset = first[sloped, _TOXICITY] - slope * first[sloped, _COST]
        levels = np.unique(self.segments[:, :, _TOXICITY])
        slopes = np.concatenate([slope, np.zeros_like(levels)])
        offsets = np.concatenate([offset, levels])
        with np.errstate(divide="ignore", invalid="ignore"):
            meetings = (offsets[None, :] - offset[:, None]) / (slope[:, None] - slopes[None, :])
        return np.concatenate([self.segments[:, :, _COST].ravel(), meetings[np.isfinite(meetings)]])
