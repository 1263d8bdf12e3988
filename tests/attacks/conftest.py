"""A tiny model that has learnt to write invented words."""

from __future__ import annotations

import pytest
import torch
from transformers import Olmo2ForCausalLM

from tests.evaluate.tiny import invented_texts, tiny_model, tiny_tokenizer


@pytest.fixture(scope="session")
def writer() -> Olmo2ForCausalLM:
    model, tokenizer = tiny_model(sharpness=1.0), tiny_tokenizer()
    ids = [tokenizer(" ".join(invented_texts(8, seed=seed)))["input_ids"][:32] for seed in range(32)]
    rows = torch.tensor(ids)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for step in range(50):
        some = rows[torch.arange(8) + 8 * (step % 4)]
        loss = torch.nn.functional.cross_entropy(model(some).logits[:, :-1].flatten(0, 1), some[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 3
    for parameter in model.parameters():
        parameter.grad = None
    model.train(False)
    return model
