"""Calibration finds the strength that costs what it may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from hormesis.detox import AtCosts, Prompting, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate import calibrate, language_model_cost, strengths_at
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


def test_several_costs_are_met_together_from_below() -> None:
    lm, iti = LanguageModel.of(tiny_model(), tiny_tokenizer()), tiny_iti()
    seen: list[float] = []
    targets = (0.02, 0.05, 0.2, 0.5)
    found = strengths_at(lm, TEXTS, iti, targets, start=4.0, progress=lambda strength, _: seen.append(strength))
    assert tuple(found) == targets
    strengths = [reached.strength for reached in found.values()]
    assert strengths == sorted(set(strengths)) and len(seen) <= 6 + 4 * len(targets), "they share what was measured"
    again = costs(language_model_cost(lm, TEXTS, iti, strengths, domain="x"), "ce_cost")
    for target, reached in found.items():
        assert again[reached.strength] == pytest.approx(reached.cost, rel=1e-3)
        assert 0.95 * target <= reached.cost <= target


def test_a_method_at_its_largest_gets_the_first_cost_beyond() -> None:
    lm, iti = LanguageModel.of(tiny_model(), tiny_tokenizer()), tiny_iti()
    most = costs(language_model_cost(lm, TEXTS, iti, [2.0], domain="x"), "ce_cost")[2.0]
    found = strengths_at(lm, TEXTS, iti, [most / 2, 2 * most, 4 * most], largest=2.0)
    assert list(found) == [most / 2, 2 * most]
    assert found[2 * most].strength == 2.0 and found[2 * most].cost == pytest.approx(most, rel=1e-3)
    with pytest.raises(HormesisError, match="above 0"):
        strengths_at(lm, TEXTS, iti, [0.0, 0.1])
    with pytest.raises(HormesisError, match="no strength costs 0.01, 0.1 nats"):
        strengths_at(lm, TEXTS, Unsteered(), [0.01, 0.1])


def test_an_intervention_at_costs_is_the_one_at_their_strengths() -> None:
    model, tokenizer, iti = tiny_model(), tiny_tokenizer(), tiny_iti()
    lm = LanguageModel.of(model, tokenizer)
    wrapped = AtCosts(iti, {0.02: 3.0, 0.1: 9.0})
    by_cost = language_model_cost(lm, TEXTS, wrapped, [0.0, 0.02, 0.06, 0.1], domain="x").frame
    by_strength = language_model_cost(lm, TEXTS, iti, [0.0, 3.0, 6.0, 9.0], domain="x").frame
    assert by_cost["nll"].to_numpy() == pytest.approx(by_strength["nll"].to_numpy(), rel=1e-5)
    assert wrapped.name == iti.name and wrapped.rowwise == iti.rowwise
    with pytest.raises(HormesisError, match="strengths were found for 0 to 0.1"), wrapped.apply(model, 0.2):
        pass
