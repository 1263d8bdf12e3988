"""What steering costs: the speed of generation with a method over the speed without, at equal rows.

By the processor's time on one thread, so that other work on the machine counts little; runs alternate. At two shapes:
the study's smallest (4 layers of width 128), where an edit weighs most, and 4 layers of SmolLM2's width, 576.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import numpy as np
import torch

from benchmarks.result import BenchmarkResult
from benchmarks.untrained import VOCABULARY, Shape, iti_on, model_of, tokenizer_of_words
from hormesis.detox import DirectionalAblation, Intervention, ResidualAddition, Unsteered
from hormesis.evaluate import GenerationConfig, generate
from hormesis.models import LanguageModel
from hormesis.representation import ModelLayout, ResidualDirection

PROMPTS, PROMPT_TOKENS = 8, 15
STRENGTHS = (0.0, 4.0, 8.0, 12.0, 16.0)
SHAPES = (Shape(), Shape(heads=9, head_width=64))


def run(quick: bool) -> list[BenchmarkResult]:
    """Time both shapes; ``quick`` takes fewer pairs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [result for shape in SHAPES for result in _of_shape(shape, 5 if quick else 15)]
    finally:
        torch.set_num_threads(before)


def _of_shape(shape: Shape, pairs: int) -> Iterator[BenchmarkResult]:
    model, tokenizer = model_of(shape), tokenizer_of_words()
    lm = LanguageModel.of(model, tokenizer)
    ids = np.random.default_rng(0).integers(1, VOCABULARY, (PROMPTS, PROMPT_TOKENS))
    prompts = [" ".join(f"w{token}" for token in row) for row in ids]
    config = GenerationConfig(samples=25, max_new_tokens=20)

    def seconds(method: Intervention) -> float:
        start = time.process_time()
        generate(lm, prompts, method, STRENGTHS, config)
        return time.process_time() - start

    seconds(Unsteered())
    for name, method in _methods(shape).items():
        seconds(method)
        speeds = []
        for place in range(pairs):  # in turn first, so that neither always finds the machine as the other left it
            order = (Unsteered(), method) if place % 2 else (method, Unsteered())
            first, second = seconds(order[0]), seconds(order[1])
            speeds.append(first / second if place % 2 else second / first)
        width = shape.heads * shape.head_width
        yield BenchmarkResult(
            name=f"speed_with_{name}_at_width_{width}",
            ratio=median(speeds),
            target=0.97,
            runs=speeds,
            note=f"speed with {name} over speed without, at equal rows, one thread; {shape.layers} layers of {width}",
        )


def _methods(shape: Shape) -> dict[str, Intervention]:
    layout = ModelLayout.of(model_of(shape))
    vector = torch.nn.functional.normalize(torch.randn(layout.width), dim=0)
    direction = ResidualDirection(shape.layers // 2, vector, 0.01, "random", shape.layers, layout.architecture)
    return {
        "iti": iti_on(shape),
        "caa": ResidualAddition(direction),
        "ablation": DirectionalAblation(direction),
    }
