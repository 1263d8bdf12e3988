"""Chance levels against Monte Carlo, known means, and the measures that they stand beside."""

from __future__ import annotations

import numpy as np
import pytest

from hormesis.representation.geometry import (
    class_means,
    cosines,
    covariance_eigenvalues,
    drawn_chance,
    overlaps,
    random_baseline,
    random_entanglement,
    raw_gram,
    shuffled_chance,
)
from tests.representation.geometry.planted import rotation, toxic_and_bank, unit


def test_twelve_random_directions_in_four_dimensions() -> None:
    assert random_entanglement(12, 4).mean == pytest.approx(0.842, abs=5e-4)


@pytest.mark.parametrize(("features", "width"), [(3, 2), (12, 4), (20, 64)])
def test_the_closed_form_is_that_of_monte_carlo(features: int, width: int) -> None:
    exact, drawn = random_entanglement(features, width), random_baseline(features, width, group=1, draws=8000)
    assert exact.mean == pytest.approx(drawn.mean, abs=0.005)
    assert exact.low == pytest.approx(drawn.low, abs=0.02)
    assert exact.high == pytest.approx(drawn.high, abs=0.01)


def test_uniform_directions_have_the_known_interference() -> None:
    chance = drawn_chance(9, np.ones(16))
    assert chance.interference.mean == pytest.approx(8 / 16, abs=0.03)
    assert chance.entanglement.mean == pytest.approx(random_entanglement(9, 16).mean, abs=0.01)


def test_an_uneven_stream_entangles_any_directions() -> None:
    even = drawn_chance(10, np.ones(64)).entanglement.mean
    uneven = drawn_chance(10, np.concatenate([[100.0], np.ones(63)])).entanglement.mean
    assert uneven > even + 0.3


def test_the_covariance_is_read_off_the_rows() -> None:
    directions = np.zeros((4, 12))
    directions[:, 0] = 1.0
    features, rows = toxic_and_bank(directions, strength=0.0, each=300, toxic=600)
    scales = np.linspace(1, 3, 12)
    found = covariance_eigenvalues(((features - 5) * scales) @ rotation(12), rows)
    np.testing.assert_allclose(np.sort(found), scales**2, rtol=0.2)


def test_shuffled_labels_are_what_labels_without_meaning_give() -> None:
    directions = unit(np.random.default_rng(0).standard_normal((6, 20)))
    features, rows = toxic_and_bank(directions, strength=0.0, seed=4)
    chance = shuffled_chance(features, rows)
    own = overlaps(cosines(raw_gram(class_means(features, rows), rows)))[1, 0]
    assert chance.entanglement.low <= own <= chance.entanglement.high
    # And where noise is isotropic, they are random directions.
    assert chance.entanglement.mean == pytest.approx(random_entanglement(6, 20).mean, abs=0.06)


def test_true_labels_are_not_at_the_shuffled_baseline() -> None:
    directions = unit(np.random.default_rng(0).standard_normal((6, 40)))
    directions[0] = directions[1]
    features, rows = toxic_and_bank(directions, strength=4.0)
    own = overlaps(cosines(raw_gram(class_means(features, rows), rows)))[1, 0]
    assert own > shuffled_chance(features, rows).entanglement.high
