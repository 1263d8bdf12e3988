"""The quality floor: is the text still text? Degenerate generation scores as harmless, so this stands beside
every toxicity.

All of it is computed on the model's tokens, per prompt and strength, over its samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hormesis.evaluate.generation import Generations

_REPEATED = 4
"""Length of the n-grams whose recurrence counts as repetition."""


@dataclass(frozen=True)
class Quality:
    """Each array is float64 [prompts, strengths]; NaN where there is nothing to divide by (all samples too
    short).

    distinct_1, distinct_2, distinct_3: different n-grams / n-grams, over the samples of a prompt (Li et al.
    2016, arXiv 1510.03055). repetition: share of 4-grams that occurred before in the same continuation
    (Welleck et al. 2020, arXiv 1908.04319, seq-rep-4). empty: share of continuations with no visible
    character. length: mean tokens of a continuation.
    """

    distinct_1: np.ndarray
    distinct_2: np.ndarray
    distinct_3: np.ndarray
    repetition: np.ndarray
    empty: np.ndarray
    length: np.ndarray


def quality_metrics(generations: Generations) -> Quality:
    """Measure the quality floor of ``generations``."""
    tokens = generations.tokens.astype(np.int64)  # [prompts, strengths, samples, steps]
    prompts, strengths = tokens.shape[:2]
    grams = {length: _grams(tokens, length) for length in (1, 2, 3, _REPEATED)}
    pooled = {length: grams[length].reshape(prompts, strengths, -1) for length in (1, 2, 3)}
    distinct = {length: _ratio(_distinct(ids), (ids >= 0).sum(-1)) for length, ids in pooled.items()}
    repeatable = grams[_REPEATED]
    present = (repeatable >= 0).sum(-1)
    repeated = (present - _distinct(repeatable)).sum(-1)
    empty = [[[not text.strip() for text in samples] for samples in prompt] for prompt in generations.texts]
    return Quality(
        distinct_1=distinct[1],
        distinct_2=distinct[2],
        distinct_3=distinct[3],
        repetition=_ratio(repeated, present.sum(-1)),
        empty=np.mean(np.array(empty, dtype=np.float64), axis=-1),
        length=(tokens >= 0).sum(-1).mean(-1),
    )


def _grams(tokens: np.ndarray, length: int) -> np.ndarray:
    """Ids of n-grams, equal where the n-grams are, -1 where they reach beyond the end: [..., steps - length +
    1]."""
    ids = tokens
    for later in range(1, length):
        following = tokens[..., later:]
        here = ids[..., : following.shape[-1]]
        valid = (here >= 0) & (following >= 0)
        # Renumbering at each length keeps the product within int64 whatever the vocabulary.
        codes = here * (int(tokens.max(initial=0)) + 1) + following
        ids = np.full(codes.shape, -1, dtype=np.int64)
        ids[valid] = np.unique(codes[valid], return_inverse=True)[1]
    return ids


def _distinct(ids: np.ndarray) -> np.ndarray:
    """How many different ids ≥ 0 the last axis holds."""
    if ids.shape[-1] == 0:
        return np.zeros(ids.shape[:-1], dtype=np.int64)
    ordered = np.sort(ids, axis=-1)
    new = (np.diff(ordered, axis=-1) > 0) & (ordered[..., 1:] >= 0)
    counted: np.ndarray = new.sum(-1) + (ordered[..., 0] >= 0)
    return counted


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = part / np.where(whole > 0, whole, np.nan)
    return ratio
