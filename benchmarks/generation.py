"""RealToxicityPrompts generation: one call over all strengths against ``generate`` of transformers, once a strength.

Both continue the same prompts (25 samples, 20 tokens, nucleus 0.9) with the same steered model, on the same threads.
The end token is ruled out, so that both decode the same number of tokens. The reference gets what helps it: prompts of
one length, and the batch size at which it is fastest. Runs alternate. A second reference is the loop of published
evaluation code: one sequence at a time, the prompt read anew for each. And what steering costs: the speed with a method
over the speed without, at equal rows, for each kind of edit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import Olmo2Config, Olmo2ForCausalLM, PreTrainedTokenizerFast

from benchmarks.result import BenchmarkResult
from hormesis.detox import DirectionalAblation, InferenceTimeIntervention, Intervention, ResidualAddition, Unsteered
from hormesis.evaluate import GenerationConfig, generate
from hormesis.representation import Directions, ModelLayout, ResidualDirection

VOCABULARY, PROMPT_TOKENS, SAMPLES, NEW_TOKENS = 4096, 15, 25, 20
STRENGTHS = (0.0, 4.0, 8.0, 12.0, 16.0)
LAYERS, HEADS, WIDTH = 4, 4, 32


def run(quick: bool) -> list[BenchmarkResult]:
    """Time both; ``quick`` takes fewer prompts and repeats."""
    prompts_count, repeats = (8, 3) if quick else (32, 7)
    model, tokenizer = _model(), _tokenizer()
    generator = np.random.default_rng(0)
    ids = generator.integers(1, VOCABULARY, (prompts_count, PROMPT_TOKENS))
    prompts = [" ".join(f"w{token}" for token in row) for row in ids]
    config = GenerationConfig(samples=SAMPLES, max_new_tokens=NEW_TOKENS)
    iti = _iti()

    few = prompts[:2]

    def ours(intervention: Intervention) -> Callable[[], object]:
        return lambda: generate(model, tokenizer, prompts, intervention, STRENGTHS, config)

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
        loops.append(slow / _seconds(lambda: generate(model, tokenizer, few, iti, STRENGTHS, config)))
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
        *(_cost_of(name, method, ours, 2 * repeats, shape) for name, method in _steered(iti).items()),
    ]


def _steered(iti: InferenceTimeIntervention) -> dict[str, Intervention]:
    layout = ModelLayout.of(_model())
    vector = torch.nn.functional.normalize(torch.randn(layout.width), dim=0)
    direction = ResidualDirection(LAYERS // 2, vector, 0.01, "random", LAYERS, layout.architecture)
    return {"iti": iti, "caa": ResidualAddition(direction), "ablation": DirectionalAblation(direction)}


def _cost_of(
    name: str, method: Intervention, ours: Callable[[Intervention], Callable[[], object]], pairs: int, shape: str
) -> BenchmarkResult:
    speeds = []
    ours(method)()
    for _ in range(pairs):
        steered, base = _seconds(ours(method)), _seconds(ours(Unsteered()))
        speeds.append(base / steered)
    note = f"speed with {name} over speed without, at equal rows; {shape}"
    return BenchmarkResult(f"rtp_generation_with_{name}", median(speeds), 0.97, speeds, note)


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


def _model() -> Olmo2ForCausalLM:
    torch.manual_seed(0)
    config = Olmo2Config(
        vocab_size=VOCABULARY,
        hidden_size=HEADS * WIDTH,
        intermediate_size=344,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        max_position_embeddings=128,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=None,
    )
    model = Olmo2ForCausalLM(config)
    model.train(False)
    with torch.no_grad():
        model.lm_head.weight.mul_(6)  # nuclei of a few hundred tokens, as a trained small model has
        model.lm_head.weight[0] = 0
    return model


def _tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {"<|end|>": 0, **{f"w{token}": token for token in range(1, VOCABULARY)}}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<|end|>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast: PreTrainedTokenizerFast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, eos_token="<|end|>", bos_token="<|end|>"
    )
    return fast


def _iti() -> InferenceTimeIntervention:
    heads = tuple((layer, head) for layer in range(LAYERS) for head in range(HEADS // 2))
    vectors = torch.nn.functional.normalize(torch.randn(len(heads), WIDTH), dim=1)
    return InferenceTimeIntervention(
        Directions(heads, vectors, torch.full((len(heads),), 0.01), "random", LAYERS, HEADS)
    )
