"""Pretraining: from a mixture to a Hugging Face folder.

    Mixture ─► OLMo-core's loader ─► OLMo-core's trainer ─► trainer/  (its checkpoints; resume)
    preset, init_seed ─► model ──────────┘        └────────► model/    (Hugging Face folder + tokenizer)

OLMo-core is the engine: its model, trainer, optimiser, schedule, loader and checkpoints. This room adds only what a
study needs around it: presets (:data:`PRESETS`), one call that trains or resumes or returns what is finished
(:func:`pretrain`), an output head whose loss stays in a CPU's cache (:mod:`~hormesis.pretrain.head`), the loss of rows
that are learned in part (:mod:`~hormesis.pretrain.masked`), an export that is compared with the trained model, and the
numbers for a plan (:func:`estimate`).
The initial weights depend on ``init_seed`` and the preset alone, the data and its order on the mixture alone; so models
of different shares differ in their data only.
"""

from __future__ import annotations

from hormesis.pretrain.callbacks import TrainingProgress
from hormesis.pretrain.checkpoint import Checkpoint, Provenance, snapshots
from hormesis.pretrain.config import TrainingConfig
from hormesis.pretrain.estimate import Estimate, estimate, flops_per_token
from hormesis.pretrain.export import ExportError
from hormesis.pretrain.presets import PRESETS, Preset, embedding_rows, model_config, parameter_count, shape_hash
from hormesis.pretrain.training import pretrain

__all__ = [
    "PRESETS",
    "Checkpoint",
    "Estimate",
    "ExportError",
    "Preset",
    "Provenance",
    "TrainingConfig",
    "TrainingProgress",
    "embedding_rows",
    "estimate",
    "flops_per_token",
    "model_config",
    "parameter_count",
    "pretrain",
    "shape_hash",
    "snapshots",
]
