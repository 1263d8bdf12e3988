"""A tiny model that has learnt to write invented words, in one order: the last letter of a word tells the next."""

from __future__ import annotations

import pytest
import torch
from transformers import Olmo2ForCausalLM

from tests.evaluate.tiny import tiny_model, tiny_tokenizer


@pytest.fixture(scope="session")
def writer() -> Olmo2ForCausalLM:
    model, tokenizer = tiny_model(sharpness=1.0), tiny_tokenizer()
    words = "mila tano kopi zusu reve " * 3
    rows = torch.tensor([tokenizer(words[start : start + 32])["input_ids"] for start in range(32)])
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for step in range(90):
        some = rows[torch.arange(8) + 8 * (step % 4)]
        loss = torch.nn.functional.cross_entropy(model(some).logits[:, :-1].flatten(0, 1), some[:, 1:].flatten())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    assert float(loss.detach()) < 0.3
    for parameter in model.parameters():
        parameter.grad = None
    model.train(False)
    return model
