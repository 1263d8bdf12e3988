"""The probe stage against the reference way, the fit against scikit-learn, and the memory of capture.

The reference way is that of the published code for inference-time intervention (likenneth/honest_llama): one text a
forward pass, the heads of all layers at all positions kept, then scikit-learn head after head. Both sides run in turn
within one process, on the same model and texts; a run's ratio is theirs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, Olmo2Config, PreTrainedModel, PreTrainedTokenizerFast

from benchmarks.result import BenchmarkResult
from hormesis.models import LanguageModel
from hormesis.representation import (
    Directions,
    GroupSplit,
    HeadActivations,
    HeadProbes,
    ModelLayout,
    capture_heads,
    fit_probes,
    mass_mean_directions,
    probe_weight_directions,
    split_by_group,
)

VOCABULARY = 4096
HEADS_CHOSEN = 6
MEMORY_TEXTS = 1_000


def run(quick: bool) -> list[BenchmarkResult]:
    """Stage, fit and memory; ``quick`` takes fewer texts and repetitions."""
    texts, labels, split = labelled_texts(400 if quick else 2_000)
    model, tokenizer = small_model(), word_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    repetitions = 2 if quick else 5
    ours, theirs = (
        ours_way(model, tokenizer, texts, labels, split),
        reference_way(model, tokenizer, texts, labels, split),
    )
    cosine = min(
        float(torch.cosine_similarity(mine.vectors, other, dim=1).min())
        for mine, other in zip(ours, theirs, strict=True)
    )
    stage = paired(
        repetitions,
        lambda: reference_way(model, tokenizer, texts, labels, split),
        lambda: ours_way(model, tokenizer, texts, labels, split),
    )
    activations = capture_heads(lm, texts)
    fit = paired(
        repetitions,
        lambda: scikit_learn_fit(activations, labels, split),
        lambda: fit_probes(activations, labels, split),
    )
    peaks = [peak_memory(count) for count in (MEMORY_TEXTS, 10 * MEMORY_TEXTS)]
    shape = f"{len(texts)} texts, 4 layers × 4 heads × 32, {torch.get_num_threads()} thread(s)"
    return [
        BenchmarkResult(
            "probing/stage",
            median(stage),
            4.0,
            stage,
            f"{shape}; smallest cosine of mass-mean and probe directions over all heads {cosine:.6f}",
        ),
        BenchmarkResult("probing/fit", median(fit), 1.0, fit, f"{shape}; scikit-learn {len(split.fit)} rows"),
        BenchmarkResult(
            "probing/memory",
            peaks[0] / peaks[1],
            1 / 1.1,
            [peaks[0] / peaks[1]],
            f"peak with {MEMORY_TEXTS} texts {peaks[0]:.0f} MB, with ten times as many {peaks[1]:.0f} MB",
        ),
    ]


def paired(repetitions: int, theirs: Callable[[], object], ours: Callable[[], object]) -> list[float]:
    """Their time over ours, for each repetition; who goes first alternates."""
    ratios: list[float] = []
    for repetition in range(repetitions):
        sides = [theirs, ours]
        order = (0, 1) if repetition % 2 else (1, 0)
        seconds = [0.0, 0.0]
        for side in order:
            start = time.perf_counter()
            sides[side]()
            seconds[side] = time.perf_counter() - start
        ratios.append(seconds[0] / seconds[1])
    return ratios


def small_model() -> PreTrainedModel:
    """OLMo-2 of the benchmark's size; weights large enough for activations of a trained model's order of magnitude."""
    torch.manual_seed(0)
    config = Olmo2Config(
        vocab_size=VOCABULARY,
        hidden_size=128,
        intermediate_size=344,
        num_hidden_layers=4,
        num_attention_heads=4,
        max_position_embeddings=128,
        initializer_range=0.1,
        eos_token_id=None,
        pad_token_id=None,
    )
    model: PreTrainedModel = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    nn.Module.eval(model)
    return model


def word_tokenizer() -> PreTrainedTokenizerFast:
    """One token a word."""
    words = {f"w{index}": index for index in range(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="w0")  # type: ignore[no-untyped-call]


def labelled_texts(count: int) -> tuple[list[str], NDArray[np.bool_], GroupSplit]:
    """Texts of 8 to 40 words; the toxic ones prefer the upper half of the vocabulary, so that probes can learn."""
    random = np.random.default_rng(0)
    labels = random.random(count) < 0.5
    texts = []
    for toxic in labels:
        length = int(random.integers(8, 41))
        upper = random.random(length) < (0.6 if toxic else 0.4)
        words = random.integers(0, VOCABULARY // 2, length) + upper * (VOCABULARY // 2)
        texts.append(" ".join(f"w{word}" for word in words))
    return texts, labels, split_by_group([str(row // 4) for row in range(count)], 0)


def ours_way(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    texts: list[str],
    labels: NDArray[np.bool_],
    split: GroupSplit,
) -> tuple[Directions, Directions]:
    """Texts to directions at every head, both kinds."""
    lm = LanguageModel.of(model, tokenizer)
    activations = capture_heads(lm, texts)
    probes: HeadProbes = fit_probes(activations, labels, split)
    probes.top(HEADS_CHOSEN)
    sites = [(layer, head) for layer in range(activations.layers) for head in range(activations.heads)]
    return (
        mass_mean_directions(activations, labels, split, sites),
        probe_weight_directions(activations, probes, sites),
    )


def reference_way(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    texts: list[str],
    labels: NDArray[np.bool_],
    split: GroupSplit,
) -> tuple[Tensor, Tensor]:
    """The same, one text a pass and one head a fit; mass-mean and probe directions of every head."""
    layout = ModelLayout.of(model, validate=False)
    kept: list[NDArray[np.float32]] = []
    rows: list[NDArray[np.float32]] = []

    def keep(_module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        kept.append(arguments[0][0].detach().cpu().numpy())

    handles = [projection.register_forward_pre_hook(keep) for projection in layout.output_projections]
    with torch.no_grad():
        for text in texts:
            kept.clear()
            model(torch.tensor([tokenizer(text)["input_ids"]]))
            everything = np.stack(kept)  # [layers, time, heads · width]
            rows.append(everything[:, -1].copy())
    for handle in handles:
        handle.remove()
    values = np.stack(rows).reshape(len(texts), layout.layers, layout.heads, layout.head_width)
    activations = HeadActivations(torch.from_numpy(values))
    weights = scikit_learn_fit(activations, labels, split)
    fit, truth = values[split.fit], labels[split.fit]
    mass_mean = (fit[~truth].mean(0) - fit[truth].mean(0)).reshape(-1, layout.head_width)
    for head, direction in enumerate(mass_mean):
        (fit.reshape(len(fit), -1, layout.head_width)[:, head] @ direction).std()
    return torch.from_numpy(mass_mean), -torch.from_numpy(np.stack(weights)).float()


def scikit_learn_fit(
    activations: HeadActivations, labels: NDArray[np.bool_], split: GroupSplit
) -> list[NDArray[np.float64]]:
    """Fit and validation accuracy, head after head, as the published code does it."""
    values = activations.values.numpy()
    weights = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for layer in range(activations.layers):
            for head in range(activations.heads):
                probe = LogisticRegression(max_iter=1000).fit(values[split.fit, layer, head], labels[split.fit])
                probe.score(values[split.validation, layer, head], labels[split.validation])
                weights.append(probe.coef_[0])
    return weights


def peak_memory(count: int) -> float:
    """The peak resident memory, in MB, of a process that captures the heads of ``count`` texts."""
    output = subprocess.run(
        [sys.executable, "-m", "benchmarks.probing", str(count)], capture_output=True, text=True, check=True
    )
    return float(output.stdout.split()[-1])


def _capture_alone(count: int) -> None:
    texts, _, _ = labelled_texts(count)
    capture_heads(LanguageModel.of(small_model(), word_tokenizer()), texts)
    # Not getrusage: its peak survives exec, so that a child would report the memory of the process that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024)


if __name__ == "__main__":
    _capture_alone(int(sys.argv[1]))
