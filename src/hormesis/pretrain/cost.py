"""What a training run will cost, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hormesis.pretrain.config import TrainingConfig
from hormesis.pretrain.presets import embedding_rows, model_config

_BYTES = 4  # weights, gradients and moments are fp32


@dataclass(frozen=True)
class Estimate:
    """Cost of one run.

    :param parameters: embedding and output matrix included.
    :param steps: whole batches; the remainder of the rows is not trained on.
    :param tokens: tokens of those batches.
    :param flops: floating-point operations of forward and backward, as OLMo-core counts them (6 a weight and
        token, and the attention's own).
    :param memory_bytes: weights, gradients, two moments, and the activations of one micro-batch.
    :param disk_bytes: two trainer checkpoints and the exported model.
    """

    parameters: int
    steps: int
    tokens: int
    flops: float
    memory_bytes: int
    disk_bytes: int


@lru_cache
def flops_per_token(preset: str, vocabulary: int, sequence_length: int) -> int:
    """Floating-point operations a token of forward and backward (OLMo-core's ``num_flops_per_token``)."""
    model = model_config(preset, vocabulary).build(init_device="meta")
    return int(model.num_flops_per_token(sequence_length))


def estimate(config: TrainingConfig, vocabulary: int, rows: int) -> Estimate:
    """The cost of training on ``rows`` rows with a tokenizer of ``vocabulary`` tokens."""
    vocabulary = embedding_rows(config.preset, vocabulary)
    shape = model_config(config.preset, vocabulary)
    parameters = int(shape.num_params)
    steps = rows // config.batch_rows
    tokens = steps * config.batch_rows * config.sequence_length
    microbatch = (config.microbatch_rows or config.batch_rows) * config.sequence_length
    # About 34 numbers of the residual's width a layer and token are kept for the backward pass of a SwiGLU
    # block without attention scores (arXiv 2205.05198, eq. 2, adapted), and the logits of a micro-batch.
    activations = microbatch * (34 * shape.d_model * shape.n_layers + 2 * vocabulary)
    return Estimate(
        parameters=parameters,
        steps=steps,
        tokens=tokens,
        flops=float(flops_per_token(config.preset, vocabulary, config.sequence_length)) * tokens,
        memory_bytes=_BYTES * (4 * parameters + activations),
        disk_bytes=_BYTES * (2 * 3 + 1) * parameters,
    )
