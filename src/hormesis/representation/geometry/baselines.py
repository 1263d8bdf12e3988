"""What overlap is to be compared with: any directions at all, directions of the activations' shape, shuffled labels.

*Random*: K unit vectors, uniform on the sphere in d dimensions. Of two of them, the squared cosine is Beta(½, (d −
1)/2), and given one of them the cosines of the others with it are independent, so that the entanglement of one
concept has the distribution P(E ≤ t) = F(t²)^(K − 1), exactly, with F that of the Beta; its interference has mean (K
− 1)/d.

*Covariance*: directions g ~ N(0, Σ) with Σ the covariance of the activations: a stream that varies in few dimensions
makes any two directions in it look alike (anisotropy: arXiv 1909.00512). Only Σ's eigenvalues matter.

*Shuffled*: the same estimator on the same texts, their labels permuted within each data set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import beta

from hormesis.representation.geometry.dimensions import effective_rank, participation_ratio
from hormesis.representation.geometry.direction_overlap import cosines, overlaps, raw_gram
from hormesis.representation.geometry.estimators import class_means
from hormesis.representation.geometry.rows import ConceptRows


@dataclass(frozen=True)
class Chance:
    """The distribution of a value under a baseline: its mean, and the 2.5 % and 97.5 % quantiles."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, drawn: NDArray[np.float64]) -> Chance:
        """That of values drawn; missing ones are left out."""
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        return cls(float(np.nanmean(drawn)), float(low), float(high))


@dataclass(frozen=True)
class OverlapChance:
    """Chance for one concept among K."""

    entanglement: Chance
    mean_cosine: Chance
    interference: Chance
    effective_rank: Chance
    participation_ratio: Chance


def random_entanglement(features: int, width: int) -> Chance:
    """E of one of ``features`` random unit vectors in ``width`` dimensions, in closed form (one integral)."""
    if width == 1:
        return Chance(1.0, 1.0, 1.0)
    squared = beta(0.5, (width - 1) / 2)
    mean, _ = quad(lambda t: 1 - squared.cdf(t * t) ** (features - 1), 0, 1, limit=200)
    low, high = (float(np.sqrt(squared.ppf(tail ** (1 / (features - 1))))) for tail in (0.025, 0.975))
    return Chance(float(mean), low, high)


def covariance_eigenvalues(mapped: NDArray[np.float64], rows: ConceptRows) -> NDArray[np.float64]:
    """The eigenvalues of the covariance of the fit rows, the two data sets each about its own mean; zeros left out."""
    parts = [mapped[rows.fit & ((rows.codes < 2) == toxicity)] for toxicity in (True, False)]
    centred = np.concatenate([part - part.mean(0) for part in parts])
    values = np.linalg.svd(centred, compute_uv=False) ** 2 / len(centred)
    kept: NDArray[np.float64] = values[values > 1e-12 * values[0]]
    return kept


def drawn_chance(concepts: int, eigenvalues: NDArray[np.float64], *, draws: int = 300, seed: int = 0) -> OverlapChance:
    """Overlap of ``concepts`` directions N(0, diag(eigenvalues)); all ones give uniform directions.

    Means of entanglement over all concepts of a draw would hide how much a single concept scatters: quantiles are
    those of single concepts.
    """
    random = np.random.default_rng(seed)
    found, ranks, ratios = [], [], []
    for _ in range(draws):
        directions = random.standard_normal((concepts, len(eigenvalues))) * np.sqrt(eigenvalues)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        gram = directions @ directions.T
        found.append(overlaps(cosines(gram))[1:])
        ranks.append(effective_rank(gram))
        ratios.append(participation_ratio(gram))
    return _chance(found, ranks, ratios)


def shuffled_chance(mapped: NDArray[np.float64], rows: ConceptRows, *, draws: int = 60, seed: int = 0) -> OverlapChance:
    """Overlap of the first concept when labels mean nothing."""
    random = np.random.default_rng(seed)
    found, ranks, ratios = [], [], []
    for _ in range(draws):
        shuffled = rows.shuffled(random)
        gram = raw_gram(class_means(mapped, shuffled), shuffled)
        cosine = cosines(gram)
        found.append(overlaps(cosine)[1:, 0])
        ranks.append(effective_rank(cosine))
        ratios.append(participation_ratio(cosine))
    return _chance(found, ranks, ratios)


def _chance(found: list[NDArray[np.float64]], ranks: list[float], ratios: list[float]) -> OverlapChance:
    """From (entanglement, mean cosine, interference) of each draw, of one concept or of all."""
    entanglement, mean_cosine, interference = (Chance.of(values.ravel()) for values in np.stack(found, axis=1))
    of_ranks, of_ratios = Chance.of(np.array(ranks)), Chance.of(np.array(ratios))
    return OverlapChance(entanglement, mean_cosine, interference, of_ranks, of_ratios)
