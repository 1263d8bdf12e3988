"""Greedy coordinate gradient (GCG): a suffix after a request that makes a model begin with a given answer.

Zou et al. 2023 (arXiv 2307.15043, algorithm 1). For a goal x and a target y, minimise over the n tokens s of a suffix

    L(s) = −(1/|y|) Σ_t log p(y_t | x, s, y_1 … y_{t−1}).

A step takes, at each position i, the k tokens of the most negative ∂L/∂(one-hot of s_i), draws ``width`` candidates
that differ from s in one position and one of these tokens, and goes on with the one of least L; the best suffix seen is
kept. Candidates that would be read as other tokens when written out are dropped.

Why not ``nanogcg`` (0.2.3, looked at): it feeds embeddings in batches of changing size and knows no prompt lengths, so
that edits of single positions and second streams cannot follow; it seeds the global generators, and its candidates are
not checked after the goal that they stand behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
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


class GcgConfig(BaseModel):
    """How hard the attacker tries. The paper: 20 tokens, 500 steps, width 512, top 256."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    length: int = Field(default=20, ge=1, description="tokens of the suffix")
    steps: int = Field(default=250, ge=1)
    width: int = Field(default=512, ge=1, description="candidates of a step")
    top_k: int = Field(default=256, ge=1, description="tokens tried at a position")
    batch: int = Field(default=128, ge=1, description="candidates of a forward pass; changes speed and memory only")
    begin: str = Field(default="!", min_length=1, description="the word that the suffix consists of at first")
    ascii_only: bool = Field(default=True, description="only printable ASCII")
    match_tokens: int | None = Field(
        default=None, ge=1, description="tokens of the target that must come for a success; null: all of it"
    )
    seed: int = 0


@short_repr
@dataclass(frozen=True)
class Suffix:
    """What was found. loss, first_loss: nats a token of the target, at the end and with the suffix to begin with.
    matched: tokens of the target that greedy decoding gives by the optimiser's own pass."""

    text: str
    ids: tuple[int, ...]
    loss: float
    first_loss: float
    matched: int
    steps: int


def find_suffix(
    lm: LanguageModel,
    goal: str,
    target: str,
    intervention: Intervention,
    strength: float,
    config: GcgConfig | None = None,
    *,
    progress: Callable[[int, int, float], None] | None = None,
) -> Suffix:
    """Search until greedy decoding gives the target, or ``config.steps`` are done. Equal input gives equal suffixes.

    The attacker knows the defence: loss and gradient are those of the steered model.

    :param strength: of ``intervention``; 0.0 where it has none.
    :param progress: called with (steps done, steps, least loss).
    :raises HormesisError: an empty target; the three do not fit the context; the tokenizer cannot write any candidate.
    """
    config = config or GcgConfig()
    before = intervention.prepare(goal)
    prompt, behind = open_prompt(lm, before), lm.frame[1]
    wanted = target_ids(lm, target) if target.strip() else ()
    if not wanted:
        raise HormesisError("a target is empty", "give the beginning of the answer that is attacked for")
    current = torch.tensor(first_tokens(lm.tokenizer, config.begin, config.length))
    check_room(lm, len(prompt) + len(current) + len(behind) + len(wanted), "a goal with its suffix and target")
    columns = torch.arange(len(prompt), len(prompt) + len(current))
    enough = min(config.match_tokens or len(wanted), len(wanted))
    batch = TargetBatch.of([[*prompt, *current.tolist(), *behind]], [wanted])
    allowed = allowed_tokens(lm, ascii_only=config.ascii_only)
    random = generator("gcg", config.seed, goal, target)
    with lm.evaluating():
        fit = steered_fit(lm.model, batch, intervention, strength, rows_a_pass=1)
        best, least, matched = current, float(fit.losses[0]), int(fit.matched[0])
        first, step = least, 0
        while step < config.steps and matched < enough:
            gradient = token_gradient(lm.model, batch.with_columns(columns, current), columns, intervention, strength)
            candidates = _candidates(current, gradient, allowed, config, random)
            candidates = candidates[survive(lm, before, prompt, candidates.tolist())]
            step += 1
            if len(candidates):
                tried = batch.with_columns(columns, candidates)
                fit = steered_fit(lm.model, tried, intervention, strength, rows_a_pass=config.batch)
                # One that succeeds is taken even if another has less loss: the search ends with it.
                place = int(torch.where(fit.matched >= enough, fit.losses - 1e6, fit.losses).argmin())
                current = candidates[place]
                if fit.losses[place] < least or fit.matched[place] >= enough:
                    best, least, matched = current, float(fit.losses[place]), int(fit.matched[place])
            if progress is not None:
                progress(step, config.steps, least)
    ids = tuple(best.tolist())
    return Suffix(lm.texts_behind(prompt, [ids])[0], ids, least, first, matched, step)


def _candidates(
    current: Tensor, gradient: Tensor, allowed: Tensor, config: GcgConfig, random: np.random.Generator
) -> Tensor:
    """Distinct sequences that differ from ``current`` in one place, [at most width, n]."""
    steep = gradient.masked_fill(~allowed, float("inf"))
    top = steep.topk(min(config.top_k, int(allowed.sum())), dim=1, largest=False).indices
    places = torch.from_numpy(random.integers(len(current), size=config.width))
    ranks = torch.from_numpy(random.integers(top.shape[1], size=config.width))
    rows = current.repeat(config.width, 1)
    rows[torch.arange(config.width), places] = top[places, ranks]
    changed = rows[(rows != current).any(1)]
    distinct: Tensor = torch.unique(changed, dim=0)
    return distinct
