from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score

from hormesis.errors import HormesisError
from hormesis.representation import GroupSplit, HeadActivations, HeadProbes, fit_probes, probes
from hormesis.representation.logistic import logistic_regressions
from tests.representation.tiny import labelled_activations


def problem(kind: str, rows: int = 300, width: int = 16) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Features [4, rows, width] and labels, of one kind of difficulty."""
    random = np.random.default_rng(7)
    labels = random.random(rows) < (0.03 if kind == "rare" else 0.45)
    labels[:2] = [True, False]
    features = random.standard_normal((4, rows, width))
    if kind == "separable":
        features += 12 * labels[None, :, None] * random.standard_normal((4, 1, width))
    elif kind == "wider than long":
        features = random.standard_normal((4, rows, rows + 20))
    else:
        features += labels[None, :, None] * random.standard_normal((4, 1, width)) / 4
    if kind == "badly conditioned":
        rotation = np.linalg.qr(random.standard_normal((width, width)))[0]
        features = features @ (np.diag(np.logspace(1.5, -3, width)) @ rotation) + 50
    if kind == "dead":
        features[1] = 0.0
        features[2, :, 3] = 5.0
    return features, labels


@pytest.mark.parametrize("c", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("kind", ["plain", "rare", "separable", "wider than long", "badly conditioned", "dead"])
def test_newton_agrees_with_scikit_learn(kind: str, c: float) -> None:
    features, labels = problem(kind)
    weights, intercepts = logistic_regressions(torch.from_numpy(features), torch.from_numpy(labels), regularisation=c)
    for index, one in enumerate(features):
        oracle = LogisticRegression(C=c, tol=1e-12, max_iter=10_000, solver="newton-cholesky").fit(one, labels)
        expected = oracle.coef_[0]
        if not expected.any():
            assert weights[index].abs().max() < 1e-9
            continue
        found = weights[index].numpy()
        assert found @ expected / np.linalg.norm(found) / np.linalg.norm(expected) >= 0.99999
        np.testing.assert_allclose(np.linalg.norm(found), np.linalg.norm(expected), rtol=1e-3)
        np.testing.assert_allclose(
            one @ found + float(intercepts[index]), oracle.decision_function(one), atol=2e-3, rtol=1e-3
        )


def test_the_measures_are_those_of_scikit_learn_on_validation_and_test() -> None:
    activations, labels, split = labelled_activations()
    activations.values[:, 0, 0] = activations.values[:, 0, 0].round()  # ties among the scores
    found = fit_probes(activations, labels, split)
    for rows, accuracy, auroc in (
        (split.validation, found.accuracy, found.auroc),
        (split.test, found.test_accuracy, found.test_auroc),
    ):
        for layer in range(activations.layers):
            for head in range(activations.heads):
                z = activations.values[:, layer, head].double().numpy()
                oracle = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(z[split.fit], labels[split.fit])
                expected = accuracy_score(labels[rows], oracle.predict(z[rows]))
                assert float(accuracy[layer, head]) == pytest.approx(expected, abs=1e-6)
                area = roc_auc_score(labels[rows], oracle.decision_function(z[rows]))
                assert float(auroc[layer, head]) == pytest.approx(area, abs=1e-6)


def test_test_rows_choose_nothing() -> None:
    activations, labels, split = labelled_activations()
    found = fit_probes(activations, labels, split)
    labels[split.test] = ~labels[split.test]
    values = activations.values.clone()
    values[torch.from_numpy(split.test)] = 100.0
    again = fit_probes(HeadActivations(values), labels, split)
    assert torch.equal(found.weights, again.weights)
    assert torch.equal(found.accuracy, again.accuracy)
    assert found.top(5) == again.top(5)
    assert not torch.equal(found.test_accuracy, again.test_accuracy)


def test_an_empty_test_part_is_not_a_number() -> None:
    activations, labels, split = labelled_activations()
    found = fit_probes(activations, labels, replace(split, test=np.array([], dtype=np.int64)))
    assert found.test_accuracy.isnan().all()


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    activations, labels, split = labelled_activations()
    whole = fit_probes(activations, labels, split)
    monkeypatch.setattr(probes, "CHUNK_BYTES", 1)
    torch.testing.assert_close(fit_probes(activations, labels, split).weights, whole.weights, rtol=1e-4, atol=1e-6)


def test_top_ranks_by_accuracy_and_ties_by_site() -> None:
    activations, labels, split = labelled_activations()
    found = replace(
        fit_probes(activations, labels, split),
        accuracy=torch.tensor([[0.5, 0.9, 0.7, 0.7], [0.9, 0.6, 0.7, 0.1], [0.95, 0.7, 0.5, 0.9]]),
    )
    assert found.top(7) == ((2, 0), (0, 1), (1, 0), (2, 3), (0, 2), (0, 3), (1, 2))
    with pytest.raises(HormesisError, match="13 heads.*12"):
        found.top(13)


def test_bad_labels_are_refused() -> None:
    activations, labels, split = labelled_activations()
    with pytest.raises(HormesisError, match="239 labels"):
        fit_probes(activations, labels[1:], split)
    labels[split.validation] = True
    with pytest.raises(HormesisError, match="validation rows"):
        fit_probes(activations, labels, split)
    with pytest.raises(HormesisError, match="row"):
        fit_probes(activations, labels, GroupSplit(split.fit, np.array([1000]), split.test))


def test_saved_probes_come_back_with_their_split(tmp_path: Path) -> None:
    activations, labels, split = labelled_activations()
    found = fit_probes(activations, labels, split, regularisation=0.5)
    found.save(tmp_path / "probes")
    again = HeadProbes.load(tmp_path / "probes")
    for name in probes.ARRAYS:
        assert torch.equal(getattr(found, name), getattr(again, name))
    np.testing.assert_array_equal(again.split.validation, split.validation)
    assert again.regularisation == 0.5


def test_damaged_probes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="holds no"):
        HeadProbes.load(tmp_path)
    fit_probes(*labelled_activations()).save(tmp_path / "probes")
    arrays = tmp_path / "probes" / "probes.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:100])
    with pytest.raises(HormesisError, match="damaged"):
        HeadProbes.load(tmp_path / "probes")
    settings = tmp_path / "probes" / "probes.json"
    settings.write_text(json.dumps({"format": 99}))
    arrays.unlink()
    with pytest.raises(HormesisError, match="format 99"):
        HeadProbes.load(tmp_path / "probes")
