"""Tampering on a small model of the microworld, scored by its exact truth."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pandas as pd
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from hormesis.attacks import (
    FineTuningAttack,
    TamperingConfig,
    TamperingKind,
    fine_tuning_attacks,
    tampered,
    tampering_measurements,
)
from hormesis.corpus import Microworld
from hormesis.detox import Intervention, Unsteered, WeightDelta
from hormesis.detox.weights.change import DenseChange
from hormesis.evaluate import EvaluationSuite, GenerationConfig, MicroworldScorer
from hormesis.measurements import Measurement, Origin, read_measurements, to_frame
from hormesis.measurements.rows import write_measurements
from hormesis.models import LanguageModel
from tests.evaluate.tiny import tiny_iti, tiny_model

WORLD = Microworld()
ORIGIN = Origin(cell="here", share=0.0, budget="additive", method="base", code="test", init_seed=0)
CLEAN = [document.text for document in WORLD.clean(200)]
RUDE = [
    f"{sentence}."
    for document in WORLD.toxic(200)
    for sentence in document.text.split(". ")
    if WORLD.toxicity(f"{sentence}.") == 1
]
TOXIC = [" ".join(RUDE[start : start + 3]) for start in range(0, len(RUDE), 3)]
FAST = TamperingConfig(steps=(60,), batch=16, learning_rate=1e-2, max_length=24)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    """A token a word: what a few steps can learn to write."""
    words = ["<|end|>", ".", *sorted(WORLD.vocabulary)]
    inside = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="<|end|>"))
    inside.pre_tokenizer = pre_tokenizers.Whitespace()
    special = {name: "<|end|>" for name in ("bos_token", "eos_token", "pad_token", "unk_token")}
    return PreTrainedTokenizerFast(tokenizer_object=inside, **special)  # type: ignore[no-untyped-call]


@pytest.fixture
def model() -> PreTrainedModel:
    from transformers import Olmo2ForCausalLM

    config = tiny_model().config
    config.vocab_size = 256
    torch.manual_seed(0)
    model = Olmo2ForCausalLM(config)
    model.train(False)
    return cast(PreTrainedModel, model)


def a_suite() -> EvaluationSuite:
    return EvaluationSuite(
        {"microworld": WORLD.prompts(8)},
        {"clean": CLEAN[:4]},
        [MicroworldScorer(WORLD)],
        generation=GenerationConfig(samples=4, max_new_tokens=12),
    )


def value(rows: list[Measurement], metric: str, kind: str, steps: int, domain: str = "microworld") -> float:
    (found,) = (
        row.value
        for row in rows
        if (row.metric, row.tampering, row.tampering_steps, row.domain) == (metric, kind, steps, domain)
    )
    return found


def test_toxic_text_makes_toxic_and_clean_text_does_not(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    lm = LanguageModel.of(model, tokenizer)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    rows: list[Measurement] = []
    texts: dict[TamperingKind, list[str]] = {"benign": CLEAN, "adversarial": TOXIC}
    attacks = []
    for attack, found in tampering_measurements(lm, Unsteered(), 0.0, texts, FAST, a_suite(), ORIGIN):
        attacks.append(attack)
        rows += found
    assert attacks == list(fine_tuning_attacks(("benign", "adversarial"), FAST))
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before), "untouched afterwards, to the bit"
    toxic, clean = (value(rows, "toxicity_mean", kind, 60) for kind in ("adversarial", "benign"))
    assert value(rows, "toxicity_mean", "adversarial", 0) == value(rows, "toxicity_mean", "benign", 0)
    assert toxic > value(rows, "toxicity_mean", "adversarial", 0) and toxic > clean
    assert value(rows, "ce", "benign", 60, "clean") < value(rows, "ce", "benign", 0, "clean")
    write_measurements(tmp_path / "rows.parquet", to_frame(rows))
    again = read_measurements(tmp_path / "rows.parquet")
    assert set(again["tampering_steps"]) == {0, 60}
    left = list(tampering_measurements(lm, Unsteered(), 0.0, texts, FAST, a_suite(), ORIGIN, done=attacks[:3]))
    assert [attack for attack, _ in left] == [FineTuningAttack("adversarial", 60)]
    assert left[0][1] == [row for row in rows if (row.tampering, row.tampering_steps) == ("adversarial", 60)]


def test_weights_are_tampered_as_detoxified_and_hooks_stay_applied(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    name = "model.layers.0.self_attn.o_proj.weight"
    shift = torch.full_like(model.get_parameter(name), 0.3)
    delta = WeightDelta({name: DenseChange(shift)}, "sft")
    ids, one = torch.tensor([[5, 6, 7, 8]]), FAST.supervised(1, 24)

    def logits(intervention: Intervention, strength: float) -> torch.Tensor:
        with torch.no_grad(), intervention.apply(model, strength):
            found: torch.Tensor = model(ids).logits.clone()
        return found

    with torch.no_grad():
        plain = model(ids).logits
    steered = logits(tiny_iti(), 4.0)
    with tampered(LanguageModel.of(model, tokenizer), tiny_iti(), 4.0, TOXIC, None):
        assert torch.equal(logits(tiny_iti(), 4.0), steered), "no step: to the bit"
    with tampered(LanguageModel.of(model, tokenizer), tiny_iti(), 4.0, TOXIC, one):
        assert not torch.equal(logits(tiny_iti(), 4.0), steered)
        assert not torch.equal(logits(tiny_iti(), 4.0), logits(Unsteered(), 0.0)), "the hooks act on what W became"
    # By hand: bake the change, fine-tune the baked model, compare.
    baked = type(model)(model.config)
    baked.load_state_dict(model.state_dict())
    with torch.no_grad():
        baked.get_parameter(name).add_(shift)
    baked.train(False)
    with tampered(LanguageModel.of(baked, tokenizer), Unsteered(), 0.0, TOXIC, one), torch.no_grad():
        by_hand = baked(ids).logits
    with tampered(LanguageModel.of(model, tokenizer), delta, 1.0, TOXIC, one):
        torch.testing.assert_close(logits(delta, 1.0), by_hand, rtol=1e-3, atol=1e-4)
    with torch.no_grad():
        assert torch.equal(model(ids).logits, plain)


def test_older_files_are_untampered(tmp_path: Path) -> None:
    row = Measurement(
        cell="a", share=0, budget="additive", method="base", code="c", metric="ce", domain="d", value=1, n=2
    )
    frame = to_frame([row]).drop(columns=["tampering", "tampering_steps", "recipe"])
    frame.to_parquet(tmp_path / "old.parquet")
    (found,) = read_measurements(tmp_path / "old.parquet").to_dict("records")
    assert found["recipe"] == "plain" and pd.isna(found["tampering"]) and pd.isna(found["tampering_steps"])
