from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from transformers import Olmo2ForCausalLM, PreTrainedTokenizerFast

from hormesis.detox import Intervention, Prompting, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate import cost as meter
from hormesis.evaluate import language_model_cost
from hormesis.models import LanguageModel
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_model, tiny_tokenizer

TEXTS = ["k", "", "mila tano", "zupi ré 漢", *invented_texts(4, words=(12, 20))]
STRENGTHS = (0.0, 8.0, -20.0)


def _reference(
    model: Olmo2ForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    text: str,
    intervention: Intervention,
    strength: float,
    context: int,
) -> tuple[float, float, float]:
    """One window at a time, straight from the definitions: nll, base nll, KL."""
    ids: list[int] = tokenizer(text)["input_ids"]
    prefix: list[int] = tokenizer(intervention.prepare(""))["input_ids"]
    length, sums = context - len(prefix), np.zeros(3)
    for at in range(0, len(ids), length):
        window = ids[at : at + length]
        before = ids[at - 1] if at else 0
        head = [0, *prefix] if at == 0 else [*prefix, before]
        with torch.inference_mode():
            with intervention.apply(model, strength):
                steered = model(torch.tensor([head + window[:-1]])).logits[0, len(prefix) :].double()
            base = model(torch.tensor([[before, *window[:-1]]])).logits[0].double()
        log_p, log_q = steered.log_softmax(-1), base.log_softmax(-1)
        places = (torch.arange(len(window)), torch.tensor(window))
        sums += [-log_p[places].sum(), -log_q[places].sum(), (log_p.exp() * (log_p - log_q)).sum()]
    return float(sums[0]), float(sums[1]), float(sums[2])


@pytest.mark.parametrize("intervention", [Unsteered(), tiny_iti(), Prompting("be kind. ")], ids=lambda i: i.name)
@pytest.mark.parametrize("logits", [1, 40_000, 10**9])
def test_sums_are_those_of_one_window_at_a_time(
    intervention: Intervention, logits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "_LOGITS", logits)  # however the work is chunked
    model, tokenizer = tiny_model(context=32), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    frame = language_model_cost(lm, TEXTS, intervention, STRENGTHS, domain="clean").frame
    assert len(frame) == len(TEXTS) * len(STRENGTHS)
    measured = frame[["nll", "base_nll", "kl"]].to_numpy().reshape(len(TEXTS), len(STRENGTHS), 3)
    for text, row in zip(TEXTS, measured, strict=True):
        for strength, sums in zip(STRENGTHS, row, strict=True):
            expected = _reference(model, tokenizer, text, intervention, strength, 32)
            assert np.allclose(sums, expected, rtol=1e-4, atol=1e-3)
    sizes = np.repeat([len(text.encode()) for text in TEXTS], len(STRENGTHS))
    assert (frame["bytes"] == sizes).all()
    assert (frame["tokens"] == sizes).all(), "one token a byte: every token is scored, once"


def test_strength_zero_costs_nothing_and_steering_something() -> None:
    frame = language_model_cost(
        LanguageModel.of(tiny_model(), tiny_tokenizer()), TEXTS, tiny_iti(), STRENGTHS, domain="clean"
    ).frame
    zero, steered = frame[frame.strength == 0], frame[(frame.strength != 0) & (frame.tokens > 0)]
    assert (zero.nll == zero.base_nll).all() and (zero.kl == 0).all()
    assert (steered.kl > 0).all() and (steered.nll != steered.base_nll).all()


def test_uniform_model_has_eight_bits_a_byte() -> None:
    model = tiny_model()
    with torch.no_grad():
        model.lm_head.weight.zero_()
    frame = language_model_cost(
        LanguageModel.of(model, tiny_tokenizer()), TEXTS, Unsteered(), (0.0,), domain="clean"
    ).frame
    assert np.isclose(frame.nll.sum() / frame.tokens.sum(), math.log(257))


@pytest.mark.parametrize(
    ("texts", "strengths", "prefix", "message"),
    [
        ([], (0.0,), "", "0 texts"),
        (["a"], (), "", "0 strengths"),
        (["a"], (0.0,), "k" * 31, "fills the context"),
    ],
)
def test_bad_input(texts: list[str], strengths: tuple[float, ...], prefix: str, message: str) -> None:
    with pytest.raises(HormesisError, match=message):
        language_model_cost(
            LanguageModel.of(tiny_model(context=32), tiny_tokenizer()),
            texts,
            Prompting(prefix),
            strengths,
            domain="clean",
        )


def test_a_tokenizer_without_a_start_and_a_diverged_model_are_errors() -> None:
    with pytest.raises(HormesisError, match="neither a bos nor an eos"):
        language_model_cost(
            LanguageModel.of(tiny_model(), tiny_tokenizer(end=False)), ["a"], Unsteered(), (0.0,), domain="clean"
        )
    model = tiny_model()
    with torch.no_grad():
        model.lm_head.weight.fill_(float("nan"))
    with pytest.raises(HormesisError, match="loss on clean is not finite"):
        language_model_cost(LanguageModel.of(model, tiny_tokenizer()), ["a"], Unsteered(), (0.0,), domain="clean")


def test_a_context_whose_logits_do_not_fit_is_cut_into_more_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "_WINDOW_LOGITS", 257 * 16)
    model, tokenizer = tiny_model(context=64), tiny_tokenizer()
    text = invented_texts(1, words=(20, 21))[0]
    prompting = Prompting("be kind. ")
    frame = language_model_cost(LanguageModel.of(model, tokenizer), [text], prompting, (0.0,), domain="clean").frame
    expected = _reference(model, tokenizer, text, prompting, 0.0, 16 + len("be kind. "))
    assert np.allclose(frame[["nll", "base_nll", "kl"]].to_numpy(), [expected], rtol=1e-4, atol=1e-3)
