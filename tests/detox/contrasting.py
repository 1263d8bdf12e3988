"""Interventions with companions on tiny models, and changes of weights: what their tests share."""

from __future__ import annotations

import torch
from transformers import PreTrainedModel

from hormesis.detox.contrasts.dexperts import DExperts
from hormesis.detox.contrasts.self_debiasing import SelfDebiasing
from hormesis.detox.intervention import Intervention
from hormesis.detox.weights.change import DenseChange, LowRankChange, WeightChange
from hormesis.detox.weights.delta import WeightDelta

PREFIX = (3, 7, 11, 2)
KINDS = ("self-debiasing", "dexperts")


def a_delta(model: PreTrainedModel, seed: int = 0, size: float = 0.1) -> WeightDelta:
    """Low-rank changes of every second matrix, a dense one of the last weight."""
    generator = torch.Generator().manual_seed(seed)
    matrices = [(name, weight) for name, weight in model.named_parameters() if weight.ndim == 2]
    changes: dict[str, WeightChange] = {}
    for name, weight in matrices[1::2]:
        left = torch.randn(len(weight), 2, generator=generator)
        changes[name] = LowRankChange(size * left, size * torch.randn(2, weight.shape[1], generator=generator))
    name, weight = list(model.named_parameters())[-1]
    changes[name] = DenseChange(size * torch.randn(weight.shape, generator=generator))
    return WeightDelta(changes, "sft")


def a_contrast(model: PreTrainedModel, kind: str) -> Intervention:
    if kind == "self-debiasing":
        return SelfDebiasing("w3 w7 w11 w2 ", PREFIX)
    return DExperts(a_delta(model, 1, 0.3), a_delta(model, 2, 0.3))
