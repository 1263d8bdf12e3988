"""A universal trigger: a few tokens which, before any prompt, make a model go on in a given way.

Wallace et al. 2019 (arXiv 1908.07125, equations 1 and 2). Over prompts x and wanted continuations y, minimise over the
tokens t of one trigger

    L(t) = E −(1/|y|) Σ_j log p(y_j | t, x, y_1 … y_{j−1}).

At one position after another, the k tokens v of least (e_v − e_t)ᵀ ∂L/∂e_t are tried, and the best one is kept if the
loss falls (their beam search with one beam). The paper wants racist text from GPT-2 without a prompt; here the wanted
continuations are any toxic texts, after prompts, so that held-out prompts can tell whether the trigger is universal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from hormesis.attacks.gradient import token_gradient
from hormesis.attacks.objective import TargetBatch, check_room, steered_fit
from hormesis.attacks.vocabulary import allowed_tokens, first_tokens, open_prompt, survive, target_ids
from hormesis.corpus.seeds import generator
from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.reprs import short_repr


class TriggerConfig(BaseModel):
    """How hard the attacker searches."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    length: int = Field(default=6, ge=1, description="tokens of the trigger")
    sweeps: int = Field(default=5, ge=1, description="times that every position is tried, at most")
    top_k: int = Field(default=20, ge=1, description="tokens tried at a position")
    examples: int = Field(default=64, ge=1, description="pairs of a prompt and a toxic continuation")
    target_tokens: int = Field(default=16, ge=1, description="of each continuation, at most")
    batch: int = Field(default=128, ge=1, description="rows of a forward pass; changes speed and memory only")
    begin: str = Field(default="the", min_length=1, description="the word that the trigger consists of at first")
    ascii_only: bool = True
    seed: int = 0


@short_repr
@dataclass(frozen=True)
class Trigger:
    """text: to be put before a prompt, with a space between. loss, first_loss: nats a token of the continuations, at
    the end and with the trigger to begin with; without: without a trigger."""

    text: str
    ids: tuple[int, ...]
    loss: float
    first_loss: float
    without: float

    def before(self, prompt: str) -> str:
        """The prompt with the trigger before it."""
        return f"{self.text} {prompt}"


def find_trigger(
    lm: LanguageModel,
    prompts: Sequence[str],
    continuations: Sequence[str],
    intervention: Intervention,
    strength: float,
    config: TriggerConfig | None = None,
    *,
    progress: Callable[[int, int, float], None] | None = None,
) -> Trigger:
    """Search on ``config.examples`` random pairs of a prompt and a continuation; equal input gives equal triggers.

    The attacker knows the defence: loss and gradient are those of the steered model. What ``intervention.prepare``
    puts before a prompt stands before the trigger.

    :param progress: called with (positions tried, of at most, least loss).
    :raises HormesisError: no prompts or continuations; a pair does not fit the context.
    """
    config = config or TriggerConfig()
    head_text = intervention.prepare("")
    head, behind = open_prompt(lm, head_text), lm.frame[1]
    pairs = _pairs(lm, prompts, continuations, config)
    current = torch.tensor(first_tokens(lm.tokenizer, config.begin, config.length))
    columns = torch.arange(len(head), len(head) + len(current))
    batch = TargetBatch.of([[*head, *current.tolist(), *prompt, *behind] for prompt, _ in pairs], [y for _, y in pairs])
    check_room(lm, batch.ids.shape[1], "a trigger with a prompt and a continuation")
    bare = TargetBatch.of([[*head, *prompt, *behind] for prompt, _ in pairs], [y for _, y in pairs])
    allowed = allowed_tokens(lm, ascii_only=config.ascii_only)

    def loss_of(rows: TargetBatch) -> Tensor:
        return steered_fit(lm.model, rows, intervention, strength, rows_a_pass=config.batch).losses

    with lm.evaluating():
        without = float(loss_of(bare).mean())
        first = least = float(loss_of(batch).mean())
        unchanged, tried = 0, 0
        while tried < config.sweeps * len(current) and unchanged < len(current):
            place = tried % len(current)
            here = batch.with_columns(columns, current)
            gradient = token_gradient(lm.model, here, columns, intervention, strength)[place]
            candidates = _candidates(current, place, gradient.masked_fill(~allowed, float("inf")), config.top_k)
            candidates = candidates[survive(lm, head_text, head, candidates.tolist())]
            before = least
            for candidate in candidates:
                loss = float(loss_of(batch.with_columns(columns, candidate)).mean())
                if loss < least:
                    current, least = candidate, loss
            unchanged = 0 if least < before else unchanged + 1
            tried += 1
            if progress is not None:
                progress(tried, config.sweeps * len(current), least)
    ids = tuple(current.tolist())
    return Trigger(lm.texts_behind(head, [ids])[0].strip(), ids, least, first, without)


def _pairs(
    lm: LanguageModel, prompts: Sequence[str], continuations: Sequence[str], config: TriggerConfig
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Token ids of random pairs; both begin after a space, but for the answer of a chat."""
    if not prompts or not continuations:
        raise HormesisError(
            f"a trigger is sought on prompts and toxic continuations, and there are {len(prompts)} and"
            f" {len(continuations)}",
            "give at least one of each",
        )
    random = generator("trigger", config.seed)
    pairs = []
    for _ in range(config.examples):
        prompt = prompts[int(random.integers(len(prompts)))]
        text = continuations[int(random.integers(len(continuations)))]
        wanted = target_ids(lm, text)[: config.target_tokens]
        if wanted:
            pairs.append((lm.ids_behind(f" {prompt}"), wanted))
    return pairs


def _candidates(current: Tensor, place: int, steepness: Tensor, top_k: int) -> Tensor:
    """``current`` with other tokens at ``place``, [at most k, n]. The gradient at the present token is the same for
    all of them, and need not be subtracted."""
    top = steepness.topk(min(top_k, int(steepness.isfinite().sum())), largest=False).indices
    rows = current.repeat(len(top), 1)
    rows[:, place] = top
    return rows[top != current[place]]
