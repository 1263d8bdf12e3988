"""Memory that is short halves batches, and changes no result."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from hormesis.evaluate import GenerationConfig, generate, language_model_cost
from hormesis.evaluate.scorers.huggingface import HuggingFaceScorer
from hormesis.memory import Batches, is_out_of_memory
from hormesis.models import LanguageModel
from hormesis.representation import capture_heads_and_residual
from tests.evaluate.tiny import invented_texts, save_classifier, tiny_iti, tiny_model, tiny_tokenizer
from tests.pretrain.support import CONFIG, train_random, weights_of

_STRENGTHS = (0.0, 10.0)


def _with_room_for(rows: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From now on no module runs on more rows of token ids, as on a small card. Returned are the rows that were tried
    in vain."""
    refused: list[int] = []
    run: Any = nn.Module._call_impl

    def call(module: nn.Module, *arguments: Any, **keywords: Any) -> Any:
        given = keywords.get("input_ids", arguments[0] if arguments else None)
        if isinstance(given, torch.Tensor) and not given.is_floating_point() and given.ndim == 2 and len(given) > rows:
            refused.append(len(given))
            raise torch.OutOfMemoryError("CUDA out of memory (as if)")
        return run(module, *arguments, **keywords)

    monkeypatch.setattr(nn.Module, "__call__", call)
    return refused


def test_a_batch_is_halved_until_it_fits_and_stays_so(caplog: pytest.LogCaptureFixture) -> None:
    sizes: list[int] = []

    def work(part: Sequence[int]) -> int:
        sizes.append(len(part))
        if len(part) > 3:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return sum(part)

    batches = Batches("drums")
    first = list(batches.run(range(10), work))
    second = list(batches.run(range(10, 15), work))
    assert [found for _, found in (*first, *second)] == [1, 5, 9, 13, 17, 21, 25, 14]
    assert sizes == [10, 5, 2, 2, 2, 2, 2, 2, 2, 1]
    assert [record.message for record in caplog.records] == [
        "memory is short: drums are taken 5 at once, no longer 10"
    ], "once said"


def test_other_errors_and_a_single_row_that_does_not_fit_are_raised() -> None:
    def fails(error: Exception) -> Iterator[tuple[Sequence[int], int]]:
        def work(_part: Sequence[int]) -> int:
            raise error

        return Batches("drums").run([1, 2, 3], work)

    with pytest.raises(RuntimeError, match="broken"):
        list(fails(RuntimeError("broken")))
    with pytest.raises(torch.OutOfMemoryError):
        list(fails(torch.OutOfMemoryError("CUDA out of memory")))
    assert is_out_of_memory(MemoryError()) and not is_out_of_memory(ValueError("out of memory"))


def test_what_is_generated_read_scored_and_measured_is_the_same_on_a_small_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    save_classifier(tmp_path, ["civil", "toxic"])
    texts = invented_texts(12)

    def everything() -> tuple[Any, ...]:
        lm = LanguageModel.of(tiny_model(), tiny_tokenizer())
        config = GenerationConfig(samples=2, max_new_tokens=4, batch_prompts=8, seed=1)
        heads, stream = capture_heads_and_residual(lm, texts)
        return (
            generate(lm, texts, tiny_iti(), _STRENGTHS, config).texts,
            language_model_cost(lm, texts, tiny_iti(), _STRENGTHS, domain="mild").frame,
            heads.values,
            stream.values,
            HuggingFaceScorer(tmp_path).score(texts),
        )

    roomy = everything()
    refused = _with_room_for(4, monkeypatch)
    with caplog.at_level(logging.WARNING, "hormesis.memory"):
        small = everything()
    assert len(refused) >= 4 and max(refused) >= 12
    assert len(caplog.records) == 4, "each kind of work says it once"
    assert small[0] == roomy[0]
    np.testing.assert_allclose(small[1]["nll"], roomy[1]["nll"], rtol=1e-5)
    np.testing.assert_allclose(small[1]["kl"], roomy[1]["kl"], rtol=1e-3, atol=1e-5)
    for one, other in zip(small[2:4], roomy[2:4], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(small[4], roomy[4], rtol=1e-5)


def test_a_training_step_is_taken_in_parts_that_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = train_random(tmp_path / "whole", 5)
    refused = _with_room_for(4, monkeypatch)
    with caplog.at_level(logging.WARNING, "hormesis.memory"):
        parts = train_random(tmp_path / "parts", 5)
    assert refused == [CONFIG.batch_rows]
    assert sum("rows of a step are taken 4 at once" in said for said in caplog.messages) == 1
    for name, weight in weights_of(whole).items():
        torch.testing.assert_close(weights_of(parts)[name], weight, rtol=1e-2, atol=2e-3)
