"""Panels with a known truth: a curve, seeds that shift it as a whole, and noise."""

from __future__ import annotations

import numpy as np

from hormesis.statistics import Panel
from hormesis.statistics.panel import Floats

SHARES = np.array([0.0, 0.05, 0.10, 0.15, 0.20, 0.25])
SMILE = np.array([0.30, 0.26, 0.20, 0.24, 0.28, 0.33])
FLAT = np.full(6, 0.3)
FALL_TO_A_FLOOR = np.array([0.6, 0.3, 0.3, 0.3, 0.3, 0.3])


UNEQUAL = np.array([0.007, 0.006, 0.010, 0.031, 0.019, 0.054])
"""The noise of a model by share, as the study forum_evidence measured it."""


def panels(
    curve: Floats,
    seeds: int,
    noise: float | Floats,
    count: int,
    *,
    between: float = 0.05,
    tails: float = np.inf,
    slopes: float = 0.0,
) -> list[Panel]:
    """``count`` independent panels.

    :param noise: standard deviation of one model; by share if it is an array.
    :param tails: degrees of freedom of Student's noise; infinite: normal.
    :param slopes: standard deviation of a slope that each seed has of its own, over the range of shares.
    """
    generator = np.random.default_rng(11)
    shifts = generator.normal(0, between, (count, 1, seeds))
    shape = (count, len(curve), seeds)
    drawn = generator.normal(size=shape) if np.isinf(tails) else generator.standard_t(tails, shape)
    drawn = drawn if np.isinf(tails) else drawn / np.sqrt(tails / (tails - 2))
    own = generator.normal(0, slopes, (count, 1, seeds)) * np.linspace(-0.5, 0.5, len(curve))[None, :, None]
    values = curve[None, :, None] + shifts + own + drawn * np.broadcast_to(noise, len(curve))[None, :, None]
    return [Panel(SHARES[: len(curve)], tuple(map(str, range(seeds))), each) for each in values]


def monte_carlo_error(rate: float, count: int) -> float:
    """Three standard errors of a rate."""
    return 3 * float(np.sqrt(rate * (1 - rate) / count))
