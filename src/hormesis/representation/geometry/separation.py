"""How well one direction separates a concept from its contrast, on held-out texts.

*Fisher's ratio* of the scores s = v · x: (mean₁ − mean₀)² / (var₁ + var₀) (Fisher 1936). For normal scores of equal
variance, AUROC = Φ(√ratio). The AUROC needs no such assumption; its interval is that of Hanley and McNeil (1982).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hormesis.representation.auroc import auroc, auroc_interval


@dataclass(frozen=True)
class Separability:
    """How far apart two kinds of texts are along a direction."""

    fisher_ratio: float
    area: float
    """AUROC: 1 if the concept's texts all lie further along, 0.5 if the direction says nothing."""
    low: float
    high: float
    """95 % interval of the area."""
    texts: int


def separability(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> Separability:
    """Of scores along a direction that points towards the concept.

    :param scores: [texts].
    :param truth: [texts], True where the concept is present; both kinds, at least two of each.
    """
    inside, outside = scores[truth], scores[~truth]
    spread = inside.var(ddof=1) + outside.var(ddof=1)
    ratio = float((inside.mean() - outside.mean()) ** 2 / spread) if spread > 0 else float("nan")
    area = float(auroc(scores, truth))
    return Separability(ratio, area, *auroc_interval(area, truth), len(truth))


def chance_area(
    features: NDArray[np.float64], truth: NDArray[np.bool_], covariance_rows: NDArray[np.float64], *, seed: int = 0
) -> NDArray[np.float64]:
    """AUROCs of directions that were drawn and not learned, N(0, Σ) with Σ the covariance of ``covariance_rows``.

    Where two kinds of texts differ in a dimension that carries much of the variance (length, say), many a direction
    tells them apart: the scatter around 0.5 is what a learned direction has to beat.

    :param features: [texts, width].
    :param covariance_rows: [rows, width].
    :return: 200 of them.
    """
    weights = np.random.default_rng(seed).standard_normal((200, len(covariance_rows)))
    directions = weights @ (covariance_rows - covariance_rows.mean(0))
    return auroc(features @ directions.T, truth)
