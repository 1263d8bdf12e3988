"""Is there a dip in steered toxicity, where, and how deep: one panel, read with and without a model of its shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hormesis.reprs import short_repr
from hormesis.statistics.best import dip_test, fall_test, may_be_best
from hormesis.statistics.curves import Comparison, compare_curves, natural_spline
from hormesis.statistics.hormetic import Hormetic, HormeticGrid, fit_hormetic
from hormesis.statistics.panel import Floats, Panel
from hormesis.statistics.resampling import Resampled

SUPPORTED = 0.05
_FINE = 101


@dataclass(frozen=True)
class Dip:
    """Where a curve is lowest and by how much, with 95 % percentile intervals over the resamples.

    :param reading: the curve: ``measured`` (the means by share), ``hormetic`` or ``natural spline``.
    :param share: the arg-min.
    :param depth: toxicity at the lowest share less the minimum; never negative, so that its interval may touch 0 but
        not hold it: whether there *is* a dip is for :func:`~hormesis.statistics.best.dip_test` to say.
    :param rise: toxicity at the highest share less the minimum.
    """

    reading: str
    share: float
    share_low: float
    share_high: float
    depth: float
    depth_low: float
    depth_high: float
    rise: float
    rise_low: float
    rise_high: float


@short_repr
@dataclass(frozen=True, eq=False)
class DoseResponse:
    """What one panel says of steered toxicity by share.

    :param chances: of each share to be the lowest among the resamples: [shares].
    :param candidates: the shares that may be best (:func:`~hormesis.statistics.best.may_be_best`): bool [shares].
    :param fall: p that no share is lower than the lowest one. dip: p that none between is lower than both ends.
    :param over: what was resampled.
    """

    panel: Panel
    curves: tuple[Comparison, ...]
    hormetic: Hormetic | None
    dips: tuple[Dip, ...]
    chances: Floats
    candidates: np.ndarray
    fall: float
    dip: float
    over: str

    @property
    def supported(self) -> bool:
        """Whether a dip is supported at 5 %."""
        return self.dip < SUPPORTED

    @property
    def best(self) -> int:
        """The index of the share with the lowest mean."""
        return int(self.panel.means.argmin())

    @property
    def share_interval(self) -> tuple[float, float]:
        """The hull of the shares that may be best and of the bootstrap's interval for the share of lowest toxicity."""
        kept = self.panel.shares[self.candidates]
        measured = self.dips[0]
        return min(float(kept.min()), measured.share_low), max(float(kept.max()), measured.share_high)


def dose_response_of(panel: Panel, draws: Resampled) -> DoseResponse:
    """Read a complete panel of at least one share and seed, and its resamples."""
    shares, means = panel.shares, panel.means
    dips = [_dip("measured", shares, lambda toxicity: toxicity, means, draws.means)]
    hormetic = None
    if len(shares) > 2:
        fine = np.linspace(shares[0], shares[-1], _FINE)
        grid, hormetic = HormeticGrid(shares), fit_hormetic(shares, means)
        fitted = hormetic(fine)
        dips.append(
            _dip(
                "hormetic",
                fine,
                lambda toxicity: fitted if toxicity is means else grid.curves(toxicity, fine),
                means,
                draws.means,
            )
        )
        dips.append(
            _dip("natural spline", fine, lambda toxicity: natural_spline(shares, toxicity, fine), means, draws.means)
        )
    lowest = np.bincount(draws.means.argmin(axis=1), minlength=len(shares))
    return DoseResponse(
        panel,
        compare_curves(panel),
        hormetic,
        tuple(dips),
        lowest / lowest.sum(),
        may_be_best(panel),
        fall_test(panel),
        dip_test(panel),
        draws.over,
    )


def _dip(reading: str, at: Floats, curve: Callable[[Floats], Floats], means: Floats, draws: Floats) -> Dip:
    """:param curve: toxicity by share [.., shares] → the curve through it at ``at``."""
    here, resampled = curve(means), curve(draws)
    numbers: list[float] = []
    for value, values in zip(_read(at, here[None]), _read(at, resampled), strict=True):
        # Of the observed kind of value, not between two of them: shares are what was measured.
        low, high = np.quantile(values, [0.025, 0.975], method="inverted_cdf")
        numbers += [float(value[0]), float(low), float(high)]
    return Dip(reading, *numbers)


def _read(at: Floats, curves: Floats) -> tuple[Floats, Floats, Floats]:
    """Arg-min, depth and rise of each of [many, len(at)]."""
    least = curves.min(axis=1)
    return at[curves.argmin(axis=1)], curves[:, 0] - least, curves[:, -1] - least
