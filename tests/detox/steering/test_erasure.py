"""LEACE and ablation do what their theorems say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from hormesis.detox import ConceptErasure, DirectionalAblation, fit_leace
from hormesis.detox.steering.ablation import remove
from hormesis.detox.steering.leace import erase
from hormesis.errors import HormesisError
from hormesis.representation import HeadActivations, ModelLayout, ResidualDirection, split_by_group
from tests.representation.tiny import FAMILIES, MORE_FAMILIES, labelled_activations, tiny_model, tokens_and_masks


def _erased(found: ConceptErasure, rows: torch.Tensor, k: int, strength: float = 1.0) -> torch.Tensor:
    return erase(rows[:, None], torch.tensor(strength), found.into[k], found.along[k], found.offsets[k])[:, 0]


def test_after_leace_no_linear_probe_tells_the_classes_apart() -> None:
    activations, labels, split = labelled_activations(texts=600)
    found = fit_leace(activations, labels, split)
    assert found.layers_erased == (0, 1, 2)
    truth = labels[split.fit]
    for layer in found.layers_erased:
        rows = activations.values[torch.from_numpy(split.fit), layer].flatten(1)
        erased = _erased(found, rows, layer)
        # The theorem: class means are equal, so that no linear classifier beats the constant one.
        assert (erased[truth].mean(0) - erased[~truth].mean(0)).abs().max() < 1e-4
        majority = max(truth.mean(), 1 - truth.mean())
        probe = LogisticRegression(C=1e6, max_iter=2000).fit(erased.numpy(), truth)
        assert probe.score(erased.numpy(), truth) <= majority + 0.02
        # And it is the least such change: the erased rows differ along one direction only.
        assert torch.linalg.matrix_rank(erased - rows, rtol=1e-3) == 1


def test_leace_agrees_with_its_closed_form_for_correlated_features() -> None:
    random = np.random.default_rng(1)
    mixing = random.standard_normal((6, 6))
    labels = random.random(500) < 0.5
    values = torch.from_numpy((random.standard_normal((500, 6)) + labels[:, None] * np.arange(6)) @ mixing + 3)
    activations = HeadActivations(values.float().view(500, 1, 2, 3))
    split = split_by_group([str(row) for row in range(500)], 0)
    found = fit_leace(activations, labels, split)
    rows = values[torch.from_numpy(split.fit)]
    covariance = torch.cov(rows.T, correction=0)
    whitening = torch.linalg.inv(torch.linalg.cholesky(covariance)).double()
    # Any whitening gives the same eraser only with the symmetric root, so take that one.
    values_, vectors = torch.linalg.eigh(covariance)
    whitening = vectors @ torch.diag(values_.rsqrt()) @ vectors.T
    label = torch.from_numpy(labels[split.fit]).double()
    crossed = ((rows - rows.mean(0)) * (label - label.mean())[:, None]).mean(0)
    unit = torch.nn.functional.normalize(whitening @ crossed, dim=0)
    projection = torch.linalg.inv(whitening) @ torch.outer(unit, unit) @ whitening
    expected = rows - (rows - rows.mean(0)) @ projection.T
    torch.testing.assert_close(_erased(found, rows.float(), 0).double(), expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("family", [*FAMILIES, *MORE_FAMILIES])
def test_ablation_leaves_nothing_of_the_direction_in_the_stream(family: str) -> None:
    model = tiny_model(family)
    layout = ModelLayout.of(model)
    drawn = torch.randn(layout.width, generator=torch.Generator().manual_seed(0))
    vector = torch.nn.functional.normalize(drawn, dim=0)
    ablation = DirectionalAblation(ResidualDirection(1, vector, 1.0, "random", 3, layout.architecture))
    ablation.layout(model)  # the model is met, and need not be validated below
    ids, _, _ = tokens_and_masks([6], "right")
    seen: list[torch.Tensor] = []

    def note(_module: object, _arguments: object, output: torch.Tensor | tuple[torch.Tensor, ...]) -> None:
        seen.append(output if isinstance(output, torch.Tensor) else output[0])

    handles = [block.register_forward_hook(note) for block in layout.blocks()]
    with torch.no_grad(), ablation.apply(model, 1.0):
        model(ids)
    for handle in handles:
        handle.remove()
    assert len(seen) == 3
    assert all((hidden @ vector).abs().max() < 1e-4 * max(1.0, float(hidden.abs().max())) for hidden in seen)


def test_a_half_ablation_halves() -> None:
    vector = torch.tensor([0.6, 0.8])
    hidden = torch.randn(2, 3, 2, generator=torch.Generator().manual_seed(0))
    halved = remove(hidden, torch.tensor([[[0.5]], [[0.0]]]), vector)
    torch.testing.assert_close(halved[0] @ vector, 0.5 * hidden[0] @ vector)
    assert torch.equal(halved[1], hidden[1])


def test_a_lone_class_is_refused() -> None:
    activations, labels, split = labelled_activations()
    with pytest.raises(HormesisError, match="of one class"):
        fit_leace(activations, np.zeros_like(labels), split)


def test_leace_is_as_exact_in_half_precision() -> None:
    """bᵀz and bᵀμ are large beside their difference where features vary together: rounded first, nothing is left."""
    model = tiny_model("llama").bfloat16()
    layout = ModelLayout.of(model)
    width = layout.heads * layout.head_width
    drawn = torch.Generator().manual_seed(0)
    into, along = (torch.randn(1, width, generator=drawn) for _ in range(2))
    mean = 30 * torch.randn(width, generator=drawn)
    rows = (mean + torch.randn(2, 5, width, generator=drawn)).bfloat16()
    erasure = ConceptErasure((1,), into, along, (along[0] @ mean)[None], 3, layout.architecture)
    projection = layout.output_projections[1]
    with erasure.apply(model, 1.0):
        (hook,) = projection._forward_pre_hooks.values()
        (changed,) = hook(projection, (rows,))
    exact = erase(rows.double(), torch.tensor(1.0), into[0].double(), along[0].double(), (along[0] @ mean).double())
    assert changed.dtype is torch.bfloat16
    wanted, got = exact - rows.double(), changed.double() - rows.double()
    assert (got - wanted).norm() < 0.1 * wanted.norm()


@pytest.mark.parametrize("width", [6, 40])
def test_leace_erases_whatever_the_scales_of_the_features_are(width: int) -> None:
    """One feature 3,000 times wider than the others, and one a thousandth of them: the classes differ in all."""
    random = np.random.default_rng(0)
    labels = random.random(400) < 0.4
    values = random.standard_normal((400, width)) @ random.standard_normal((width, width)) + labels[:, None]
    values[:, 0] *= 3000
    values[:, 1] /= 1000
    activations = HeadActivations(torch.from_numpy(values).float().view(400, 1, 2, width // 2))
    split = split_by_group([str(row) for row in range(400)], 0)
    found = fit_leace(activations, labels, split)
    rows, truth = activations.values[torch.from_numpy(split.fit), 0].flatten(1), labels[split.fit]
    erased = _erased(found, rows, 0)
    gap = (erased[truth].mean(0) - erased[~truth].mean(0)).abs()
    assert (gap / rows.std(0)).max() < 1e-5
    scaled = ((erased - erased.mean(0)) / erased.std(0)).numpy()
    probe = LogisticRegression(C=1e6, max_iter=2000).fit(scaled, truth)
    assert probe.score(scaled, truth) <= max(truth.mean(), 1 - truth.mean()) + 0.02


def test_leace_of_classes_that_do_not_differ_changes_nothing() -> None:
    rows = torch.randn(40, 1, 2, 3, generator=torch.Generator().manual_seed(0)).repeat_interleave(2, 0)
    labels = np.arange(80) % 2 == 0  # each text stands in both classes
    split = split_by_group([str(row // 2) for row in range(80)], 0)
    found = fit_leace(HeadActivations(rows), labels, split)
    flat = rows[:, 0].flatten(1)
    assert torch.equal(_erased(found, flat, 0), flat)


def test_leace_refuses_activations_that_are_not_finite() -> None:
    activations, labels, split = labelled_activations()
    activations.values[int(split.fit[0]), 1] = float("nan")
    with pytest.raises(HormesisError, match="not finite"):
        fit_leace(activations, labels, split)


def test_the_files_of_an_artefact_are_as_readable_as_each_other(tmp_path: Path) -> None:
    activations, labels, split = labelled_activations()
    fit_leace(activations, labels, split).save(tmp_path / "erasure")
    files = [*(tmp_path / "erasure").glob("intervention*")]
    assert len(files) == 2 and len({file.stat().st_mode for file in files}) == 1
