"""Overlap of concept directions against closed forms and planted truth."""

from __future__ import annotations

import numpy as np
import pytest

from hormesis.representation.geometry import (
    class_means,
    corrected_gram,
    cosines,
    effective_rank,
    overlap,
    overlaps,
    participation_ratio,
    raw_gram,
    split_half_cosines,
    welch_bound,
)
from tests.representation.geometry.planted import rotation, toxic_and_bank, true_cosines, unit


def test_orthogonal_directions_overlap_in_nothing_and_fill_all_dimensions() -> None:
    _, entangled, mean, interference = overlaps(np.eye(5))
    assert entangled.max() == mean.max() == interference.max() == 0
    assert effective_rank(np.eye(5)) == pytest.approx(5) == participation_ratio(np.eye(5))


def test_a_simplex_meets_the_welch_bound_in_entanglement_and_interference() -> None:
    vectors = unit(np.eye(6) - 1 / 6)
    gram = vectors @ vectors.T
    _, entangled, mean, interference = overlaps(gram)
    np.testing.assert_allclose(entangled, welch_bound(6, 5))
    np.testing.assert_allclose(mean, welch_bound(6, 5))
    np.testing.assert_allclose(interference, 6 / 5 - 1)  # a tight frame: Σ_j c_ij² = K / d
    assert effective_rank(gram) == pytest.approx(5) == participation_ratio(gram)


def test_parallel_directions_fill_one_dimension() -> None:
    assert effective_rank(np.ones((4, 4))) == pytest.approx(1) == participation_ratio(np.ones((4, 4)))


def _planted(width: int = 64, cosine: float = 0.6, **options: float) -> tuple[np.ndarray, ...]:
    directions = unit(np.random.default_rng(1).standard_normal((7, width)))
    orthogonal, _ = np.linalg.qr(directions.T)
    directions = orthogonal.T
    directions[0] = cosine * directions[1] + np.sqrt(1 - cosine**2) * directions[0]
    features, rows = toxic_and_bank(directions, **options)  # type: ignore[arg-type]
    return features, rows, true_cosines(directions, rows)  # type: ignore[return-value]


def test_the_corrected_gram_matrix_is_unbiased_where_the_raw_one_is_not() -> None:
    raw, corrected = [], []
    for seed in range(200):
        features, rows, truth = _planted(seed=seed, each=24, toxic=40, strength=1.0)
        means = class_means(features, rows)  # type: ignore[arg-type]
        raw.append(cosines(raw_gram(means, rows))[0, 1])  # type: ignore[arg-type]
        corrected.append(corrected_gram(means, rows))  # type: ignore[arg-type]
    assert np.mean(raw) < truth[0, 1] - 0.2, "noise makes directions look orthogonal"
    # Toxicity is one unit long, a bank concept (K − 1) / (K − 2) of what its contrast with the others' mean leaves.
    lengths = np.array([1.0, *[np.sqrt(1 + 1 / 5)] * 6])
    errors = np.mean(corrected, axis=0) - truth * np.outer(lengths, lengths)
    standard = np.std(corrected, axis=0, ddof=1) / np.sqrt(len(corrected))
    assert np.abs(errors / standard).max() < 3.6, "28 numbers, each within its standard error of the truth"
    assert standard.max() < 0.1


def test_correction_is_the_average_over_splits_into_halves() -> None:
    features, rows, _ = _planted(seed=3, each=24, toxic=40)
    random = np.random.default_rng(0)
    total = np.zeros((7, 7))
    for _ in range(4000):
        halves: list[list[np.ndarray]] = [[], []]
        for code in range(rows.classes):  # type: ignore[attr-defined]
            order = random.permutation(np.flatnonzero(rows.fit & (rows.codes == code)))  # type: ignore[attr-defined]
            half = len(order) // 2
            halves[0].append(features[order[:half]].mean(0))
            halves[1].append(features[order[half : 2 * half]].mean(0))
        one, other = (rows.contrasts @ np.stack(half) for half in halves)  # type: ignore[attr-defined]
        total += (one @ other.T + other @ one.T) / 2
    exact = corrected_gram(class_means(features, rows), rows)  # type: ignore[arg-type]
    np.testing.assert_allclose(total / 4000, exact, atol=0.05)


def test_intervals_cover_the_truth() -> None:
    covered = of_entanglement = 0
    for seed in range(40):
        features, rows, truth = _planted(seed=seed, each=36, toxic=90)
        means = class_means(features, rows)  # type: ignore[arg-type]
        _, corrected = overlap(features, means, rows, resamples=120, seed=seed)  # type: ignore[arg-type]
        covered += corrected.cosine.low[1] <= truth[0, 1] <= corrected.cosine.high[1]
        of_entanglement += corrected.entanglement.low[0] <= truth[0, 1] <= corrected.entanglement.high[0]
    assert 34 <= covered <= 40
    assert of_entanglement >= 33, "a little less: another neighbour than the planted one is sometimes the nearest"


def test_nothing_depends_on_the_axes() -> None:
    features, rows, _ = _planted(seed=2)
    turned = features @ rotation(64)
    for one, other in zip(
        overlap(features, class_means(features, rows), rows, resamples=20),  # type: ignore[arg-type]
        overlap(turned, class_means(turned, rows), rows, resamples=20),  # type: ignore[arg-type]
        strict=True,
    ):
        for name in vars(one):
            np.testing.assert_allclose(getattr(one, name).value, getattr(other, name).value, atol=1e-9)
            np.testing.assert_allclose(getattr(one, name).low, getattr(other, name).low, atol=1e-9)


def test_split_halves_agree_as_the_noise_says() -> None:
    # Two classes of n texts, |δ| = s: halves have squared error 2·2d/n each, so r ≈ s² / (s² + 4d/n).
    features, rows, _ = _planted(cosine=0.0, each=24, toxic=150, strength=1.0)
    n = int((rows.fit & (rows.codes == 1)).sum())  # type: ignore[attr-defined]
    measured = split_half_cosines(features, rows)[0]  # type: ignore[arg-type]
    assert measured == pytest.approx(1 / (1 + 4 * 64 / n), abs=0.12)


def test_a_concept_that_is_noise_alone_has_no_corrected_value_or_no_certain_one() -> None:
    features, rows, _ = _planted(strength=0.0, each=24)
    _, corrected = overlap(features, class_means(features, rows), rows, resamples=60)  # type: ignore[arg-type]
    low, high = corrected.entanglement.low, corrected.entanglement.high
    assert (np.isnan(corrected.entanglement.value) | np.isnan(low) | (high - low > 0.5)).all()
