"""What a study will cost, before anything runs: tokens, parameters, FLOPs; time and memory on this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hormesis.corpus.prompt_sources import FilePrompts, Prompts
from hormesis.study.engine.kind import kind_of
from hormesis.study.texts import MicroworldConcept

if TYPE_CHECKING:
    from hormesis.study.config import StudyConfig
    from hormesis.study.plan import Plan
    from hormesis.study.texts import AnyConcept

# Share of the matrix-product peak (one thread, alone) that each kind of work reached in the forum study, with both
# cores busy (docs/results/forum.md). Smaller models reach less.
TRAINING_EFFICIENCY = 0.5
EVALUATION_EFFICIENCY = 0.2
_START_SECONDS = 15.0
UNKNOWN_COUNT = 1000
"""Prompts or texts of a file that sets no limit: they are not read for an estimate."""


@dataclass(frozen=True)
class CellEstimate:
    """What one cell costs.

    :param tokens: tokens that pass through a model (positions, all strengths and samples counted).
    :param flops: floating-point operations of the model.
    :param memory_bytes: peak of the worker's tensors, beside about 1 GB of libraries.
    :param seconds: on this machine, one worker, its own threads.
    """

    tokens: int
    flops: float
    memory_bytes: int
    seconds: float


def matrix_flops_per_second(threads: int) -> float:
    """What this machine's matrix product reaches at the shape of a small model, measured for a third of a second.

    By the time that the processor spent on it, so that other work on the machine just now does not count.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        left, right = torch.randn(2048, 128), torch.randn(128, 344)
        left @ right  # the first call loads the kernel
        began, spent, products = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - began < 0.3:
            left @ right
            products += 1
        return products * 2 * 2048 * 128 * 344 * threads / (time.process_time() - spent)
    finally:
        torch.set_num_threads(before)


def vocabulary_of(config: StudyConfig) -> int:
    """The tokenizer's size, read from its folder when it is not trained here."""
    tokenizer = config.tokenizer
    if tokenizer.path is None:
        return tokenizer.vocabulary or 0
    from hormesis.corpus import load_tokenizer

    return len(load_tokenizer(tokenizer.path))


@dataclass(frozen=True)
class Pricing:
    """What the cost of any cell follows from: the model's size, and the speed of one worker.

    :param flops_per_second: of one worker; see :func:`matrix_flops_per_second`.
    """

    config: StudyConfig
    vocabulary: int
    parameters: int
    flops_per_second: float

    @property
    def length(self) -> int:
        """Tokens of a row."""
        return self.config.training.sequence_length

    @property
    def start(self) -> CellEstimate:
        """A cell's start-up only."""
        return CellEstimate(0, 0.0, 0, _START_SECONDS)

    def training(self, rows: int) -> CellEstimate:
        """Pretraining on so many rows."""
        from hormesis.pretrain import estimate

        cost = estimate(self.config.training, self.vocabulary, rows)
        seconds = _START_SECONDS + cost.flops / (self.flops_per_second * TRAINING_EFFICIENCY)
        return CellEstimate(cost.tokens, cost.flops, cost.memory_bytes, seconds)

    def reading(self, texts: int) -> CellEstimate:
        """Reading so many short texts with a model."""
        return self.of(texts * self.length // 4)

    def of(self, tokens: int, *, learned: int = 0) -> CellEstimate:
        """Reading or writing so many tokens with a model, and learning from others."""
        measuring, learning = 2.0 * self.parameters * tokens, 6.0 * self.parameters * learned
        seconds = 1.0 + measuring / (self.flops_per_second * EVALUATION_EFFICIENCY)
        seconds += learning / (self.flops_per_second * TRAINING_EFFICIENCY)
        memory = 4 * (self.parameters + 64 * self.length * self.vocabulary)
        return CellEstimate(tokens + learned, measuring + learning, memory, seconds)

    def texts_of(self, concept: AnyConcept) -> int:
        """Of a concept."""
        if isinstance(concept, MicroworldConcept):
            return concept.texts
        return concept.limit or UNKNOWN_COUNT

    def count_of(self, prompts: Prompts) -> int:
        """Of a set of prompts."""
        return (prompts.limit or UNKNOWN_COUNT) if isinstance(prompts, FilePrompts) else prompts.count


def estimate_cells(plan: Plan, flops_per_second: float) -> Mapping[str, CellEstimate]:
    """By cell name. Capability tasks and detection are left out, and of geometry the chance levels.

    :param flops_per_second: of one worker; see :func:`matrix_flops_per_second`.
    """
    from hormesis.pretrain import parameter_count

    config = plan.config
    vocabulary = vocabulary_of(config)
    pricing = Pricing(config, vocabulary, parameter_count(config.training.preset, vocabulary), flops_per_second)
    return {cell.name: kind_of(cell).cost(cell.inputs, pricing) for cell in plan.cells}
