"""What OLMo-core trains: a preset's model, with its optimiser and the schedule of its learning rate."""

from __future__ import annotations

import torch
from olmo_core.config import DType
from olmo_core.distributed.parallel import DataParallelType
from olmo_core.distributed.utils import get_world_size, is_distributed
from olmo_core.nn.transformer import TransformerConfig
from olmo_core.optim import (
    WSD,
    AdamWConfig,
    ConstantWithWarmup,
    CosWithWarmup,
    LinearWithWarmup,
    OptimGroupOverride,
    Scheduler,
)
from olmo_core.train.train_module import TransformerTrainModule
from olmo_core.train.train_module.transformer import TransformerDataParallelConfig
from olmo_core.utils import get_default_device

from hormesis.pretrain.chunked_loss import chunked
from hormesis.pretrain.config import TrainingConfig
from hormesis.pretrain.masked import MaskedTrainModule
from hormesis.pretrain.presets import embedding_rows, model_config


def seeded_shape(preset: str, vocabulary: int, init_seed: int) -> TransformerConfig:
    """A preset for a tokenizer of ``vocabulary`` tokens, with the seed of its initial weights."""
    shape = model_config(preset, embedding_rows(preset, vocabulary))
    shape.init_seed = init_seed
    shape.lm_head = chunked(shape.lm_head)
    return shape


def train_module(config: TrainingConfig, shape: TransformerConfig, *, masked: bool) -> TransformerTrainModule:
    """The model of ``shape`` with its optimiser and schedule, on this process's device.

    :param masked: whether some rows carry loss in part.
    """
    rows = config.microbatch_rows or config.batch_rows // get_world_size()
    device = get_default_device()
    # Only rows with masks take another module, so that all others are trained as they always were.
    kind = MaskedTrainModule if masked else TransformerTrainModule
    module = kind(
        shape.build(init_device="meta"),
        optim=AdamWConfig(
            lr=config.peak_learning_rate,
            betas=config.betas,
            eps=config.epsilon,
            weight_decay=config.weight_decay,
            fused=True,
            group_overrides=[OptimGroupOverride(params=["embeddings.weight"], opts={"weight_decay": 0.0})],
        ),
        rank_microbatch_size=rows * config.sequence_length,
        max_sequence_length=config.sequence_length,
        compile_model=config.compile and device.type == "cuda",
        dp_config=TransformerDataParallelConfig(name=DataParallelType(config.parallel), reduce_dtype=DType.float32)
        if is_distributed()
        else None,
        z_loss_multiplier=config.z_loss or None,
        autocast_precision=torch.bfloat16 if config.precision == "bf16" else None,
        max_grad_norm=config.clip,
        scheduler=_schedule(config),
        device=device,
    )
    # OLMo-core compiles on GPUs only, and with sizes left open; here they never change. Under torchrun the
    # gradient hooks of DDP and FSDP stay outside compiled code, so that only one process alone compiles.
    if config.compile and device.type == "cpu" and not is_distributed():
        for block in module.model.blocks.values():
            block.compile(dynamic=False)
    return module


def _schedule(config: TrainingConfig) -> Scheduler:
    warmup, final = config.warmup_fraction, config.final_fraction
    if config.schedule == "cosine":
        return CosWithWarmup(warmup_fraction=warmup, alpha_f=final)
    if config.schedule == "linear":
        return LinearWithWarmup(warmup_fraction=warmup, alpha_f=final)
    if config.schedule == "wsd":
        return WSD(warmup_fraction=warmup, decay_fraction=0.2, decay_min_lr=final * config.peak_learning_rate)
    return ConstantWithWarmup(warmup_fraction=warmup)
