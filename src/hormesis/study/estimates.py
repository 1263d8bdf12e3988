"""What a study will cost, before anything runs: tokens, parameters, FLOPs; time and memory on this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from hormesis.corpus import Microworld
from hormesis.corpus.prompt_sources import FilePrompts, Prompts
from hormesis.detox import METHODS, FromOwnSamples, TuningOptions
from hormesis.pretrain import estimate, parameter_count
from hormesis.study.cells import (
    AnyInputs,
    Cell,
    EvaluateInputs,
    GeometryInputs,
    PretrainInputs,
    ProbeInputs,
    TamperInputs,
)
from hormesis.study.config import FileConcept, StudyConfig
from hormesis.study.geometry_config import FileBank, GeometrySection
from hormesis.study.plan import Plan

# Share of the matrix-product peak (one thread, alone) that each kind of work reached in the forum study, with both
# cores busy (docs/results/forum.md). Smaller models reach less.
_TRAINING_EFFICIENCY = 0.5
_EVALUATION_EFFICIENCY = 0.2
_START_SECONDS = 15.0
_UNKNOWN_COUNT = 1000
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
    if config.tokenizer.vocabulary is not None:
        return config.tokenizer.vocabulary
    from hormesis.corpus import load_tokenizer

    assert config.tokenizer.path is not None
    return len(load_tokenizer(config.tokenizer.path))


def estimate_cells(plan: Plan, flops_per_second: float) -> Mapping[str, CellEstimate]:
    """By cell name. Corpus, scorer, labeller and recipe cells are counted as their start-up only; capability tasks and
    detection are left out, and of geometry the chance levels.

    :param flops_per_second: of one worker; see :func:`matrix_flops_per_second`.
    """
    config = plan.config
    vocabulary = vocabulary_of(config)
    parameters = parameter_count(config.training.preset, vocabulary)
    return {cell.name: _of_cell(cell, config, vocabulary, parameters, flops_per_second) for cell in plan.cells}


def _of_cell(
    cell: Cell, config: StudyConfig, vocabulary: int, parameters: int, flops_per_second: float
) -> CellEstimate:
    inputs = cell.inputs
    length = config.training.sequence_length
    if isinstance(inputs, PretrainInputs):
        rows = int(sum(inputs.mixture.targets(length)))
        cost = estimate(config.training, vocabulary, rows)
        seconds = _START_SECONDS + cost.flops / (flops_per_second * _TRAINING_EFFICIENCY)
        return CellEstimate(cost.tokens, cost.flops, cost.memory_bytes, seconds)
    if isinstance(inputs, ProbeInputs | GeometryInputs):
        concept = inputs.concept
        texts = (concept.limit or _UNKNOWN_COUNT) if isinstance(concept, FileConcept) else concept.texts
        models = 1
        if isinstance(inputs, GeometryInputs):
            models += len(config.training.snapshots)
            texts += _other_texts(inputs.geometry)
        tokens = models * texts * length // 4
    elif isinstance(inputs, EvaluateInputs | TamperInputs):
        tokens = _measured_tokens(inputs, config, length)
    else:
        return CellEstimate(0, 0.0, 0, _START_SECONDS)
    method = inputs.method if isinstance(inputs, EvaluateInputs | TamperInputs) else None
    tokens *= METHODS[method.method].streams if method is not None else 1
    learned = _learned_tokens(inputs, length)
    measuring, learning = 2.0 * parameters * tokens, 6.0 * parameters * learned
    seconds = 1.0 + measuring / (flops_per_second * _EVALUATION_EFFICIENCY)
    seconds += learning / (flops_per_second * _TRAINING_EFFICIENCY)
    memory = 4 * (parameters + 64 * length * vocabulary)
    return CellEstimate(tokens + learned, measuring + learning, memory, seconds)


def _measured_tokens(inputs: EvaluateInputs | TamperInputs, config: StudyConfig, length: int) -> int:
    """Generated and read to measure one cell, at all its strengths or after all its attacks."""
    if isinstance(inputs, TamperInputs):
        times = 1 + len(inputs.tampering.kinds) * len(inputs.tampering.training.steps)
    else:
        times = len(inputs.method.measured_strengths) if inputs.method is not None else 1
    prompts = sum(_count(one) for one in inputs.prompts.values())
    generated = prompts * inputs.generation.samples * inputs.generation.max_new_tokens
    measured = times * (generated + inputs.documents * (2 + len(config.evaluation.domains)) * length)
    if isinstance(inputs, EvaluateInputs) and isinstance(inputs.method, FromOwnSamples):
        measured += _count(inputs.method.prompts) * inputs.method.samples * inputs.method.max_new_tokens
    return measured


def _other_texts(geometry: GeometrySection) -> int:
    """Read beside the concept's own: of the bank, at most, and of the data set that transfer is tested on."""
    bank, transfer = geometry.bank, geometry.transfer
    banked = bank.minimum * (bank.concepts if isinstance(bank, FileBank) else len(Microworld().topics))
    return banked + (2 * (transfer.limit or _UNKNOWN_COUNT) if transfer is not None else 0)


def _count(prompts: Prompts) -> int:
    return (prompts.limit or _UNKNOWN_COUNT) if isinstance(prompts, FilePrompts) else prompts.count


def _learned_tokens(inputs: AnyInputs, length: int) -> int:
    """Trained on in a cell that tunes a model or attacks one."""
    if isinstance(inputs, TamperInputs):
        training = inputs.tampering.training
        longest = min(length, training.max_length)
        return len(inputs.tampering.kinds) * sum(training.steps) * training.batch * longest
    method = inputs.method if isinstance(inputs, EvaluateInputs) else None
    if isinstance(method, TuningOptions):
        return int(METHODS[method.method].passes * method.steps * method.batch * length) // 4  # pairs are short texts
    return 0
