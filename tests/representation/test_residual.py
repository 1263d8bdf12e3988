"""The residual stream: what is captured, and the directions found in it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation import (
    ResidualActivations,
    capture_heads,
    capture_heads_and_residual,
    mean_difference,
    principal_direction,
    probe_layers,
    split_by_group,
)
from tests.representation.tiny import FAMILIES, MORE_FAMILIES, hook_count, random_texts, tiny_model, tiny_tokenizer


@pytest.mark.parametrize("family", [*FAMILIES, *MORE_FAMILIES])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_stream_is_that_of_transformers_and_the_heads_are_the_same(family: str, side: str) -> None:
    model, tokenizer, texts = tiny_model(family), tiny_tokenizer(), random_texts(9)
    lm = LanguageModel.of(model, tokenizer)
    heads, residual = capture_heads_and_residual(
        lm,
        texts,
        batch_size=4,
        padding_side=side,  # type: ignore[arg-type]
    )
    torch.testing.assert_close(heads.values, capture_heads(lm, texts).values, rtol=1e-4, atol=1e-4)
    assert hook_count(model) == 0
    for row, text in enumerate(texts):
        with torch.no_grad():
            states = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states
        # The last of transformers' hidden states is after the final norm: only those before can be compared.
        for layer, state in enumerate(states[1:-1]):
            torch.testing.assert_close(residual.values[row, layer], state[0, -1], rtol=1e-4, atol=1e-4)


def _planted(rows: int = 400, width: int = 12) -> tuple[ResidualActivations, np.ndarray, torch.Tensor]:
    """Three layers of noise; at layer 1 toxic texts are shifted along a known unit vector, by 3."""
    random = np.random.default_rng(0)
    labels = random.random(rows) < 0.3
    values = torch.from_numpy(random.standard_normal((rows, 3, width)))
    vector = torch.nn.functional.normalize(torch.from_numpy(random.standard_normal(width)), dim=0)
    values[torch.from_numpy(labels), 1] += 3 * vector
    return ResidualActivations(values.float()), labels, vector.float()


@pytest.mark.parametrize("find", [mean_difference, principal_direction])
def test_a_planted_direction_is_found_with_its_sign(find: object) -> None:
    residual, labels, planted = _planted()
    split = split_by_group([str(row) for row in range(len(labels))], 0)
    assert probe_layers(residual, labels, split).top(1) == ((1, 0),)
    found = find(residual, labels, split, 1)  # type: ignore[operator]
    assert float(found.vector @ planted) < -0.95, "from toxic to non-toxic"
    if find is mean_difference:
        assert found.scale == pytest.approx(3, abs=0.5)


def test_only_fit_rows_count() -> None:
    residual, labels, _ = _planted()
    split = split_by_group([str(row) for row in range(len(labels))], 0)
    other = residual.values.clone()
    other[torch.from_numpy(np.concatenate([split.validation, split.test]))] = 100.0
    for find in (mean_difference, principal_direction):
        assert torch.equal(
            find(residual, labels, split, 1).vector, find(ResidualActivations(other), labels, split, 1).vector
        )


def test_a_layer_that_is_not_there_and_a_lone_class_are_refused() -> None:
    residual, labels, _ = _planted()
    split = split_by_group([str(row) for row in range(len(labels))], 0)
    with pytest.raises(HormesisError, match="layer 3 of a model with 3"):
        mean_difference(residual, labels, split, 3)
    with pytest.raises(HormesisError, match="of one class"):
        principal_direction(residual, np.ones_like(labels), split, 1)
