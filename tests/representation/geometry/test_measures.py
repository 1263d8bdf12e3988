"""Separability, erasure, transfer and fragility against closed forms and planted truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import roc_auc_score

from hormesis.representation.auroc import auroc
from hormesis.representation.geometry import (
    ConceptBank,
    ConceptRows,
    LabelledFeatures,
    activation_scale,
    chance_area,
    erasure,
    estimator_map,
    fit_bank,
    fragility,
    separability,
    transfers,
)
from tests.representation.geometry.planted import Matrix, rotation, toxic_and_bank, unit


def _two_classes(shift: Matrix, rows: int = 1200, seed: int = 0) -> tuple[Matrix, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = np.arange(rows) % 2 == 1
    return random.standard_normal((rows, len(shift))) + truth[:, None] * shift, truth


def test_auroc_is_that_of_scikit_learn_with_ties() -> None:
    random = np.random.default_rng(0)
    scores, truth = random.integers(0, 6, (300, 3)).astype(float), random.random(300) < 0.3
    for column in range(3):
        assert auroc(scores, truth)[column] == pytest.approx(roc_auc_score(truth, scores[:, column]))


def test_for_normal_scores_the_area_follows_from_fishers_ratio() -> None:
    values, truth = _two_classes(np.array([1.3]), rows=20_000)
    found = separability(values[:, 0], truth)
    assert found.fisher_ratio == pytest.approx(1.3**2 / 2, rel=0.05)
    assert found.area == pytest.approx(norm.cdf(1.3 / np.sqrt(2)), abs=0.01)
    assert found.low < found.area < found.high


def test_the_discriminant_is_that_of_scikit_learn() -> None:
    values, truth = _two_classes(np.ones(8), rows=4000)
    values = values * np.linspace(1, 3, 8) @ rotation(8)
    rows = ConceptRows(("x",), truth.astype(np.int64), np.array([[-1.0, 1.0]]), np.ones(len(truth), dtype=bool))
    transform = estimator_map(values, rows, "lda")
    assert transform is not None
    own = transform @ (values[truth].mean(0) - values[~truth].mean(0))
    theirs = LinearDiscriminantAnalysis(solver="lsqr").fit(values, truth).coef_[0]
    assert abs(unit(own) @ unit(theirs)) > 0.999


def test_a_concept_on_one_line_is_erased_by_one_projection_or_two_and_more_lines_take_more() -> None:
    one, truth = _two_classes(np.array([2.5, *np.zeros(15)]), rows=4000)
    half = len(truth) // 2
    found = erasure(one[:half], truth[:half], one[half:], truth[half:])
    assert found.rank in (1, 2) and found.steps[0].area > 0.95
    assert found.random.area > 0.9, "as many random directions erase nothing"
    # Several lines: features of very different spread carry the label, so that no one direction holds it all.
    scales = np.array([1.0, 4.0, 16.0, 64.0, *np.ones(12)])
    several, truth = _two_classes(2.0 * np.array([1, 1, 1, 1, *np.zeros(12)]), rows=4000)
    several = several * scales
    more = erasure(several[:half], truth[:half], several[half:], truth[half:]).rank
    assert more is not None and more >= 3 and more > (found.rank or 0)


def test_erasure_of_nothing_takes_nothing_and_no_axis_matters() -> None:
    noise, truth = _two_classes(np.zeros(6), seed=3)
    assert erasure(noise[:600], truth[:600], noise[600:], truth[600:]).rank == 0
    values, truth = _two_classes(np.array([1.0, 1, 0, 0, 0, 0]))
    turned = values @ rotation(6)
    one, other = (erasure(v[:600], truth[:600], v[600:], truth[600:]) for v in (values, turned))
    assert one.rank == other.rank
    np.testing.assert_allclose([s.area for s in one.steps], [s.area for s in other.steps], atol=1e-4)


def _data_set(name: str, shift: Matrix, seed: int) -> LabelledFeatures:
    values, truth = _two_classes(shift, seed=seed)
    return LabelledFeatures(name, values, truth, np.arange(len(truth)) < len(truth) * 2 // 3)


def test_what_two_data_sets_share_carries_over_and_what_they_do_not_does_not() -> None:
    same, other = np.array([2.0, *np.zeros(19)]), np.array([0, 2.0, *np.zeros(18)])
    shared = {(t.source, t.target): t for t in transfers(_data_set("a", same, 0), _data_set("b", same, 1))}
    apart = {(t.source, t.target): t for t in transfers(_data_set("a", same, 0), _data_set("b", other, 1))}
    assert set(shared) == {("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")}
    assert min(t.found.area for t in shared.values()) > 0.88
    assert shared["a", "b"].found.area > shared["a", "b"].chance.high
    for way in (("a", "b"), ("b", "a")):
        assert apart[way].chance.low < apart[way].found.area < apart[way].chance.high


def test_drawn_directions_are_at_a_half_and_scatter_where_the_label_is_in_the_variance() -> None:
    little, truth = _two_classes(np.zeros(30))
    much, _ = _two_classes(np.array([6.0, *np.zeros(29)]))
    assert chance_area(little, truth, little).mean() == pytest.approx(0.5, abs=0.03)
    assert chance_area(much, truth, much).std() > 3 * chance_area(little, truth, little).std()


def test_noise_takes_away_what_the_closed_form_says() -> None:
    gap, spread = 2.0, 1.0
    random = np.random.default_rng(0)
    truth = np.arange(600) % 2 == 1
    quantiles = norm.ppf((np.arange(300) + 0.5) / 300)
    scores = np.empty(600)
    scores[truth], scores[~truth] = random.permutation(quantiles) + gap, quantiles
    found = fragility(scores, truth, scale=1.0)
    for level, area in zip((0.5, 1.0, 2.0, 4.0), found.areas, strict=True):
        assert area == pytest.approx(norm.cdf(gap / np.sqrt(2 * (spread**2 + level**2))), abs=0.004)
    quarter = norm.ppf(0.5 + (norm.cdf(gap / np.sqrt(2)) - 0.5) / 2)
    assert found.half_life == pytest.approx(np.sqrt(gap**2 / (2 * quarter**2) - 1), rel=0.02)
    assert found.low < found.half_life < found.high


def test_half_life_is_in_units_of_the_activations() -> None:
    values, truth = _two_classes(np.array([2.0, *np.zeros(9)]))
    small, large = (
        fragility(factor * values[:, 0], truth, activation_scale(factor * values)).half_life for factor in (1.0, 50.0)
    )
    assert small == pytest.approx(large)


def test_a_bank_finds_what_was_planted_and_comes_back_from_disk(tmp_path: object) -> None:
    directions = rotation(40)[:6]
    features, rows = toxic_and_bank(directions, each=240, toxic=600, strength=4.0)
    for estimator in ("mean-difference", "lda"):
        bank, _ = fit_bank(features, rows, "1", estimator)
        vectors = bank.vectors.double().numpy()
        assert vectors[0] @ directions[0] > 0.97, "towards the concept"
        assert float(bank.split_half.min()) > 0.9
        bank.save(tmp_path / estimator)  # type: ignore[operator]
        again = ConceptBank.load(tmp_path / estimator)  # type: ignore[operator]
        assert again.concepts == rows.concepts and again.vectors.equal(bank.vectors)
        held_out, truth = rows.truth(0, fit=False)
        assert auroc(again.scores(features)[held_out, 0], truth) > 0.99
