"""Which rows a mixture takes from a source, in which order, and where the toxic ones stand among the clean ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hormesis.corpus.mixture_config import Placement
from hormesis.corpus.seeds import generator

Indices = npt.NDArray[np.int64]


def row_order(name: str, rows: int, available: int, *, data_seed: int, order_seed: int) -> Indices:
    """The row numbers of one source, in the order in which a mixture shows them; int64 [rows].

    :param name: the source's.
    :param available: rows that the source has; where ``rows`` is more, it is gone through again, in another order.
    """
    chosen: list[Indices] = []
    for repetition in range(-(-rows // available) if rows else 0):
        permutation = generator("rows", data_seed, name, repetition).permutation(available)
        prefix = permutation[: rows - repetition * available]
        # Keys belong to places of the permutation, so a longer prefix keeps the keys of a shorter one.
        keys = generator("order", order_seed, name, repetition).random(len(prefix))
        chosen.append(prefix[np.argsort(keys, kind="stable")])
    return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Interleaving:
    """Which rows of a mixture are toxic.

    ``uniform`` spreads them: row i is toxic where floor((i·T + phase) / N) steps. ``early`` and ``late`` gather those
    among the rows that are trained on (whole blocks) at their beginning or end (arXiv 2601.07087: when harmful data
    is shown). What lies beyond the last whole block stays as it is, so that every placement trains on the same rows.
    """

    rows: int
    """N, of both kinds."""
    toxic: int
    """T."""
    phase: int
    """In [0, N)."""
    placement: Placement
    trained: int
    """The first rows, those in whole blocks."""

    def toxic_before(self, index: int) -> int:
        """How many of the first ``index`` rows are toxic."""
        if self.placement == "uniform" or index > self.trained:
            return self._spread(index)
        gathered = self._spread(self.trained)
        if self.placement == "early":
            return min(index, gathered)
        return max(0, index - (self.trained - gathered))

    def _spread(self, index: int) -> int:
        return (index * self.toxic + self.phase) // self.rows
