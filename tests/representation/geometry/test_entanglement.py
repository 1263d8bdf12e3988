"""Entanglement against what is known in closed form."""

from __future__ import annotations

import math

import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.representation.geometry.entanglement import entanglements, random_baseline, spread_baseline, welch_bound


def simplex(width: int) -> torch.Tensor:
    """``width + 1`` unit vectors in ``width`` dimensions with equal angles."""
    centred = torch.eye(width + 1, dtype=torch.float64) - 1 / (width + 1)
    basis = torch.linalg.svd(centred)[2][:width]
    return torch.nn.functional.normalize(centred @ basis.T, dim=-1)


@pytest.mark.parametrize("width", [2, 4, 7])
def test_a_simplex_meets_the_welch_bound(width: int) -> None:
    values = entanglements(simplex(width))
    torch.testing.assert_close(values, torch.full_like(values, welch_bound(width + 1, width)))
    assert welch_bound(width + 1, width) == pytest.approx(1 / width)


def test_the_papers_welch_bound() -> None:
    assert welch_bound(12, 4) == pytest.approx(0.426, abs=5e-4)
    assert welch_bound(4, 4) == 0.0 == welch_bound(3, 8)


def test_no_directions_beat_the_welch_bound() -> None:
    worst = entanglements(torch.randn(500, 12, 4, generator=torch.Generator().manual_seed(0))).amax(-1)
    assert worst.min() >= welch_bound(12, 4)


def test_orthogonal_is_zero_and_equal_or_opposite_is_one() -> None:
    assert entanglements(torch.eye(3)).max() == 0.0
    assert torch.allclose(entanglements(torch.tensor([[1.0, 2.0], [-2.0, -4.0], [2.0, -1.0]]))[:2], torch.ones(2))


def test_lengths_signs_and_rotations_do_not_matter() -> None:
    directions = torch.randn(6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    turned = directions @ torch.linalg.qr(torch.randn(4, 4, dtype=torch.float64))[0]
    scaled = turned * torch.tensor([1, -2, 3, -4, 5, -6.0])[:, None]
    torch.testing.assert_close(entanglements(scaled), entanglements(directions))


def test_twelve_random_directions_in_four_dimensions() -> None:
    chance = random_baseline(12, 4)
    assert chance.mean == pytest.approx(0.842, abs=0.002)
    assert chance.deviation == pytest.approx(0.031, abs=0.002)
    assert chance.low < chance.mean < chance.high


def test_a_part_of_the_features_scatters_more_around_the_same_mean() -> None:
    part, whole = random_baseline(12, 4, group=4), random_baseline(12, 4)
    assert part.mean == pytest.approx(whole.mean, abs=0.003)
    assert part.high - part.low > 1.3 * (whole.high - whole.low)


def test_directions_in_fewer_dimensions_are_judged_by_their_own_spread() -> None:
    generator = torch.Generator().manual_seed(0)
    even = torch.randn(50, 12, 4, generator=generator, dtype=torch.float64)
    flat = even.clone()
    flat[..., 3] = 0
    assert spread_baseline(even).mean() == pytest.approx(0.859, abs=0.01)
    assert spread_baseline(flat).mean() == pytest.approx(float(entanglements(flat).mean()), abs=0.02)
    assert random_baseline(12, 3).mean == pytest.approx(0.917, abs=0.003)


def test_two_random_directions_in_the_plane_by_integral() -> None:
    assert random_baseline(2, 2).mean == pytest.approx(2 / math.pi, abs=0.006)


def test_one_direction_is_not_entangled_with_itself() -> None:
    with pytest.raises(HormesisError, match="1 direction"):
        entanglements(torch.randn(1, 4))
