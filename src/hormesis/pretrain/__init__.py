"""Pretraining: from a mixture to a Hugging Face folder.

    Mixture ─► OLMo-core's loader ─► OLMo-core's trainer ─► trainer/  (its checkpoints; resume)
    preset, init_seed ─► model ──────────┘        └────────► model/    (Hugging Face folder + tokenizer)

OLMo-core is the engine: its model, trainer, optimiser, schedule, loader and checkpoints. This room adds only what a
study needs around it: presets (:data:`PRESETS`), one call that trains or resumes or returns what is finished
(:func:`pretrain`), an output head whose loss stays in a CPU's cache (:mod:`~hormesis.pretrain.chunked_loss`), the
loss of rows that are learned in part (:mod:`~hormesis.pretrain.masked`), an export that is compared with the trained
model, and the numbers for a plan (:func:`estimate`).
The initial weights depend on ``init_seed`` and the preset alone, the data and its order on the mixture alone; so models
of different shares differ in their data only.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
