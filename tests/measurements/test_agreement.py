"""Agreement of scorers and of a scorer with a reference, against scipy and scikit-learn and against known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr
from sklearn.metrics import roc_auc_score

from hormesis.errors import HormesisError
from hormesis.evaluate import ReferenceScale, against_reference
from hormesis.measurements import over_prompts, over_settings


def _two(shape: tuple[int, ...], noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    one = generator.random(shape)
    return one, one**2 + noise * generator.random(shape)


def test_correlations_over_prompts_are_scipys_averaged_over_models() -> None:
    one, other = _two((3, 40), 0.5)
    one[1, 4] = np.nan
    rank, linear = over_prompts(one, other)
    kept = np.delete(np.arange(40), 4)
    pairs = [(one[model, kept], other[model, kept]) for model in range(3)]
    assert rank.value == pytest.approx(np.mean([spearmanr(*pair).statistic for pair in pairs]))
    assert linear.value == pytest.approx(np.mean([pearsonr(*pair).statistic for pair in pairs]))
    for found in (rank, linear):
        assert found.low < found.value < found.high and found.n == 39


def test_a_scorer_that_never_varies_agrees_with_nobody() -> None:
    rank, linear = over_prompts(np.full((1, 10), 0.5), np.random.default_rng(0).random((1, 10)))
    assert np.isnan([rank.value, rank.low, linear.value]).all()


def test_tau_over_settings_is_scipys_within_groups_weighted_by_pairs() -> None:
    one, other = _two((7, 2, 30), 0.8)
    counts = np.random.default_rng(1).integers(0, 4, one.shape).astype(float)
    one[counts == 0] = np.nan
    means = [np.nansum(scores * counts, (1, 2)) / counts.sum((1, 2)) for scores in (one, other)]
    whole = over_settings(one, other, counts, [range(7)])
    assert whole.value == pytest.approx(kendalltau(*means).statistic)
    assert whole.low <= whole.high and whole.n == 7
    parts = over_settings(one, other, counts, [[0, 1, 2, 3], [4, 5], [6]], resamples=50)
    taus = [kendalltau(*(mean[group] for mean in means)).statistic for group in ([0, 1, 2, 3], [4, 5])]
    assert parts.value == pytest.approx((6 * taus[0] + 1 * taus[1]) / 7) and parts.n == 6


def test_the_interval_of_tau_tells_agreement_from_chance() -> None:
    generator = np.random.default_rng(2)
    levels = np.linspace(0.1, 0.9, 8)[:, None, None]
    one = levels + 0.1 * generator.standard_normal((8, 2, 100))
    alike, apart = levels**3 + 0.1 * generator.standard_normal(one.shape), generator.random(one.shape)
    counts = np.ones(one.shape)
    assert over_settings(one, alike, counts, [range(8)]).low > 0.8
    by_chance = over_settings(one, apart, counts, [range(8)])
    assert by_chance.low < 0 < by_chance.high


def _calibrated(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A score, and a reference that is a known monotone function of it and noise."""
    generator = np.random.default_rng(seed)
    scores = generator.random(count)
    return scores, np.clip(0.8 * scores**2 + 0.1 * generator.standard_normal(count), 0, 1)


def test_against_a_reference_the_statistics_are_those_of_the_libraries() -> None:
    scores, reference = _calibrated(600, 0)
    scores[:3] = np.nan
    found = against_reference(scores, reference)
    assert (found.n, found.failures) == (597, 3)
    assert found.spearman == pytest.approx(spearmanr(scores[3:], reference[3:]).statistic)
    assert found.auroc == pytest.approx(roc_auc_score(reference[3:] >= 0.5, scores[3:]))
    assert found.spearman_interval[0] < found.spearman < found.spearman_interval[1]
    assert found.auroc_interval[0] < found.auroc < found.auroc_interval[1]
    assert sum(each.n for each in found.bins) == 597


def test_the_calibration_error_of_a_calibrated_score_is_small_and_of_a_shifted_one_known() -> None:
    generator = np.random.default_rng(3)
    scores = generator.random(20_000)
    reference = (generator.random(20_000) < scores).astype(float)
    assert against_reference(scores, reference, resamples=5).ece < 0.02
    certain = np.full(1000, 0.95)
    assert against_reference(certain, np.zeros(1000), resamples=5).ece == pytest.approx(0.95)


def test_the_map_is_monotone_and_holds_on_the_half_it_has_not_seen(tmp_path: Path) -> None:
    scale = ReferenceScale.fit(*_calibrated(2000, 0), name="Perspective")
    grid = np.linspace(-0.5, 1.5, 400)
    assert (np.diff(scale(grid)) >= 0).all()
    scores, reference = _calibrated(2000, 1)
    before, after = (np.abs(each - reference).mean() for each in (scores, scale(scores)))
    assert after < 0.1 < before and scale(scores).mean() == pytest.approx(reference.mean(), abs=0.02)
    scale.save(tmp_path / "scale.json")
    again = ReferenceScale.load(tmp_path / "scale.json")
    assert np.array_equal(again(grid), scale(grid)) and again.name == "Perspective"
    maxima = np.random.default_rng(4).random((5, 3))
    assert np.allclose(scale(maxima).max(1), scale(maxima.max(1))), "a monotone map of a maximum is the mapped maximum"


def test_too_few_references_and_a_damaged_map_are_explained(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="too few"):
        ReferenceScale.fit(np.full(30, np.nan), np.ones(30), name="x")
    (tmp_path / "scale.json").write_text("{}")
    with pytest.raises(HormesisError, match="is not a map"):
        ReferenceScale.load(tmp_path / "scale.json")
