"""How much concepts overlap: entanglement, mean cosine and interference, with intervals and without the noise's share.

For unit directions v_k of K concepts and their cosines c_ij = v_i · v_j:

- *entanglement* E_i = max_{j≠i} |c_ij| (arXiv 2505.04741, section 2);
- *mean cosine* Σ_{j≠i} |c_ij| / (K − 1);
- *interference* Σ_{j≠i} c_ij² (arXiv 2209.10652: what reading feature i hears of all others).

**Noise makes directions look orthogonal.** A direction from few texts is the true one plus an error in a random
direction; its length is too great and its cosines are too small. The mean m_c of n_c rows has E|m_c|² = |μ_c|² +
tr(S_c)/n_c, and products of different means have no such bias. So the Gram matrix of the directions, G = A (M Mᵀ −
diag(tr(S_c)/n_c)) Aᵀ with the contrasts A, is unbiased, and is what the average over all splits of the texts into
halves of ½(⟨δ_i, δ'_j⟩ + ⟨δ'_i, δ_j⟩) comes to. *Corrected* cosines are G_ij / √(G_ii G_jj) (Spearman's correction
for attenuation, 1904, doi 10.2307/1412159). A concept whose G_ii is not positive has no direction that the texts could
tell from noise: its corrected values are missing.

The maximum, the mean size and the sum of squares of noisy cosines are all too great, and correction makes them noisier.
So corrected *entanglement* is the corrected cosine with the one concept that is nearest as found, counted positive in
the direction found: its interval is that of this pair, and reaches below 0 where the texts do not decide. It was chosen
as the largest of K − 1, so it is still a little too great: compare it with chance, and with other models under the same
bank.

Intervals resample texts within each class. Around corrected values they are percentiles of a bootstrap whose Gram
matrices are corrected for both the sample's noise and the resample's; around raw values, ±1.96 bootstrap standard
errors, for percentiles would be shifted by the second noise.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hormesis.representation.geometry.estimators import ClassMeans
from hormesis.representation.geometry.rows import ConceptRows

_BLOCK_NUMBERS = 2**24
"""Numbers of float64 in the largest temporary array."""


@dataclass(frozen=True, eq=False)
class Estimates:
    """One number for each concept, with a 95 % interval; each array is float64 [K]."""

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Overlap:
    """The measures of all concepts; ``cosine`` is with the first concept, and its own is 1."""

    cosine: Estimates
    entanglement: Estimates
    mean_cosine: Estimates
    interference: Estimates


@dataclass(frozen=True, eq=False)
class CorrectedOverlap:
    """Without the noise's share; NaN where there is no telling."""

    cosine: Estimates
    entanglement: Estimates


