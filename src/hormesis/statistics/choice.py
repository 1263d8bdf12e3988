"""Whether the data decide for a share at a capability budget: the rule by which shares are named, and its reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hormesis.reprs import short_repr
from hormesis.statistics.best import may_be_best
from hormesis.statistics.frontier import Frontier
from hormesis.statistics.panel import Panel
from hormesis.statistics.power import minimum_detectable_effect

_LEVEL = 0.05
Frontiers = Mapping[tuple[float, str], Frontier]
"""Of each (share, seed)."""


@short_repr
@dataclass(frozen=True, eq=False)
class Choice:
    """What a complete panel says of the share to use, as :func:`~hormesis.statistics.recommend` does.

    :param candidates: which shares may be the best: bool [shares].
    :param undecided: why the data do not decide; empty if they do.
    """

    panel: Panel
    candidates: NDArray[np.bool_]
    undecided: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of lowest mean toxicity."""
        return float(self.panel.shares[self.panel.means.argmin()])

    @property
    def decided(self) -> bool:
        """Whether that share is to be used."""
        return not self.undecided

    @property
    def detectable(self) -> float:
        """The paired difference that so many seeds find with a chance of 80 %; NaN for one seed."""
        return minimum_detectable_effect(math.sqrt(2) * self.panel.spread, len(self.panel.seeds))


def choice_at(panel: Panel, frontiers: Frontiers, cost: float) -> Choice | None:
    """The choice at a capability budget; None where fewer than two shares reached it.

    :param panel: complete; toxicity at that cost.
    """
    if len(panel.shares) < 2 or not panel.seeds:
        return None
    candidates = may_be_best(panel)
    return Choice(panel, candidates, doubts(panel, candidates, frontiers, cost))


def doubts(
    panel: Panel,
    candidates: NDArray[np.bool_],
    frontiers: Frontiers,
    cost: float,
    *,
    margin: float | None = None,
    within: float = math.nan,
) -> tuple[str, ...]:
    """Why the data do not decide; empty if they do.

    :param margin: shares that differ by less are alike; None: none are.
    :param within: p that the candidates are alike (:func:`~hormesis.statistics.best.alike`).
    """
    return (*_undecided(panel, candidates, margin, within), *_lower_elsewhere(panel, frontiers, cost))


def _undecided(panel: Panel, candidates: NDArray[np.bool_], margin: float | None, within: float) -> list[str]:
    if len(panel.seeds) < 2:
        return ["one seed has a value at every share: how much chance is in it cannot be seen"]
    count, shares = int(candidates.sum()), len(candidates)
    if count == 1 or within < _LEVEL:
        return []
    which = f"all {shares} shares" if count == shares else f"{count} of {shares} shares"
    if margin is None:
        return [f"{which} may be the best; name a margin within which shares would be alike to you"]
    return [f"{which} may be the best, and that they differ by less than {margin:g} is not shown (p = {within:.2g})"]


def _lower_elsewhere(panel: Panel, frontiers: Frontiers, cost: float) -> list[str]:
    """Shares that did not reach the cost, and need not: within it they are less toxic than the best of the panel."""
    found = []
    for share in sorted({share for share, _ in frontiers} - set(panel.shares.tolist())):
        models = [frontier for (its, _), frontier in frontiers.items() if its == share]
        toxicity = np.mean([frontier.at(min(cost, frontier.range[1])).toxicity for frontier in models])
        if toxicity < panel.means.min():
            found.append(f"a share of {share:.4g}, left out, is at {toxicity:.3g} for less: name a lower cost")
    return found
