"""N-grams of a model's tokens, for the metrics that count them."""

from __future__ import annotations

import numpy as np


def gram_ids(tokens: np.ndarray, length: int) -> np.ndarray:
    """Ids of n-grams, equal where the n-grams are, -1 where they reach beyond the end: [..., steps - length + 1].

    :param tokens: ids [..., steps], -1 after the end.
    """
    ids = tokens = tokens.astype(np.int64)
    for later in range(1, length):
        following = tokens[..., later:]
        here = ids[..., : following.shape[-1]]
        valid = (here >= 0) & (following >= 0)
        # Renumbering at each length keeps the product within int64 whatever the vocabulary.
        codes = here * (int(tokens.max(initial=0)) + 1) + following
        ids = np.full(codes.shape, -1, dtype=np.int64)
        ids[valid] = np.unique(codes[valid], return_inverse=True)[1]
    return ids


def different(ids: np.ndarray) -> np.ndarray:
    """How many different ids ≥ 0 the last axis holds."""
    if ids.shape[-1] == 0:
        return np.zeros(ids.shape[:-1], dtype=np.int64)
    ordered = np.sort(ids, axis=-1)
    new = (np.diff(ordered, axis=-1) > 0) & (ordered[..., 1:] >= 0)
    counted: np.ndarray = new.sum(-1) + (ordered[..., 0] >= 0)
    return counted


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """``part / whole``, NaN where there is nothing to divide by."""
    found: np.ndarray = part / np.where(whole > 0, whole, np.nan)
    return found