def cosines(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    """[…, K, K] from a Gram matrix; NaN where a squared length is not positive; within [−1, 1]."""
    squared = np.diagonal(gram, axis1=-2, axis2=-1)
    length = np.sqrt(np.where(squared > 0, squared, np.nan))
    return np.clip(gram / length[..., :, None] / length[..., None, :], -1, 1)


def overlaps(cosine: NDArray[np.float64]) -> NDArray[np.float64]:
    """[4, …, K]: cosine with the first concept, entanglement, mean |cosine| and interference of each."""
    others = cosine.copy()
    number = np.arange(cosine.shape[-1])
    others[..., number, number] = np.nan
    size = np.abs(others)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a concept without a direction: all NaN, and so the result
        interference = np.where(np.isnan(size).all(-1), np.nan, np.nansum(size**2, -1))
        return np.stack([cosine[..., 0, :], np.nanmax(size, -1), np.nanmean(size, -1), interference])


def raw_gram(means: ClassMeans, rows: ConceptRows) -> NDArray[np.float64]:
    """[K, K], the inner products of the directions as they were found."""
    directions = rows.contrasts @ means.means
    return directions @ directions.T


def corrected_gram(means: ClassMeans, rows: ConceptRows) -> NDArray[np.float64]:
    """[K, K], unbiased for the inner products of the true directions."""
    return raw_gram(means, rows) - rows.contrasts @ np.diag(means.errors) @ rows.contrasts.T


def overlap(
    mapped: NDArray[np.float64], means: ClassMeans, rows: ConceptRows, *, resamples: int = 300, seed: int = 0
) -> tuple[Overlap, CorrectedOverlap]:
    """(raw, corrected) overlaps of all concepts, with 95 % intervals over texts.

    :param mapped: [N, width], what ``means`` are the means of.
    """
    resampled = _resampled_grams(mapped, means, rows, resamples, np.random.default_rng(seed))
    raw = overlaps(cosines(raw_gram(means, rows)))
    spread = 1.96 * np.nanstd(overlaps(cosines(resampled)), axis=1, ddof=1)
    lowest = np.array([-1.0, 0, 0, 0])[:, None]
    highest = np.array([1.0, 1, 1, np.inf])[:, None]
    bounds = np.maximum(raw - spread, lowest), np.minimum(raw + spread, highest)
    around_raw = [Estimates(*row) for row in zip(raw, *bounds, strict=True)]
    # In a resample the sample plays the truth; its noise, and that of the resample beside it, are taken off.
    counts = means.counts / np.maximum(means.counts - 1, 1)
    noise = rows.contrasts @ np.diag(means.errors + means.errors / counts) @ rows.contrasts.T
    nearest = _nearest(cosines(raw_gram(means, rows)))
    around_corrected = []
    for value, drawn in zip(
        nearest(cosines(corrected_gram(means, rows))), nearest(cosines(resampled - noise)), strict=True
    ):
        known = np.isnan(drawn).mean(0) <= 0.025  # else what is missing would belong into the interval
        low, high = np.nanquantile(np.where(known, drawn, 0.0), [0.025, 0.975], axis=0)
        around_corrected.append(Estimates(value, np.where(known, low, np.nan), np.where(known, high, np.nan)))
    return Overlap(*around_raw), CorrectedOverlap(*around_corrected)


def _nearest(raw: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """What reads the cosine with the first concept, and with the concept that is nearest in ``raw``, off others:
    [2, …, K]."""
    others = np.abs(raw) - 2 * np.eye(len(raw))
    number, partner = np.arange(len(raw)), np.nanargmax(others, axis=1)
    sign = np.sign(raw[number, partner])
    return lambda cosine: np.stack([cosine[..., 0, :], sign * cosine[..., number, partner]])


def _resampled_grams(
    mapped: NDArray[np.float64], means: ClassMeans, rows: ConceptRows, resamples: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """[resamples, K, K]: raw Gram matrices of texts drawn with replacement within each class."""
    classes, width = means.means.shape
    grams = []
    step = max(1, _BLOCK_NUMBERS // (classes * width))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = np.empty((size, classes, width))
        for code in range(classes):
            of_class = mapped[rows.fit & (rows.codes == code)]
            counts = random.multinomial(len(of_class), np.full(len(of_class), 1 / len(of_class)), size=size)
            drawn[:, code] = counts @ of_class / len(of_class)
        directions = rows.contrasts @ drawn
        grams.append(directions @ directions.transpose(0, 2, 1))
    return np.concatenate(grams)


def split_half_cosines(
    mapped: NDArray[np.float64], rows: ConceptRows, *, splits: int = 20, seed: int = 0
) -> NDArray[np.float64]:
    """[K], the mean cosine of directions from two random halves of the fit texts: how well a direction is known.

    With r the split-half cosine, 2r / (1 + r) estimates the squared cosine of the whole's direction with the true one
    (Spearman 1910, Brown 1910).
    """
    random = np.random.default_rng(seed)
    total = np.zeros(len(rows.concepts))
    of_class = [np.flatnonzero(rows.fit & (rows.codes == code)) for code in range(rows.classes)]
    for _ in range(splits):
        halves: list[list[NDArray[np.float64]]] = [[], []]
        for members in of_class:
            order = random.permutation(members)
            halves[0].append(mapped[order[: len(order) // 2]].mean(0))
            halves[1].append(mapped[order[len(order) // 2 :]].mean(0))
        one, other = (rows.contrasts @ np.stack(half) for half in halves)
        length = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
        total += np.einsum("kd,kd->k", one, other) / np.where(length > 0, length, np.nan)
    return total / splits
