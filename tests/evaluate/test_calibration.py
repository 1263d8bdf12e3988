"""Calibration finds the strength that costs what it may."""

from __future__ import annotations

import pytest

from hormesis.detox import Prompting
from hormesis.errors import HormesisError
from hormesis.evaluate import calibrate, language_model_cost
from hormesis.evaluate.calibration import Cost, costs
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_model, tiny_tokenizer

TEXTS = invented_texts(12, words=(6, 10))


@pytest.mark.parametrize("measure", ["ce_cost", "kl_p95"])
@pytest.mark.parametrize("target", [0.02, 0.5])
def test_the_cost_meets_the_target_from_below(measure: Cost, target: float) -> None:
    model, tokenizer, iti = tiny_model(), tiny_tokenizer(), tiny_iti()
    seen: list[tuple[float, float]] = []
    found = calibrate(
        model,
        tokenizer,
        TEXTS,
        iti,
        target=target,
        measure=measure,
        start=4.0,
        progress=lambda strength, cost: seen.append((strength, cost)),
    )
    again = language_model_cost(model, tokenizer, TEXTS, iti, [found.strength, 1.05 * found.strength], domain="x")
    here, beyond = costs(again, measure).values()
    assert here == pytest.approx(found.cost, rel=1e-3)
    assert here <= target < beyond
    assert found.documents == len(TEXTS)
    assert set(seen) | {(0.0, 0.0)} == set(found.curve)


def test_a_largest_strength_is_kept_to() -> None:
    found = calibrate(tiny_model(), tiny_tokenizer(), TEXTS, tiny_iti(), target=1e9, largest=2.0)
    assert found.strength == 2.0 and found.cost < 1e9


def test_what_cannot_be_met_is_said() -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    with pytest.raises(HormesisError, match="above 0"):
        calibrate(model, tokenizer, TEXTS, tiny_iti(), target=0.0)
    with pytest.raises(HormesisError, match=r"raise the target|cannot be calibrated"):
        calibrate(model, tokenizer, TEXTS, Prompting("be kind. "), target=0.01)
