"""An intervention on a tiny model, and the logits that it gives: what the tests of this room compare."""

from __future__ import annotations

import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel

from hormesis.detox import InferenceTimeIntervention, Intervention
from hormesis.representation import Directions, ModelLayout
from hormesis.representation.directions import random_vectors
from tests.representation.tiny import HEADS, LAYERS

SITES = ((0, 1), (0, 3), (2, 0))  # two heads of one layer, none of the next


def an_intervention(model: PreTrainedModel) -> InferenceTimeIntervention:
    layout = ModelLayout.of(model)
    vectors = random_vectors(len(SITES), layout.head_width, 5).float()
    scales = torch.tensor([1.0, 0.5, 2.0])
    return InferenceTimeIntervention(Directions(SITES, vectors, scales, "random", LAYERS, HEADS, layout.architecture))


def logits(model: PreTrainedModel, ids: Tensor, mask: Tensor | None = None) -> Tensor:
    """Of one teacher-forced pass; positions count tokens, not padding."""
    position_ids = None if mask is None else (mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        found: Tensor = model(ids, attention_mask=mask, position_ids=position_ids).logits
    return found


def cached_logits(
    model: PreTrainedModel, ids: Tensor, mask: Tensor, chunks: list[int], cache: DynamicCache | None = None
) -> Tensor:
    """The same through a key–value cache, the columns in chunks of these sizes; the cache may hold some already."""
    cache = cache if cache is not None else DynamicCache(config=model.config)
    position_ids = (mask.cumsum(1) - 1).clamp(min=0)
    start, found = int(cache.get_seq_length()), []
    for size in chunks:
        with torch.no_grad():
            output = model(
                ids[:, start : start + size],
                attention_mask=mask[:, : start + size],
                position_ids=position_ids[:, start : start + size],
                past_key_values=cache,
                use_cache=True,
            )
        found.append(output.logits)
        start += size
    return torch.cat(found, dim=1)


def steered_logits(
    model: PreTrainedModel,
    intervention: Intervention,
    strength: float | Tensor,
    ids: Tensor,
    mask: Tensor | None = None,
    prompt_lengths: Tensor | None = None,
) -> Tensor:
    with intervention.apply(model, strength, prompt_lengths=prompt_lengths, attention_mask=mask):
        return logits(model, ids, mask)
