"""The kind of curve that made the data wins, and a spline through few points is a line through them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from hormesis.statistics import compare_curves, natural_spline
from tests.statistics.simulated import FLAT, SHARES, SMILE, panels


def best(curve: np.ndarray, criterion: str) -> list[str]:
    found = [compare_curves(panel) for panel in panels(curve, 6, 0.01, 5)]
    return [min(each, key=lambda one: float(getattr(one, criterion))).name for each in found]


def test_a_smile_is_no_line() -> None:
    assert set(best(SMILE, "aicc")) <= {"hormetic", "natural spline"}
    assert set(best(SMILE, "left_out")) <= {"hormetic", "natural spline"}


def test_a_flat_line_is_mostly_called_one() -> None:
    assert best(FLAT, "aicc").count("constant") >= 3


def test_knots_at_every_share_interpolate() -> None:
    at = np.linspace(0, 0.25, 11)
    spline = natural_spline(SHARES, np.stack([SMILE, FLAT]), at, knots=6)
    # quantiles of six shares put five knots at most
    assert spline.shape == (2, 11)
    assert spline[1] == pytest.approx(np.full(11, 0.3))
    places = np.quantile(SHARES, np.linspace(0, 1, 4))
    true = CubicSpline(places, [0.3, 0.2, 0.25, 0.4], bc_type="natural")
    assert natural_spline(SHARES, true(SHARES), at) == pytest.approx(true(at))


def test_too_little_data_is_not_compared() -> None:
    assert compare_curves(panels(FLAT[:2], 3, 0.01, 1)[0]) == ()
