"""Calibration finds the strength that costs what it may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from hormesis.detox import Prompting, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate import calibrate, language_model_cost
from hormesis.evaluate.calibration import Cost, costs
from hormesis.models import LanguageModel
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_model, tiny_tokenizer

TEXTS = invented_texts(12, words=(6, 10))


@pytest.mark.parametrize("measure", ["ce_cost", "kl_p95"])
@pytest.mark.parametrize("target", [0.02, 0.5])
def test_the_cost_meets_the_target_from_below(measure: Cost, target: float) -> None:
    model, tokenizer, iti = tiny_model(), tiny_tokenizer(), tiny_iti()
    lm = LanguageModel.of(model, tokenizer)
    seen: list[tuple[float, float]] = []
    found = calibrate(
        lm,
        TEXTS,
        iti,
        target=target,
        measure=measure,
        start=4.0,
        progress=lambda strength, cost: seen.append((strength, cost)),
    )
    again = language_model_cost(lm, TEXTS, iti, [found.strength, 1.05 * found.strength], domain="x")
    here, beyond = costs(again, measure).values()
    assert here == pytest.approx(found.cost, rel=1e-3)
    assert here <= target < beyond
    assert found.documents == len(TEXTS)
    assert set(seen) | {(0.0, 0.0)} == set(found.curve)


def test_a_largest_strength_is_kept_to() -> None:
    found = calibrate(LanguageModel.of(tiny_model(), tiny_tokenizer()), TEXTS, tiny_iti(), target=1e9, largest=2.0)
    assert found.strength == 2.0 and found.cost < 1e9


def test_what_cannot_be_met_is_said() -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    with pytest.raises(HormesisError, match="above 0"):
        calibrate(lm, TEXTS, tiny_iti(), target=0.0)
    with pytest.raises(HormesisError, match=r"at every strength.*[\s\S]*raise the target"):
        calibrate(lm, TEXTS, Prompting("be kind. "), target=1e-6, measure="kl_p95")
    with pytest.raises(HormesisError, match="and never"):
        calibrate(lm, TEXTS, Unsteered(), target=0.01)


class _Breaking:
    """Scales the output matrix, and gives infinities beyond strength 3, as a model in float16 would."""

    name, rowwise, reserved_tokens = "breaking", False, 0

    def prepare(self, prompt: str) -> str:
        return prompt

    @contextmanager
    def apply(self, model: PreTrainedModel, strength: float | Tensor, **_: Tensor) -> Iterator[None]:
        (one,) = set(torch.as_tensor(strength).flatten().tolist())
        weight = model.lm_head.weight
        kept = weight.detach().clone()
        with torch.no_grad():
            weight.mul_(1 + one if one <= 3 else float("inf"))
        yield
        with torch.no_grad():
            weight.copy_(kept)


def test_a_strength_that_breaks_the_model_costs_too_much() -> None:
    """One is no reason to give up: lower ones are within the target."""
    model = tiny_model(sharpness=1.0)
    found = calibrate(LanguageModel.of(model, tiny_tokenizer()), TEXTS, _Breaking(), target=0.01)  # type: ignore[arg-type]
    assert 0 < found.strength <= 3 and found.cost <= 0.01
    assert max(cost for _, cost in found.curve) == float("inf")
