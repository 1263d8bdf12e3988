from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import TopPLogitsWarper

from hormesis.evaluate.sampling import DRAWS, in_nucleus, keyed_uniforms, sample_nucleus


@pytest.mark.parametrize("top_p", [0.05, 0.5, 0.9, 0.999])
def test_nucleus_is_that_of_transformers(top_p: float) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(50, 97, generator=generator) * torch.linspace(0.1, 8, 50)[:, None]
    kept = TopPLogitsWarper(top_p)(torch.empty(0, dtype=torch.long), logits.clone()).isfinite()
    probabilities = logits.softmax(-1)
    for token in range(97):
        ours = in_nucleus(probabilities, torch.full((50,), token), top_p)
        assert torch.equal(ours, kept[:, token])


@pytest.mark.parametrize(("top_p", "temperature"), [(0.9, 1.0), (0.3, 1.0), (0.9, 0.5), (1.0, 2.0)])
def test_frequencies_are_those_of_the_truncated_distribution(top_p: float, temperature: float) -> None:
    count = 40_000
    logits = torch.randn(12, generator=torch.Generator().manual_seed(1)) * 1.5
    uniforms = torch.rand(count, DRAWS, generator=torch.Generator().manual_seed(2))
    drawn = sample_nucleus(logits.expand(count, -1), uniforms, top_p=top_p, temperature=temperature)
    scaled = (logits / temperature)[None]
    kept = scaled if top_p == 1 else TopPLogitsWarper(top_p)(torch.empty(0, dtype=torch.long), scaled)
    expected = kept.softmax(-1)[0].numpy()
    found = np.bincount(drawn.numpy(), minlength=12) / count
    assert (found[expected == 0] == 0).all()
    assert np.abs(found - expected).max() < 4 * np.sqrt(0.25 / count)


def test_the_fallback_is_exact_too() -> None:
    count = 40_000
    logits = torch.log(torch.tensor([0.3, 0.05, 0.25, 0.2, 0.2]))
    uniforms = torch.rand(count, 1, generator=torch.Generator().manual_seed(3))  # one draw: nothing but the fallback
    drawn = sample_nucleus(logits.expand(count, -1), uniforms, top_p=0.5, temperature=1.0)
    found = np.bincount(drawn.numpy(), minlength=5) / count
    assert np.abs(found - np.array([0.3, 0, 0.25, 0, 0]) / 0.55).max() < 0.01


def test_one_certain_token() -> None:
    logits = torch.full((3, 9), -1e9)
    logits[:, 4] = 0
    edges = torch.tensor([0.0, 0.5, 1 - 2**-24])[:, None].expand(3, DRAWS)
    assert sample_nucleus(logits, edges, top_p=0.9, temperature=1.0).tolist() == [4, 4, 4]


def test_uniforms_are_keyed() -> None:
    base = keyed_uniforms(["a", "b", "a"], 3, 4, seed=0)
    assert base.shape == (3, 3, 4, DRAWS) and base.min() >= 0 and base.max() < 1
    assert np.array_equal(base[1], keyed_uniforms(["b"], 3, 4, seed=0)[0])
    assert np.array_equal(base[:, :2, :3], keyed_uniforms(["a", "b", "a"], 2, 3, seed=0))
    assert not np.array_equal(base[0], base[2])
    assert not np.array_equal(base, keyed_uniforms(["a", "b", "a"], 3, 4, seed=1))
    assert len(np.unique(base)) > 0.99 * base.size
