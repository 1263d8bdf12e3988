"""What token attacks lower: the loss of given continuations, while the model is steered as it would be in use."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from transformers import PreTrainedModel

from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel, input_device


@dataclass(frozen=True, eq=False)
class TargetBatch:
    """Prompts, each followed by the continuation that an attacker wants.

    ids: [rows, columns], padded on the right: a causal model never reads that padding. prompt_lengths: [rows], tokens
    before the continuation. lengths: [rows], tokens with it.
    """

    ids: Tensor
    prompt_lengths: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, prompts: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> TargetBatch:
        """From token ids, neither prompts nor targets empty."""
        rows = [[*prompt, *target] for prompt, target in zip(prompts, targets, strict=True)]
        width = max(len(row) for row in rows)
        return cls(
            torch.tensor([row + [0] * (width - len(row)) for row in rows]),
            torch.tensor([len(prompt) for prompt in prompts]),
            torch.tensor([len(row) for row in rows]),
        )

    def with_columns(self, columns: Tensor, ids: Tensor) -> TargetBatch:
        """Every row with ``ids`` at ``columns``: one [columns] for all rows, or [batch, columns] for a single row."""
        rows = max(len(self.ids), len(ids) if ids.ndim == 2 else 1)
        changed = self.ids.expand(rows, -1).clone()
        changed[:, columns] = ids
        return TargetBatch(changed, self.prompt_lengths.expand(rows), self.lengths.expand(rows))

    def rows(self, start: int, stop: int) -> TargetBatch:
        """Some of the rows."""
        chosen = slice(start, stop)
        return TargetBatch(self.ids[chosen], self.prompt_lengths[chosen], self.lengths[chosen])


@dataclass(frozen=True, eq=False)
class Fit:
    """How near a model is to the wanted continuations.

    losses: [rows], mean −log p(target token | all before it), nats a token. matched: [rows], how many tokens from the
    target's beginning greedy decoding gives.
    """

    losses: Tensor
    matched: Tensor


def fit_of(model: PreTrainedModel, batch: TargetBatch) -> Fit:
    """One forward pass, under whatever intervention is applied; gradients flow where they are enabled."""
    first = int(batch.prompt_lengths.min()) - 1
    width = batch.ids.shape[1]
    accepted = inspect.signature(model.forward).parameters
    kept = {"logits_to_keep": width - first} if "logits_to_keep" in accepted else {}
    output = model(input_ids=batch.ids.to(input_device(model)), use_cache=False, **kept)
    logits = cast(Tensor, output.logits)[:, -(width - first) : -1].float()
    wanted = batch.ids[:, first + 1 :].to(logits.device)
    place = torch.arange(first + 1, width)
    scored = (place >= batch.prompt_lengths[:, None]) & (place < batch.lengths[:, None])
    scored = scored.to(logits.device)
    nll = -logits.log_softmax(-1).gather(2, wanted[:, :, None]).squeeze(2)
    losses = torch.where(scored, nll, 0.0).sum(1) / scored.sum(1)
    greedy = (logits.argmax(-1) == wanted) | ~scored
    return Fit(losses, (greedy.cumprod(1).bool() & scored).sum(1))


def steered_fit(
    model: PreTrainedModel,
    batch: TargetBatch,
    intervention: Intervention,
    strength: float,
    *,
    rows_a_pass: int,
) -> Fit:
    """:func:`fit_of` without gradients, at most ``rows_a_pass`` rows at once.

    Positions P−1 and later are steered, as in generation: what fits here is what greedy decoding gives.
    """
    parts = []
    with torch.inference_mode():
        for start in range(0, len(batch.ids), rows_a_pass):
            part = batch.rows(start, start + rows_a_pass)
            with intervention.apply(model, strength, prompt_lengths=part.prompt_lengths):
                parts.append(fit_of(model, part))
    return Fit(torch.cat([part.losses for part in parts]).cpu(), torch.cat([part.matched for part in parts]).cpu())


def check_room(lm: LanguageModel, tokens: int, what: str) -> None:
    """:raises HormesisError: ``what``, of so many tokens, does not fit the context."""
    context = lm.context_length
    if context is not None and tokens > context:
        raise HormesisError(
            f"{what} takes {tokens} tokens, and the context of the model is {context}",
            "take a shorter suffix or trigger, or leave such rows out",
        )
