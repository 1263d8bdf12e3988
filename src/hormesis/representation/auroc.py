"""The area under the receiver operating characteristic, and its standard error."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata


def auroc(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mann–Whitney U over the product of class sizes, ties counted half, for each column of ``scores``.

    :param scores: [rows] or [rows, columns].
    :param truth: [rows], both classes present.
    :return: [] or [columns].
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    rank_sum = rankdata(scores, axis=0)[truth].sum(0)
    area: NDArray[np.float64] = (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)
    return area


def auroc_error(area: float, positives: int, negatives: int) -> float:
    """Standard error of an AUROC (Hanley and McNeil 1982, Radiology 143, equation 1)."""
    one, other = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (positives - 1) * (one - area**2) + (negatives - 1) * (other - area**2)
    return math.sqrt(max(0.0, area * (1 - area) + spread) / (positives * negatives))


def auroc_interval(area: float, truth: NDArray[np.bool_], level: float = 0.95) -> tuple[float, float]:
    """The normal interval of :func:`auroc_error`, within [0, 1]."""
    positives = int(truth.sum())
    wide = norm.ppf((1 + level) / 2) * auroc_error(area, positives, len(truth) - positives)
    return max(0.0, area - float(wide)), min(1.0, area + float(wide))
