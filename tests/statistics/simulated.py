"""Panels with a known truth: a curve, seeds that shift it as a whole, and noise."""

from __future__ import annotations

import numpy as np

from hormesis.statistics import Panel
from hormesis.statistics.panel import Floats

SHARES = np.array([0.0, 0.05, 0.10, 0.15, 0.20, 0.25])
SMILE = np.array([0.30, 0.26, 0.20, 0.24, 0.28, 0.33])
FLAT = np.full(6, 0.3)
FALL_TO_A_FLOOR = np.array([0.6, 0.3, 0.3, 0.3, 0.3, 0.3])


def panels(curve: Floats, seeds: int, noise: float, count: int, *, between: float = 0.05) -> list[Panel]:
    """``count`` independent panels."""
    generator = np.random.default_rng(11)
    shifts = generator.normal(0, between, (count, 1, seeds))
    values = curve[None, :, None] + shifts + generator.normal(0, noise, (count, len(curve), seeds))
    return [Panel(SHARES[: len(curve)], tuple(map(str, range(seeds))), each) for each in values]


def monte_carlo_error(rate: float, count: int) -> float:
    """Three standard errors of a rate."""
    return 3 * float(np.sqrt(rate * (1 - rate) / count))
