"""Is the upper tail of probe accuracies fatter at one share than at another?

Heads within a model are not independent, and models of one seed share their data: what is exchangeable under "the
share does nothing" is the *model* within its seed. So each model is summed up by a tail statistic first, and

- the permutation test exchanges the share labels of two models within seeds: the sign-flip test of
  :mod:`~hormesis.statistics.paired`. All shares at once have a trend test of the slopes by seed
  (:func:`~hormesis.statistics.best.trend_test`);
- the bootstrap draws seeds, and heads within each model of them, for the interval of the difference in units of the
  reference share's standard deviation between heads (the paper's kind of effect size, but clustered).

Heads are chosen on validation texts and valued on test texts (domain ``CONCEPT/test``), so that the tail is not made of
luck; without test rows the value is the validation's own and ``honest`` is False.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from hormesis.reprs import short_repr
from hormesis.statistics.heads import top_count
from hormesis.statistics.intervals import Interval
from hormesis.statistics.paired import SignFlips, sign_flip_test
from hormesis.statistics.panel import Floats, Panel

TOP_MEAN, ABOVE = "mean of the top heads", "share of heads above the threshold"
EFFECT = "95 % bootstrap over seeds, and heads within models"
_TEST = "/test"
_DRAWS = 1000


@short_repr
@dataclass(frozen=True, eq=False)
class HeadTable:
    """The heads of all models in one domain and metric, of one token budget.

    :param validation, test: (share, seed) → values by head, in one order of heads; float64 [heads].
    :param honest: whether ``test`` is of other texts than ``validation``.
    """

    validation: Mapping[tuple[float, str], Floats]
    test: Mapping[tuple[float, str], Floats]
    honest: bool

    @classmethod
    def of(cls, heads: pd.DataFrame, domain: str, metric: str = "probe_accuracy") -> HeadTable:
        """:param heads: ``Measurements.heads`` of one token budget; domain: such as ``concept``."""
        rows = heads[heads["metric"] == metric]

        def table(name: str) -> dict[tuple[float, str], Floats]:
            models = rows[rows["domain"] == name].sort_values("site").groupby(["share", "seed"])
            return {
                model: group["value"].to_numpy(dtype=np.float64)
                for model, group in cast("Iterable[tuple[tuple[float, str], pd.DataFrame]]", models)
            }

        validation, test = table(domain), table(domain + _TEST)
        honest = set(test) >= set(validation)
        return cls(validation, test if honest else validation, honest)

    def panel(self, statistic: str) -> Panel:
        """A tail statistic by share and seed, complete.

        The threshold is the value that a tenth of the lowest share's heads exceed, over its seeds: it chooses no head,
        so it is read off the texts that heads are valued on.
        """
        shares = sorted({share for share, _ in self.validation})
        seeds = sorted({seed for _, seed in self.validation}, key=lambda seed: (len(seed), seed))
        reference = np.concatenate([values for (share, _), values in self.test.items() if share == shares[0]])
        threshold = float(np.quantile(reference, 0.9))
        values = np.full((len(shares), len(seeds)), np.nan)
        for (share, seed), chosen_on in self.validation.items():
            valued_on = self.test[share, seed]
            found = _top_mean(chosen_on, valued_on) if statistic == TOP_MEAN else float(np.mean(valued_on > threshold))
            values[shares.index(share), seeds.index(seed)] = found
        return Panel(np.array(shares), tuple(seeds), values).complete()


@dataclass(frozen=True)
class TailDifference:
    """The tail of one share less that of the reference share.

    :param difference: mean over seeds of the paired difference of the statistic.
    :param p: exact, models exchanged within seeds; ``adjusted`` for all shares, ``smallest`` attainable.
    :param effect: of ``TOP_MEAN``: the difference in standard deviations between the reference's heads.
    """

    share: float
    reference: float
    statistic: str
    value: float
    reference_value: float
    difference: float
    p: float
    adjusted: float
    smallest: float
    effect: Interval | None


def tail_differences(table: HeadTable, statistic: str = TOP_MEAN) -> tuple[TailDifference, ...]:
    """Each share against the lowest one; empty without a second share."""
    panel = table.panel(statistic)
    if len(panel.shares) < 2 or not panel.seeds:
        return ()
    flips: SignFlips = sign_flip_test(panel.differences()[1:])
    return tuple(
        TailDifference(
            float(share),
            float(panel.shares[0]),
            statistic,
            float(panel.means[place]),
            float(panel.means[0]),
            float(panel.means[place] - panel.means[0]),
            float(flips.p[place - 1]),
            float(flips.adjusted[place - 1]),
            flips.smallest,
            tail_effect(table, float(share), float(panel.shares[0]), panel.seeds) if statistic == TOP_MEAN else None,
        )
        for place, share in enumerate(panel.shares)
        if place
    )


def tail_effect(table: HeadTable, share: float, reference: float, seeds: tuple[str, ...]) -> Interval:
    """The standardised difference of the top heads' means, with the clustered bootstrap's interval."""
    generator = np.random.default_rng(0)
    difference, spread = np.empty((_DRAWS + 1, len(seeds))), np.empty((_DRAWS + 1, len(seeds)))
    for column, seed in enumerate(seeds):
        tails = []
        for one in (share, reference):
            chosen_on, valued_on = table.validation[one, seed], table.test[one, seed]
            drawn = generator.integers(len(chosen_on), size=(_DRAWS + 1, len(chosen_on)))
            drawn[0] = np.arange(len(chosen_on))  # the first is what was observed
            tails.append(_top_means(chosen_on[drawn], valued_on[drawn]))
            if one == reference:
                spread[:, column] = valued_on[drawn].var(axis=1)
        difference[:, column] = tails[0] - tails[1]
    chosen = generator.integers(len(seeds), size=(_DRAWS + 1, len(seeds)))
    chosen[0] = np.arange(len(seeds))
    top = np.take_along_axis(difference, chosen, axis=1).mean(axis=1)
    bottom = np.sqrt(np.take_along_axis(spread, chosen, axis=1).mean(axis=1))
    effects = top / np.where(bottom > 0, bottom, np.nan)
    low, high = (math.nan, math.nan) if len(seeds) < 2 else np.nanquantile(effects[1:], [0.025, 0.975])
    return Interval(float(effects[0]), float(low), float(high), len(seeds), EFFECT)


def _top_mean(chosen_on: Floats, valued_on: Floats) -> float:
    return float(_top_means(chosen_on[None], valued_on[None])[0])


def _top_means(chosen_on: Floats, valued_on: Floats) -> Floats:
    """Mean on test of the heads that are best on validation, row by row; both [many, heads]."""
    top = np.argsort(-chosen_on, axis=1, kind="stable")[:, : top_count(chosen_on.shape[1])]
    return np.asarray(np.take_along_axis(valued_on, top, axis=1).mean(axis=1))
