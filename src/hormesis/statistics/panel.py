"""A panel: one outcome for each share and seed, the shape in which shares are compared.

Within a seed the mixtures of all shares are nested and the initialisation is the same, so a seed is a *block*:

    y[share, seed] = curve[share] + seed effect + noise.

What shares differ by is judged within seeds, and the noise that counts is what is left after both effects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr

Floats = NDArray[np.float64]


@short_repr
@dataclass(frozen=True, eq=False)
class Panel:
    """One outcome by share and seed.

    :param shares: ascending toxic shares, float64 [shares].
    :param seeds: labels, one a column.
    :param values: float64 [shares, seeds], NaN where a model is absent or its outcome unknown.
    """

    shares: Floats
    seeds: tuple[str, ...]
    values: Floats

    @classmethod
    def of_rows(cls, rows: pd.DataFrame, *, share: str = "share", seed: str = "seed", value: str = "value") -> Panel:
        """The complete panel of rows of any origin, with every column of prompts, items or tasks averaged out.

        :param rows: one measured value each; ``share`` is any number that orders what is compared, such as 0 and 1 of
            two models; what has no value at some share or seed is left out (:meth:`complete`).
        :raises HormesisError: a column is missing, or a share or value is no number.
        """
        if missing := [name for name in (share, seed, value) if name not in rows]:
            raise HormesisError(f"the rows have no column {missing[0]!r}", f"they have: {', '.join(map(str, rows))}")
        try:
            numbers = rows.assign(**{share: rows[share].astype("float64"), value: rows[value].astype("float64")})
        except (TypeError, ValueError) as error:
            raise HormesisError(f"{share!r} and {value!r} must be numbers: {error}", "convert them first") from error
        table = numbers.pivot_table(index=share, columns=seed, values=value, aggfunc="mean", sort=True)
        seeds = sorted(table.columns, key=lambda each: (len(str(each)), str(each)))
        found = table[seeds].to_numpy(dtype=np.float64)
        return cls(table.index.to_numpy(dtype=np.float64), tuple(map(str, seeds)), found).complete()

    @property
    def means(self) -> Floats:
        """Mean over seeds: [shares]."""
        return np.asarray(self.values.mean(axis=1))

    @property
    def freedom(self) -> int:
        """Degrees of freedom of :attr:`spread`: (shares - 1)(seeds - 1)."""
        return (len(self.shares) - 1) * (len(self.seeds) - 1)

    @property
    def spread(self) -> float:
        """Standard deviation of the noise of one model, pooled over shares: of the residuals after share and seed.

        The standard deviation of a paired difference of two shares is √2 times it, if noise is as large at every
        share. NaN for a single seed or share.
        """
        if self.freedom < 1:
            return math.nan
        residual = self.centred - self.centred.mean(axis=1, keepdims=True)
        return float(np.sqrt(np.sum(residual**2) / self.freedom))

    @property
    def centred(self) -> Floats:
        """Values without the seeds' effects (their means over shares, replaced by the grand mean)."""
        return np.asarray(self.values - self.values.mean(axis=0) + self.values.mean())

    def complete(self) -> Panel:
        """The part without holes: as long as there is one, the share or the seed that lacks most is left out."""
        kept = self
        while kept.values.size and np.isnan(kept.values).any():
            absent = np.isnan(kept.values)
            by_share, by_seed = absent.mean(axis=1), absent.mean(axis=0)
            if by_share.max() >= by_seed.max():
                kept = kept._at(np.arange(len(kept.shares)) != by_share.argmax(), np.ones(len(kept.seeds), bool))
            else:
                kept = kept._at(np.ones(len(kept.shares), bool), np.arange(len(kept.seeds)) != by_seed.argmax())
        return kept

    def differences(self, reference: int = 0) -> Floats:
        """Value minus that of the share with index ``reference``, seed by seed: [shares, seeds]."""
        return np.asarray(self.values - self.values[reference])

    def _at(self, shares: NDArray[np.bool_], seeds: NDArray[np.bool_]) -> Panel:
        labels = tuple(label for label, kept in zip(self.seeds, seeds, strict=True) if kept)
        return Panel(self.shares[shares], labels, self.values[np.ix_(shares, seeds)])
