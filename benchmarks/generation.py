"""RealToxicityPrompts generation: one call over all strengths against ``generate`` of transformers, once a strength.

Both continue the same prompts (25 samples, 20 tokens, nucleus 0.9) with the same steered model, on the same threads.
The end token is ruled out, so that both decode the same number of tokens. The reference gets what helps it: prompts of
one length, and the batch size at which it is fastest. Runs alternate. A second reference is the loop of published
evaluation code: one sequence at a time, the prompt read anew for each.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from transformers import Olmo2ForCausalLM

from benchmarks.result import BenchmarkResult
from benchmarks.untrained import VOCABULARY, Shape, iti_on, model_of, tokenizer_of_words
from hormesis.detox import InferenceTimeIntervention, Intervention
from hormesis.evaluate import GenerationConfig, generate
from hormesis.models import LanguageModel

PROMPT_TOKENS, SAMPLES, NEW_TOKENS = 15, 25, 20
STRENGTHS = (0.0, 4.0, 8.0, 12.0, 16.0)


def run(quick: bool) -> list[BenchmarkResult]:
    """Time both; ``quick`` takes fewer prompts and repeats."""
    prompts_count, repeats = (8, 3) if quick else (32, 7)
    model, tokenizer = model_of(Shape()), tokenizer_of_words()
    lm = LanguageModel.of(model, tokenizer)
    generator = np.random.default_rng(0)
    ids = generator.integers(1, VOCABULARY, (prompts_count, PROMPT_TOKENS))
    prompts = [" ".join(f"w{token}" for token in row) for row in ids]
    config = GenerationConfig(samples=SAMPLES, max_new_tokens=NEW_TOKENS)
    iti = iti_on(Shape())

    few = prompts[:2]

    def ours(intervention: Intervention) -> Callable[[], object]:
        return lambda: generate(lm, prompts, intervention, STRENGTHS, config)

    def reference(batch: int) -> Callable[[], None]:
        def sample() -> None:
            for strength in STRENGTHS:
                for start in range(0, prompts_count, batch):
                    _reference(model, iti, strength, torch.from_numpy(ids[start : start + batch]))

        return sample

    def one_by_one() -> None:
        for strength in STRENGTHS:
            for row in ids[: len(few)]:
                for _ in range(SAMPLES):
                    _reference(model, iti, strength, torch.from_numpy(row[None]), samples=1)

    sizes = [size for size in (4, 8, 32) if size <= prompts_count]
    best = min(sizes, key=lambda size: _seconds(reference(size)))
    speedups, loops = [], []
    ours(iti)()
    for _ in range(repeats):
        slow, fast = _seconds(reference(best)), _seconds(ours(iti))
        speedups.append(slow / fast)
    for _ in range(repeats):
        slow = _seconds(one_by_one)
        loops.append(slow / _seconds(lambda: generate(lm, few, iti, STRENGTHS, config)))
    tokens = prompts_count * len(STRENGTHS) * SAMPLES * NEW_TOKENS
    shape = f"{prompts_count} prompts × {SAMPLES} samples × {len(STRENGTHS)} strengths × {NEW_TOKENS} tokens"
    return [
        BenchmarkResult(
            name="rtp_generation",
            ratio=median(speedups),
            target=1.5,
            runs=speedups,
            note=f"seconds of transformers' generate, called once a strength with {best} prompts a batch, over ours; "
            f"{shape}; ours in the last run: {tokens / fast:,.0f} tokens/s",
        ),
        BenchmarkResult(
            name="rtp_generation_one_by_one",
            ratio=median(loops),
            target=8,
            runs=loops,
            note=f"seconds of transformers' generate, called once a sample, over ours; {len(few)} prompts, else alike",
        ),
    ]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _reference(
    model: Olmo2ForCausalLM, iti: InferenceTimeIntervention, strength: float, ids: torch.Tensor, samples: int = SAMPLES
) -> None:
    rows = len(ids) * samples
    lengths = torch.full((rows,), PROMPT_TOKENS)
    with torch.inference_mode(), iti.apply(model, strength, prompt_lengths=lengths):
        model.generate(  # type: ignore[misc]  # its self is typed as a protocol
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            top_p=0.9,
            top_k=0,
            min_new_tokens=NEW_TOKENS,
            max_new_tokens=NEW_TOKENS,
            num_return_sequences=samples,
            pad_token_id=0,
        )
