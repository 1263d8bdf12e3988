"""Companions and changed weights where they are used: in generation and in the measurement of cost."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

from hormesis.detox.contrasts.dexperts import DExperts
from hormesis.detox.contrasts.self_debiasing import SelfDebiasing
from hormesis.detox.intervention import Intervention
from hormesis.evaluate import GenerationConfig, generate, language_model_cost
from hormesis.models import LanguageModel
from tests.detox.contrasting import a_delta
from tests.detox.steered import steered_logits
from tests.evaluate.tiny import invented_texts, tiny_model, tiny_tokenizer

METHODS = {"self-debiasing": (0.0, 50.0, 500.0), "dexperts": (0.0, 1.0, 3.0), "sft": (0.0, 1.0, 3.0)}
"""With strengths."""


def a_model() -> PreTrainedModel:
    """Random weights of a size at which the context matters."""
    model = tiny_model(sharpness=1.0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim == 2 and "embed" not in name:
                weight.mul_(15)
    return model


def made(method: str, model: PreTrainedModel) -> Intervention:
    if method == "self-debiasing":
        return SelfDebiasing.of(tiny_tokenizer(), "rude:\n")
    return a_delta(model, 1) if method == "sft" else DExperts(a_delta(model, 1), a_delta(model, 2))


@pytest.mark.parametrize("method", METHODS)
def test_generated_tokens_are_those_of_teacher_forced_logits(method: str) -> None:
    model, tokenizer = a_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    prompts = ["mila", "z", "kosu ta", "tano", "mipi"]  # lengths 1 to 7, padded together
    greedy = GenerationConfig(samples=2, max_new_tokens=6, top_p=1e-6, batch_prompts=5)
    intervention = made(method, model)
    found = generate(lm, prompts, intervention, METHODS[method], greedy).tokens
    for row, prompt in enumerate(prompts):
        for place, strength in enumerate(METHODS[method]):
            tokens = found[row, place, 0]
            assert np.array_equal(tokens, found[row, place, 1])
            kept = [*tokenizer(prompt)["input_ids"], *tokens[tokens >= 0].tolist()]
            length = len(kept) - int((tokens >= 0).sum())
            ids, prompt_length = torch.tensor([kept]), torch.tensor([length])
            forced = steered_logits(model, intervention, strength, ids, None, prompt_length)
            assert forced[0, length - 1 : -1].argmax(-1).tolist() == kept[length:]
    assert not np.array_equal(found[:, 0], found[:, 2])


@pytest.mark.parametrize("method", METHODS)
def test_the_cost_is_none_at_strength_zero_and_some_beyond(method: str) -> None:
    model, tokenizer = a_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    costs = language_model_cost(lm, invented_texts(4), made(method, model), METHODS[method], domain="clean").frame
    assert (costs[costs["strength"] == 0]["kl"] == 0).all()
    assert (costs[costs["strength"] > 0]["kl"] > 0).all()


def test_a_second_stream_never_reads_beyond_the_context(monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer = tiny_model(context=40), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    longest: list[int] = []
    forward = type(model).forward

    @functools.wraps(forward)  # companions ask for its signature
    def watched(self: PreTrainedModel, *arguments: object, **given: object) -> object:
        positions = given.get("position_ids")
        longest.append(int(positions.max()) if isinstance(positions, torch.Tensor) else 0)
        return forward(self, *arguments, **given)

    monkeypatch.setattr(type(model), "forward", watched)
    intervention = SelfDebiasing.of(tokenizer, "rude:\n")
    language_model_cost(lm, ["mila tano " * 12], intervention, (50.0,), domain="clean")
    generate(
        lm,
        ["kosu ta " * 12],
        intervention,
        (50.0,),
        GenerationConfig(samples=1, max_new_tokens=8),
    )
    assert 30 < max(longest) < 40
