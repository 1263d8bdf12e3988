"""The frontier on shapes whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hormesis.statistics import Frontier

NUMBERS = st.floats(0, 1, allow_nan=False, width=32)


def line() -> Frontier:
    """Toxicity 1 - cost, from cost 0 to 1, at strength 10 × cost."""
    return Frontier.through([0.0, 0.5, 1.0], [1.0, 0.5, 0.0], [0.0, 5.0, 10.0])


def test_a_falling_line_is_its_own_frontier() -> None:
    point = line().at(0.3)
    assert (point.cost, point.toxicity, point.strength) == pytest.approx((0.3, 0.7, 3.0))
    assert line().area(1.0) == pytest.approx(0.5)
    assert line().area(0.5, since=0.25) == pytest.approx(0.25 * (0.75 + 0.5) / 2)


def test_points_are_joined_in_the_order_of_strength_not_as_given() -> None:
    shuffled = Frontier.through([1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [10.0, 0.0, 5.0])
    assert shuffled.at(0.3) == line().at(0.3)


def test_nothing_is_extrapolated() -> None:
    for budget in (-0.01, 1.01, math.nan):
        assert math.isnan(line().at(budget).toxicity)
    assert math.isnan(line().area(1.01))
    assert math.isnan(Frontier.through([0.1, 0.2], [1.0, 0.5], [1.0, 2.0]).area(0.2))  # unknown below 0.1
    assert math.isnan(Frontier.through([], [], []).at(0.0).toxicity)
    assert math.isnan(Frontier.union([]).area(0.1))


def test_a_rise_beyond_the_best_point_does_not_raise_the_frontier() -> None:
    smile = Frontier.through([0.0, 0.1, 0.2], [1.0, 0.2, 0.8], [0.0, 1.0, 2.0])
    assert smile.at(0.2).toxicity == pytest.approx(0.2)
    assert smile.at(0.2).strength == pytest.approx(1.0)
    assert smile.area(0.2) == pytest.approx(0.1 * 0.6 + 0.1 * 0.2)


def test_a_curve_that_turns_back_is_followed_along_strength() -> None:
    """The strongest point is cheaper than the one before it: from its cost on, it is what can be reached."""
    hook = Frontier.through([0.0, 0.4, 0.2], [1.0, 0.8, 0.0], [0.0, 1.0, 2.0])
    assert hook.at(0.1).toxicity == pytest.approx(0.95)
    assert hook.at(0.2).toxicity == pytest.approx(0.0)
    assert hook.area(0.4) == pytest.approx(0.2 * 0.95)  # it jumps at 0.2, which has no width


def test_a_point_without_a_number_is_no_point() -> None:
    with_hole = Frontier.through([0.0, 0.5, math.nan, 1.0], [1.0, math.nan, 0.2, 0.0], [0.0, 5.0, 6.0, 10.0])
    assert with_hole.at(0.3).toxicity == pytest.approx(0.7)


def test_a_single_point_is_known_at_its_own_cost_only() -> None:
    single = Frontier.through([0.1], [0.4], [3.0])
    assert single.at(0.1).toxicity == pytest.approx(0.4)
    assert math.isnan(single.at(0.11).toxicity)


def test_the_union_takes_the_better_curve_everywhere() -> None:
    flat = Frontier.through([0.0, 1.0], [0.6, 0.6], [0.0, 1.0])
    both = Frontier.union([line(), flat])
    assert both.at(0.2).toxicity == pytest.approx(0.6)
    assert both.at(0.8).toxicity == pytest.approx(0.2)
    assert both.area(1.0) == pytest.approx(0.4 * 0.6 + 0.6 * 0.6 / 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=7))
def test_it_never_rises_and_its_area_is_that_of_a_fine_sum(points: list[tuple[float, float]]) -> None:
    costs, toxicities = [0.0, *(p[0] for p in points)], [1.0, *(p[1] for p in points)]
    frontier = Frontier.through(costs, toxicities, list(range(len(costs))))
    last = frontier.range[1]
    grid = np.linspace(0, last, 501)
    heights = np.array([frontier.at(float(cost)).toxicity for cost in grid])
    assert (np.diff(heights) <= 1e-9).all()
    assert (heights <= 1.0).all() and heights[-1] == pytest.approx(min(toxicities), abs=1e-6)
    # Of a function that never rises, the left and the right sums enclose the integral.
    width = last / 500
    assert heights[1:].sum() * width - 1e-6 <= frontier.area(last) <= heights[:-1].sum() * width + 1e-6
